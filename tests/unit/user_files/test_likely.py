import pytest

from runner.model.inspection import FileFormat
from runner.plan.candidates import by_likelihood
from tests.unit.user_files.things import DEFAULT, inspection


def order(found):
    return [one.environment.id for one in by_likelihood(found, DEFAULT)]


@pytest.mark.parametrize(
    ("saver", "nearest"),
    [
        ({"keras": "3.15.0"}, "tf2.21"),
        ({"keras": "3.5.0"}, "tf2.21"),
        ({"keras": "2.15.0", "tensorflow": "2.15"}, "tf2.15"),
        ({"keras": "2.9.0", "tensorflow": "2.9"}, "tf2.10"),
        ({"keras": "2.2.4-tf", "tensorflow": "1.13 to 2.1"}, "tf1.15"),
        ({"keras": "2.2.4", "backend": "tensorflow"}, "tf1.15"),
        ({"keras": "2.1.3", "backend": "theano"}, "keras2.3.1-theano"),
        ({"keras": "1.2.1", "backend": "theano"}, "keras2.3.1-theano"),
    ],
)
def test_the_environment_nearest_to_the_saver_comes_first(saver, nearest):
    assert order(inspection(**saver))[0] == nearest


def test_a_file_of_keras_3_is_tried_in_every_keras_3_before_any_keras_2():
    assert set(order(inspection(keras="3.9.2"))[:2]) == {"tf2.21", "keras3.15-jax"}


def test_a_savedmodel_is_tried_last_where_there_is_no_tensorflow():
    found = inspection(FileFormat.SAVEDMODEL, keras="2.4.0", tensorflow="2.3.0")
    assert set(order(found)[-2:]) == {"keras2.3.1-theano", "keras3.15-jax"}


def test_nothing_known_still_gives_an_order_of_all():
    assert sorted(order(inspection())) == sorted(one.environment.id for one in DEFAULT)
