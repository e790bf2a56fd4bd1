import base64
import json
import marshal
import os
import pickle
import struct
import zipfile

import h5py
import numpy as np
import pytest

from runner.model.inspection import FileFormat, Level
from runner.modelfile import limits
from runner.modelfile.inspect_file import NoFile, inspect

MODEL = {
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "source"},
            },
            {"class_name": "Dense", "config": {"name": "out", "units": 2, "activation": "relu"}},
        ],
    },
}


def problems(inspection):
    return [remark.id for remark in inspection.problems]


def remarks(inspection):
    return {remark.id for remark in inspection.remarks}


def write_h5(path, config=MODEL, keras="2.9.0", weights=True, **attributes):
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = keras
        file.attrs["backend"] = attributes.pop("backend", "tensorflow")
        for name, value in attributes.items():
            file.attrs[name] = value
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"out"])
        if weights:
            group.create_dataset("out/out/kernel:0", data=np.zeros((4, 2), "float32"))
            group.create_dataset("out/out/bias:0", data=np.zeros(2, "float32"))
    return path


def write_zip(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def keras_members(tmp_path, config=None, version="3.9.2"):
    weights = tmp_path / "weights-for-the-zip.h5"
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((4, 2), "float32"))
        file.create_dataset("optimizer/vars/0", data=np.zeros((), "int64"))
    metadata = {"keras_version": version, "date_saved": "2025-05-19@18:57:43"}
    return {
        "metadata.json": json.dumps(metadata),
        "config.json": json.dumps(config or MODEL),
        "model.weights.h5": weights.read_bytes(),
    }


def test_a_whole_model_in_hdf5_tells_everything_about_itself(tmp_path):
    found = inspect(write_h5(tmp_path / "model.h5"))
    assert found.format is FileFormat.H5
    assert (found.saver.keras, found.saver.backend) == ("2.9.0", "tensorflow")
    assert found.saver.tensorflow == "2.9"
    assert found.architecture.layers == (("Sequential", 1), ("InputLayer", 1), ("Dense", 1))
    assert found.architecture.inputs[0].shape == (None, 4)
    assert found.architecture.outputs[0].shape == (None, 2)
    assert (found.weights.parameters, found.weights.arrays) == (10, 2)
    assert found.problems == ()


def test_a_keras_zip_tells_version_date_and_training_state(tmp_path):
    found = inspect(write_zip(tmp_path / "model.keras", keras_members(tmp_path)))
    assert found.format is FileFormat.KERAS
    assert (found.saver.keras, found.saver.saved) == ("3.9.2", "2025-05-19@18:57:43")
    assert (found.weights.parameters, found.weights.training_arrays) == (8, 1)
    assert found.problems == ()


def test_compressed_members_are_read_as_well(tmp_path):
    path = write_zip(tmp_path / "m.keras", keras_members(tmp_path), zipfile.ZIP_DEFLATED)
    assert inspect(path).weights.parameters == 8


def test_the_bytes_decide_and_a_misleading_name_is_said(tmp_path):
    zipped = inspect(write_zip(tmp_path / "model.h5", keras_members(tmp_path)))
    hdf5 = inspect(write_h5(tmp_path / "model.keras"))
    assert zipped.format is FileFormat.KERAS
    assert hdf5.format is FileFormat.H5
    assert "misnamed" in remarks(zipped) & remarks(hdf5)


def test_a_git_lfs_pointer_says_how_large_the_file_is(tmp_path):
    path = tmp_path / "model.h5"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 97650\n")
    found = inspect(path)
    assert found.format is FileFormat.LFS_POINTER
    assert "97.7 kB" in found.problems[0].text
    assert "git lfs pull" in found.problems[0].text


def test_a_web_page_is_named_by_its_title(tmp_path):
    path = tmp_path / "model.h5"
    path.write_text("\n <!DOCTYPE html><html><head><title>Page not found</title></head></html>")
    found = inspect(path)
    assert found.format is FileFormat.HTML
    assert "Page not found" in found.problems[0].text


@pytest.mark.parametrize("content", [b"", b"\0" * 5000])
def test_an_empty_file_is_empty(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert problems(inspect(path)) == ["empty"]


def test_a_truncated_hdf5_says_how_much_of_it_is_there(tmp_path):
    path = write_h5(tmp_path / "model.h5")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = inspect(path)
    assert problems(found) == ["truncated"]
    assert f"{len(whole):,}" in found.problems[0].text


def test_a_truncated_zip_still_tells_who_wrote_it(tmp_path):
    path = write_zip(tmp_path / "model.keras", keras_members(tmp_path))
    path.write_bytes(path.read_bytes()[:-300])
    found = inspect(path)
    assert problems(found) == ["truncated"]
    assert found.saver.keras == "3.9.2"
    assert found.architecture.class_name == "Sequential"


def test_weights_only_and_the_layout_that_its_name_denies(tmp_path):
    legacy = tmp_path / "model.weights.h5"
    with h5py.File(legacy, "w") as file:
        file.attrs["layer_names"] = np.array([b"dense"])
        file.create_dataset("dense/kernel:0", data=np.zeros((4, 2), "float32"))
    new = tmp_path / "model.h5"
    with h5py.File(new, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((4, 2), "float32"))
    assert inspect(legacy).format is FileFormat.LEGACY_WEIGHTS
    assert {"weights-only", "legacy-layout"} <= remarks(inspect(legacy))
    assert inspect(new).format is FileFormat.WEIGHTS_H5
    assert {"weights-only", "new-layout"} <= remarks(inspect(new))


def test_an_hdf5_file_of_somebody_else_is_not_keras(tmp_path):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("pixels", data=np.zeros(4))
    assert problems(inspect(path)) == ["not-keras"]


def test_a_model_without_its_weights_has_a_problem(tmp_path):
    members = keras_members(tmp_path)
    del members["model.weights.h5"]
    assert problems(inspect(write_zip(tmp_path / "m.keras", members))) == ["no-weights"]


def test_an_architecture_in_json_even_encoded_twice(tmp_path):
    once, twice = tmp_path / "once.json", tmp_path / "twice.json"
    once.write_text(json.dumps({**MODEL, "keras_version": "2.1.4", "backend": "theano"}))
    twice.write_text(json.dumps(json.dumps({**MODEL, "keras_version": "2.1.4"})))
    assert inspect(once).saver.backend == "theano"
    assert "json-twice" in remarks(inspect(twice))
    assert inspect(twice).saver.keras == "2.1.4"


def test_json_that_is_no_model_says_so(tmp_path):
    path = tmp_path / "history.json"
    path.write_text('{"loss": [1, 2]}')
    assert problems(inspect(path)) == ["not-a-model"]


def test_a_pickle_names_its_modules_and_is_never_unpickled(tmp_path):
    mark = tmp_path / "it-ran"

    class Bad:
        def __reduce__(self):
            return os.mkdir, (str(mark),)

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Bad()))
    found = inspect(path)
    assert found.format is FileFormat.PICKLE
    assert "posix.mkdir" in found.code[0].detail
    assert not mark.exists()


def lambda_config(function):
    layer = {
        "class_name": "Lambda",
        "config": {"name": "double", "function": function, "function_type": "lambda"},
    }
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}


def test_stored_bytecode_is_found_with_its_python_and_never_loaded(tmp_path):
    code = base64.b64encode(marshal.dumps((lambda x: x * 2).__code__)).decode()
    found = inspect(write_h5(tmp_path / "m.h5", lambda_config([code, None, None])))
    assert [item.kind for item in found.code] == ["bytecode"]
    assert found.saver.python == "3.11 or 3.12"
    assert found.runs_code


def test_garbage_in_place_of_bytecode_is_still_code(tmp_path):
    found = inspect(write_h5(tmp_path / "m.h5", lambda_config(["!!!", None, None])))
    assert [item.kind for item in found.code] == ["bytecode"]


def test_an_unsafe_yaml_tag_is_named_and_never_constructed(tmp_path):
    mark = tmp_path / "it-ran"
    path = tmp_path / "model.yaml"
    path.write_text(
        "class_name: Sequential\nconfig:\n"
        f"- class_name: !!python/object/apply:os.mkdir ['{mark}']\n"
        "  config: {batch_input_shape: !!python/tuple [null, 4], units: 3}\n"
    )
    found = inspect(path)
    assert [item.kind for item in found.code] == ["yaml tag"]
    assert not mark.exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 1 << 20)
    members = keras_members(tmp_path)
    members["model.weights.h5"] = b"\x89HDF\r\n\x1a\n" + b"\0" * (4 << 20)
    path = write_zip(tmp_path / "m.keras", members, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    found = inspect(path)
    assert "weights-not-read" in remarks(found)


def test_a_config_that_unpacks_to_too_much_is_not_read(tmp_path):
    members = keras_members(tmp_path)
    members["config.json"] = b" " * (limits.CONFIG_BYTES + 2)
    found = inspect(write_zip(tmp_path / "m.keras", members, zipfile.ZIP_DEFLATED))
    assert "too-much" in problems(found)


def test_a_member_that_leads_outside_is_a_problem(tmp_path):
    members = {**keras_members(tmp_path), "../../etc/cron.d/x": "x"}
    assert "unsafe-member" in problems(inspect(write_zip(tmp_path / "m.keras", members)))


def test_deep_json_is_bounded(tmp_path):
    path = tmp_path / "m.json"
    path.write_text("[" * 500_000)
    assert problems(inspect(path))
    nested = '{"class_name": "Model", "config": ' * 5000 + "1" + "}" * 5000
    path.write_text(nested)
    assert inspect(path).format is FileFormat.JSON


def test_a_yaml_of_laughs_is_bounded(tmp_path):
    lines = ["class_name: Sequential", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path = tmp_path / "m.yaml"
    path.write_text("\n".join([*lines, "config: {layers: *a11}"]))
    assert "config-too-large" in remarks(inspect(path))


def test_absurd_shapes_are_told_and_nothing_is_allocated(tmp_path):
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.create_dataset("model_weights/big", (1 << 40, 1 << 10), dtype="f4", chunks=(1, 1))
    assert "absurd-shape" in problems(inspect(path))


def test_links_are_told_and_not_followed(tmp_path):
    secret = tmp_path / "secret.h5"
    write_h5(secret)
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file["model_weights/outside"] = h5py.ExternalLink(str(secret), "/")
        file["model_weights/around"] = file["model_weights"]  # a cycle
    found = inspect(path)
    assert "links" in remarks(found)
    assert found.weights.arrays == 2


def test_control_characters_of_a_file_never_reach_the_terminal(tmp_path):
    config = json.loads(json.dumps(MODEL))
    config["config"]["layers"][1]["class_name"] = "Evil\x1b[2J\nDense"
    found = inspect(write_h5(tmp_path / "m.h5", config))
    assert found.custom[0].key.isprintable()


def test_what_is_no_file_is_the_callers_mistake(tmp_path):
    with pytest.raises(NoFile):
        inspect(tmp_path / "nothing.h5")
    with pytest.raises(NoFile):
        inspect(tmp_path / ("x" * 50 + "/y"))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\0\0TFL3" + b"\1" * 20, FileFormat.TFLITE),
        (b"\x93NUMPY\1\0", FileFormat.NUMPY),
        (b"\x1f\x8b\x08" + b"\1" * 20, FileFormat.ARCHIVE),
        (b"\xde\xad\xbe\xef" * 10, FileFormat.UNKNOWN),
        (b"hello, this is a text", FileFormat.TEXT),
    ],
)
def test_other_kinds_of_files_are_told_apart(tmp_path, head, expected):
    path = tmp_path / "model.h5"
    path.write_bytes(head)
    found = inspect(path)
    assert found.format is expected
    assert found.problems


def test_a_zip_around_a_model_is_to_be_unpacked(tmp_path):
    found = inspect(write_zip(tmp_path / "m.zip", {"a/saved_model.pb": b"", "readme": b""}))
    assert problems(found) == ["packed"]


def test_a_theano_model_with_convolutions_is_a_trap(tmp_path):
    config = json.loads(json.dumps(MODEL))
    config["config"]["layers"][1] = {
        "class_name": "Conv1D",
        "config": {"name": "c", "filters": 2, "kernel_size": [3]},
    }
    theano = inspect(write_h5(tmp_path / "t.h5", config, keras="2.2.4", backend="theano"))
    other = inspect(write_h5(tmp_path / "o.h5", config, keras="2.2.4"))
    assert "theano-kernels" in remarks(theano)
    assert "theano-kernels" not in remarks(other)
    assert all(r.level is Level.TRAP for r in theano.remarks if r.id == "theano-kernels")


def test_a_damaged_superblock_is_damage_and_no_crash(tmp_path):
    path = write_h5(tmp_path / "m.h5")
    data = bytearray(path.read_bytes())
    struct.pack_into("<Q", data, 24, 1 << 60)
    path.write_bytes(data)
    assert problems(inspect(path)) == ["damaged"]


def test_a_member_without_a_name_is_no_reason_to_fail(tmp_path):
    path = write_zip(tmp_path / "m.keras", {**keras_members(tmp_path), "xyz": "1"})
    data = path.read_bytes().replace(b"xyz", b"\0yz")  # zipfile cuts names at a zero byte
    path.write_bytes(data)
    assert inspect(path).format is FileFormat.KERAS
