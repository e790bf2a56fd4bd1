import pytest

from runner.doctor.conflicts import conflicts
from runner.doctor.interpreter_survey import as_candidate
from runner.errors import ToolError
from runner.model.matrix import Backend, KerasApi
from tests.unit.user_files.things import surveyed

GOOD = {"tensorflow": "2.15.1", "keras": "2.15.0", "numpy": "1.26.4", "protobuf": "4.25.9"}


def codes(**packages):
    return [one.code for one in conflicts(surveyed(**packages))]


def test_versions_that_go_together_are_no_conflict():
    assert codes(**GOOD) == []
    assert codes(tensorflow="2.21.0", keras="3.15.1", numpy="2.5.5", h5py="3.14.0") == []
    assert codes(keras="3.15.1", jax="0.10.2", variables=(("KERAS_BACKEND", "jax"),)) == []


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ({"tensorflow": "2.10.0", "keras": "2.10.0", "protobuf": "4.25.3"}, "F12"),
        ({"tensorflow": "2.4.4", "h5py": "3.1.0"}, "F03"),
        ({"tensorflow": "2.15.1", "keras": "2.15.0", "numpy": "2.0.2"}, "F13"),
        ({"tensorflow": "1.15.5", "numpy": "1.21.6"}, "F13"),
        ({"tensorflow": "2.16.2", "keras": "2.15.0"}, "F13"),
        ({"tensorflow": "2.15.1", "keras": "3.3.3"}, "F16"),
        ({"keras": "2.3.1", "tensorflow": "1.15.5", "h5py": "3.1.0"}, "F03"),
    ],
)
def test_known_conflicts_are_told_by_their_class(packages, code):
    assert code in codes(**packages)


def texts(**packages):
    return " ".join(one.text for one in conflicts(surveyed(**packages)))


def test_two_kerases_and_wrong_pairs_are_told():
    assert "two Kerases" in texts(tensorflow="2.21.0", keras="3.15.1", tf_keras="2.21.0")
    assert "come in pairs" in texts(tensorflow="2.21.0", keras="3.15.1", tf_keras="2.19.0")
    assert "come in pairs" in texts(tensorflow="2.10.0", keras="2.11.0")
    assert "same folder" in texts(tensorflow="2.15.1", tensorflow_cpu="2.15.1", keras="2.15.0")


def test_a_keras_without_its_backend_and_a_python_without_keras_are_told():
    assert "no backend" in texts(keras="3.15.1", numpy="2.0.0")
    assert "neither Keras" in texts(numpy="2.0.0")


@pytest.mark.parametrize(
    ("packages", "variables", "api", "backend"),
    [
        (GOOD, (), KerasApi.TF_KERAS, Backend.TENSORFLOW),
        ({"tensorflow": "2.21.0", "keras": "3.15.1"}, (), KerasApi.KERAS, Backend.TENSORFLOW),
        ({"keras": "3.15.1", "jax": "1"}, (("KERAS_BACKEND", "jax"),), KerasApi.KERAS, Backend.JAX),
        ({"tensorflow": "2.21.0", "keras": "3.15.1", "tf_keras": "2.21.0"},
         (("TF_USE_LEGACY_KERAS", "1"),), KerasApi.TF_KERAS, Backend.TENSORFLOW),
        ({"tensorflow": "1.15.5", "keras": "2.3.1"}, (), KerasApi.KERAS, Backend.TENSORFLOW),
    ],
)  # fmt: skip
def test_a_surveyed_python_is_an_environment(packages, variables, api, backend):
    found = as_candidate(surveyed(variables=variables, **packages)).environment
    assert (found.api, found.backend) == (api, backend)


def test_a_python_without_keras_is_no_environment():
    with pytest.raises(ToolError, match="neither"):
        as_candidate(surveyed(numpy="2.0.0"))
