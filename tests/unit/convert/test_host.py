"""The host's side: refusals, names, YAML, comparison, copies."""

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from runner.convert.conversion import NewFormat, Source
from runner.convert.naming import format_of, new_path, pair_up, sources_in, unpacked
from runner.convert.readable_copy import with_own_separators, without_training_settings
from runner.convert.refusals import refusal
from runner.convert.verification import compare_predictions
from runner.errors import ToolError
from runner.model.inspection import CodeItem, FileFormat, Inspection
from runner.model.matrix import Tolerance
from runner.modelfile.formats.parse import yaml_as_json


def inspection(found=FileFormat.H5, **rest):
    return Inspection(path="m", format=found, title="a thing", bytes=1, **rest)


def test_a_pickle_is_never_converted_and_the_reason_is_given():
    assert "runs code" in refusal(inspection(FileFormat.PICKLE), trusted=True)


def test_a_file_that_runs_code_needs_trust():
    code = (CodeItem(kind="bytecode", where="Lambda", detail=""),)
    assert "--trust" in refusal(inspection(code=code), trusted=False)
    assert refusal(inspection(code=code), trusted=True) is None


def test_weights_alone_stay_weights_and_an_architecture_stays_one():
    wanted = NewFormat.KERAS
    alone = Source(path=Path("w.h5"))
    assert format_of(alone, inspection(FileFormat.LEGACY_WEIGHTS), wanted) is NewFormat.WEIGHTS_H5
    assert format_of(alone, inspection(FileFormat.JSON), wanted) is NewFormat.JSON
    both = Source(path=Path("m.json"), weights=Path("w.h5"))
    assert format_of(both, inspection(FileFormat.JSON), wanted) is NewFormat.KERAS


def test_a_checkpoint_is_a_model_where_it_keeps_a_configuration(tmp_path):
    index = tmp_path / "cp.ckpt.index"
    index.write_bytes(b"...layer-0/.ATTRIBUTES/VARIABLE_VALUE")
    source, found = Source(path=tmp_path), inspection(FileFormat.CHECKPOINT)
    assert format_of(source, found, NewFormat.KERAS) is NewFormat.WEIGHTS_H5
    index.write_bytes(b".../.ATTRIBUTES/OBJECT_CONFIG_JSON")
    assert format_of(source, found, NewFormat.KERAS) is NewFormat.KERAS


def test_a_zip_with_one_model_is_that_model(tmp_path):
    path = tmp_path / "converted_keras.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../keras_model.h5", b"model")
        archive.writestr("labels.txt", b"0 cat")
    found = unpacked(Source(path=path), tmp_path / "in")
    assert found.path == tmp_path / "in" / "keras_model.h5"
    assert [one.name for one in (tmp_path / "in").iterdir()] == ["keras_model.h5"]


def test_a_zip_with_two_models_stays_a_zip(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.h5", b"1")
        archive.writestr("b.h5", b"2")
    assert unpacked(Source(path=path), tmp_path / "in") == Source(path=path)


def test_an_architecture_and_its_weights_are_one_source(tmp_path):
    one, two = tmp_path / "m.json", tmp_path / "w.h5"
    assert pair_up([one, two]) == [Source(path=one, weights=two)]
    assert len(pair_up([two, one])) == 2


def test_a_folder_gives_its_saved_models_and_an_empty_one_an_error(tmp_path):
    for name in ("a.h5", "b.txt", ".c.h5"):
        (tmp_path / name).touch()
    assert [path.name for path in sources_in(tmp_path)] == ["a.h5"]
    (tmp_path / "a.h5").unlink()
    with pytest.raises(ToolError, match="no saved model"):
        sources_in(tmp_path)


def test_the_new_name_has_the_target_in_it(tmp_path):
    source = Source(path=tmp_path / "old.h5")
    made = new_path(source, inspection(), NewFormat.KERAS, "tf2.21", None, many=False)
    assert made == tmp_path / "old.tf2.21.keras"
    named = tmp_path / "mine.keras"
    made = new_path(source, inspection(), NewFormat.KERAS, "tf2.21", named, many=False)
    assert made == named


def test_yaml_with_tuples_of_python_becomes_json():
    digest, text = yaml_as_json("class_name: Sequential\nsize: !!python/tuple [1, 2]\n")
    assert json.loads(text)["size"] == [1, 2]
    assert len(digest) == 64


def test_yaml_that_would_make_an_object_is_not_read():
    assert yaml_as_json("a: !!python/object/apply:os.system ['true']") is None


def npz(path, *arrays):
    np.savez(path, **{f"y{number}": one for number, one in enumerate(arrays)})
    return path


@pytest.mark.parametrize(
    ("other", "equal"), [([1.0, 2.0], True), ([1.0, 2.01], False), ([1.0, np.nan], False)]
)
def test_predictions_are_compared_within_tolerance(tmp_path, other, equal):
    first = npz(tmp_path / "a.npz", np.array([1.0, 2.0]))
    second = npz(tmp_path / "b.npz", np.array(other))
    assert compare_predictions(first, second, Tolerance()).equal is equal


def test_other_shapes_are_other_predictions(tmp_path):
    first = npz(tmp_path / "a.npz", np.zeros((2, 2)))
    second = npz(tmp_path / "b.npz", np.zeros((2, 3)))
    assert "shape" in compare_predictions(first, second, Tolerance()).reason


def archive(path, names):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as stream:
        for number, name in enumerate(names):
            stream.create_group(name).create_group("vars")["0"] = np.array(number)
    with zipfile.ZipFile(path, "w") as found:
        found.writestr("config.json", "{}")
        found.writestr("model.weights.h5", buffer.getvalue())


def test_a_copy_has_this_systems_separators_and_the_numbers_of_later_releases(tmp_path):
    path, new = tmp_path / "old.keras", tmp_path / "new.keras"
    old = "_layer_checkpoint_dependencies\\dense"
    archive(path, [old, f"{old}_2", f"{old}_10"])
    assert with_own_separators(path, new)
    with zipfile.ZipFile(new) as found, h5py.File(io.BytesIO(found.read("model.weights.h5"))) as h5:
        assert int(h5["layers/dense_2/vars/0"][()]) == 2


def test_a_file_without_backslashes_needs_no_copy(tmp_path):
    archive(tmp_path / "old.keras", ["layers/dense"])
    assert not with_own_separators(tmp_path / "old.keras", tmp_path / "new.keras")


def test_a_copy_of_keras_1_has_no_regularizer_and_the_original_keeps_it(tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    dense = {"name": "t", "output_dim": 2, "W_regularizer": {"name": "L2", "l2": 1}}
    config = {"config": [{"class_name": "TimeDistributedDense", "config": dense}]}
    with h5py.File(path, "w") as stream:
        stream.attrs["model_config"] = json.dumps(config)
    before = path.read_bytes()
    assert without_training_settings(path, new)
    assert path.read_bytes() == before
    with h5py.File(new) as stream:
        made = json.loads(stream.attrs["model_config"])["config"][0]
    assert made["class_name"] == "TimeDistributed"
    assert made["config"]["layer"]["config"]["W_regularizer"] is None
