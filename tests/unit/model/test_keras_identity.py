"""Which Keras an environment uses, from its lock and from what its worker reports."""

from dataclasses import replace

import pytest

from runner.config.matrix_file import load_matrix
from runner.environments.locks import read_lock
from runner.model.keras_identity import (
    KerasKind,
    identity_from_modules,
    identity_from_packages,
    keras_packages,
    kind_of,
)
from runner.model.matrix import Backend, KerasApi
from runner.paths import MATRIX
from tests.unit.factories import environment

ENVIRONMENT = environment("a")


def of(api, **changes):
    return replace(ENVIRONMENT, api=api, **changes)


TF_KERAS, KERAS = of(KerasApi.TF_KERAS), of(KerasApi.KERAS)
LEGACY = of(KerasApi.TF_KERAS, legacy_keras=True)


@pytest.mark.parametrize(
    ("where", "packages", "version", "generation"),
    [
        (TF_KERAS, {"tensorflow": "1.15.5"}, "2.2.4-tf", 2),
        (TF_KERAS, {"tensorflow": "2.1.4"}, "2.2.4-tf", 2),
        (TF_KERAS, {"tensorflow-cpu": "2.2.3"}, "2.3.0-tf", 2),
        (TF_KERAS, {"tensorflow": "2.4.4"}, "2.4.0", 2),
        (TF_KERAS, {"tensorflow": "2.5.3"}, "2.5.0", 2),
        (TF_KERAS, {"tensorflow-macos": "2.10.0", "keras": "2.10.0"}, "2.10.0", 2),
        (TF_KERAS, {"tensorflow": "2.16.1", "keras": "3.0.5"}, "3.0.5", 3),
        (KERAS, {"keras": "2.3.1", "theano": "1.0.5"}, "2.3.1", 2),
        (KERAS, {"keras": "3.15.1", "jax": "0.12"}, "3.15.1", 3),
        (KERAS, {"Keras_Nightly": "3.16.0.dev1", "tf_nightly_cpu": "2.22.0.dev1"},
         "3.16.0.dev1", 3),
        (LEGACY, {"tensorflow": "2.19.0", "keras": "3.9.0", "tf_keras": "2.19.0"}, "2.19.0", 2),
    ],
)  # fmt: skip
def test_a_lock_tells_the_version_and_the_generation(where, packages, version, generation):
    found = identity_from_packages(where, packages)
    assert (found.version, found.generation) == (version, generation)


@pytest.mark.parametrize(
    "name", ["tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "tf_nightly_cpu"]
)
def test_tensorflow_is_found_by_each_name_of_its_package(name):
    assert keras_packages({"numpy": "2", name: "2.21.0"}).tensorflow == "2.21.0"


def test_the_lock_of_the_nightly_environment_has_a_keras_and_a_tensorflow():
    matrix = load_matrix(MATRIX)
    (nightly,) = (item for item in matrix.environments if item.id.startswith("nightly"))
    lock = read_lock(MATRIX.parent, nightly.installation)
    found = identity_from_packages(nightly, dict(lock.packages))
    assert found.keras3
    assert found.version.startswith("3.")
    assert found.tensorflow.startswith("2.")


def test_every_environment_of_the_matrix_has_a_keras():
    for item in load_matrix(MATRIX).environments:
        packages = dict(read_lock(MATRIX.parent, item.installation).packages)
        found = identity_from_packages(item, packages)
        assert found.version is not None, item.id
        assert (found.tensorflow is not None) is (item.backend is Backend.TENSORFLOW) or (
            found.keras3
        ), item.id


def test_what_a_worker_reports_goes_before_the_packages():
    found = identity_from_modules(
        LEGACY,
        {"keras": "3.9.0", "tf_keras": "2.19.1", "tensorflow": "2.19.0"},
        {"tf-keras": "2.19.0"},
    )
    assert (found.version, found.generation, found.legacy) == ("2.19.1", 2, "2.19.1")


def test_keras_2_beside_keras_3_is_found_although_it_was_not_imported():
    versions = {"keras": "3.9.0", "tensorflow": "2.19.0"}
    found = identity_from_modules(KERAS, versions, {"tf-keras": "2.19.0"})
    assert (found.version, found.keras3, found.legacy) == ("3.9.0", True, "2.19.0")


def test_the_keras_inside_tensorflow_is_known_although_it_does_not_state_a_version():
    assert identity_from_modules(TF_KERAS, {"tensorflow": "2.14.1"}, {}).version == "2.14.0"
    assert identity_from_modules(TF_KERAS, {"keras": "0", "tensorflow": "2.4.4"}, {}).version == (
        "2.4.0"
    )


@pytest.mark.parametrize(
    ("keras", "tensorflow", "generation"),
    [
        ("2.2.4", "", "keras-2.2"),
        ("2.2.4-tf", "1.15.5", "keras-2.2"),
        ("2.2.4-tf", "2.0.4", "tf-2"),
        ("2.3.0-tf", "2.2.3", "tf-2"),
        ("2.3.1", "", "keras-2.3"),
        ("2.10.0", "2.10.0", "tf-2"),
        ("3.15.1", "", "tf-2"),
    ],
)
def test_the_default_arguments_of_recurrent_layers_go_by_keras_and_tensorflow(
    keras, tensorflow, generation
):
    found = identity_from_modules(KERAS, {"keras": keras, "tensorflow": tensorflow}, {})
    assert found.recurrent_defaults == generation


@pytest.mark.parametrize(
    ("version", "three"), [("3.0.5", True), ("2.2.4-tf", False), ("2.15.0", False)]
)
def test_keras_3_is_known_by_its_version(version, three):
    assert identity_from_modules(KERAS, {"keras": version}, {}).keras3 is three


@pytest.mark.parametrize(
    ("version", "old"), [("2.9.0", True), ("2.11.0", True), ("2.12.0", False), ("3.0.0", False)]
)
def test_the_layout_of_weights_changed_with_keras_2_12(version, old):
    found = identity_from_modules(KERAS, {"keras": version}, {})
    assert found.writes_legacy_weights is old


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("2.3.1", KerasKind.MULTI_BACKEND),
        ("2.4.3", KerasKind.TENSORFLOW),
        ("2.15.0", KerasKind.TENSORFLOW),
        ("3.0.0", KerasKind.KERAS3),
    ],
)
def test_the_kind_of_the_package_keras(version, kind):
    assert kind_of(version) is kind
