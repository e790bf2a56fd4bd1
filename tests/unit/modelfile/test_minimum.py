import pytest

from runner.modelfile.architecture.minimum import generation_of, minimum_loaders, tensorflow_of


def versions(keys, generation, **more):
    return [one.version for one in minimum_loaders(keys, generation=generation, **more)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"Dense": {"units"}}, ["3.0"]),
        ({"Dense": {"quantization_config"}}, ["3.13", "3.0"]),
        ({"BatchNormalization": {"renorm"}, "Dense": {"quantization_config"}},
         ["3.14", "3.13", "3.0"]),
        ({"GlorotUniform": {"seed", "input_axes", "output_axes"}}, ["3.15", "3.0"]),
        ({"Orthogonal": {"gain"}}, ["3.5", "3.0"]),
    ],
)  # fmt: skip
def test_keys_of_keras_3_date_a_config(keys, expected):
    assert versions(keys, 3) == expected


def test_keys_of_keras_2_are_dated_by_tensorflow_and_the_format_too():
    keys = {"Functional": set(), "Conv2D": {"groups"}, "InputLayer": {"ragged"}}
    assert versions(keys, 2) == ["2.3", "1.15"]
    assert versions({}, 2, zipped=True) == ["2.12"]


def test_a_config_of_unknown_age_needs_nothing():
    assert versions({"Dense": {"quantization_config"}}, None) == []
    assert versions({"Dense": {"quantization_config"}}, 1) == []


def test_the_reason_names_class_and_key():
    least = minimum_loaders({"Dense": {"quantization_config"}}, generation=3)[0]
    assert (least.package, least.because) == ("keras", "Dense.quantization_config")


@pytest.mark.parametrize(
    ("keras", "generation", "tensorflow"),
    [
        ("2.2.4-tf", 2, "1.13 to 2.1"),
        ("2.3.0-tf", 2, "2.2"),
        ("2.4.0", 2, "2.3 or 2.4"),
        ("2.9.0", 2, "2.9"),
        ("2.15.0", 2, "2.15"),
        ("2.2.4", 2, None),
        ("3.15.1", 3, None),
        ("1.1.0", 1, None),
        ("nonsense", None, None),
        (None, None, None),
    ],
)
def test_versions_as_files_have_them(keras, generation, tensorflow):
    assert generation_of(keras) == generation
    assert tensorflow_of(keras) == tensorflow
