"""``inspect`` on saved models by other people, against what their manifest states."""

import pytest

from runner.model.inspection import FileFormat
from runner.modelfile.inspect_file import inspect

FORMATS = {
    "h5-model": FileFormat.H5,
    "h5-weights": FileFormat.LEGACY_WEIGHTS,
    "weights.h5-v3": FileFormat.WEIGHTS_H5,
    "keras-zip": FileFormat.KERAS,
    "json-arch": FileFormat.JSON,
    "json-arch-0.x": FileFormat.JSON,
    "yaml-arch": FileFormat.YAML,
    "saved_model": FileFormat.SAVEDMODEL,
    "tf-checkpoint": FileFormat.CHECKPOINT,
}
SAVER = {
    "keras_version": "keras",
    "backend": "backend",
    "tf_version": "tensorflow",
    "tf_git": "tensorflow_git",
    "date_saved": "saved",
}


def test_its_format_is_what_the_manifest_states(unit):
    assert inspect(unit.path).format is FORMATS[unit.data["format"]]


def test_its_saver_is_what_the_manifest_states(unit):
    saver = inspect(unit.path).saver
    stated = unit.data["saver"]
    assert {name: getattr(saver, SAVER[name]) for name in stated} == stated


def test_its_layers_are_those_of_the_manifest(unit):
    stated = unit.data["layers"]
    if stated is None:
        return
    found = dict(inspect(unit.path).architecture.layers)
    if "InputLayer" not in stated:  # the manifest left out some that are in the file
        found.pop("InputLayer", None)
    assert found == stated


def test_it_asks_for_the_custom_classes_of_the_manifest(unit):
    asked = {custom.key for custom in inspect(unit.path).custom}
    # The manifest names a registered class twice: bare, and with its package.
    stated = {name for name in unit.data["custom"] if name in asked or ">" in name}
    bare = {name.rpartition(">")[2] for name in asked}
    assert stated <= asked
    assert set(unit.data["custom"]) <= asked | bare


def test_a_stored_lambda_is_code_it_would_run(unit):
    found = inspect(unit.path)
    assert any(item.kind == "bytecode" for item in found.code) is unit.data["lambda"]


@pytest.mark.parametrize("name", ["bytes"])
def test_its_size_is_that_of_the_manifest(unit, name):
    if unit.path.is_file():
        assert getattr(inspect(unit.path), name) == unit.data[name]


def test_no_file_that_somebody_uses_is_called_damaged(unit):
    """All of them load in some environment: what inspect cannot read, it must not accuse."""
    found = inspect(unit.path)
    words = [found.title, *(remark.text for remark in found.remarks)]
    assert not [text for text in words if "damaged" in text or "fetch it again" in text]
