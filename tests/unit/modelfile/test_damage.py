"""A file is called damaged on proof only; one that is merely not read says what was not read."""

import io
import json
import struct
import sys
import zipfile

import h5py
import numpy as np
import pytest

from runner.modelfile import guard, limits
from runner.modelfile.inspect_file import inspect
from tests.unit.modelfile.test_look import MODEL, keras_members, write_h5, write_zip

ACCUSING = ("damaged", "truncated", "fetch it again")


def accused(found):
    """Whether anything of an inspection says that bytes were lost or changed."""
    return any(word in text.lower() for text in texts(found) for word in ACCUSING)


def texts(found):
    return [found.title, *(remark.text for remark in found.remarks)]


def ids(found):
    return [remark.id for remark in found.remarks]


def bytes_of_zip(members, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name), data, **options)
    return stream.getvalue()


def encrypted(tmp_path):
    data = bytearray(bytes_of_zip(keras_members(tmp_path)))
    for signature, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + place] |= 1
    return bytes(data)


def another_method(tmp_path):
    """Members packed with a method that no Python here knows: 98, PPMd."""
    data = bytearray(bytes_of_zip(keras_members(tmp_path)))
    for signature, place in ((b"PK\1\2", 10), (b"PK\3\4", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            struct.pack_into("<H", data, at + place, 98)
    return bytes(data)


def hdf5_with(tmp_path, add):
    path = write_h5(tmp_path / "source.h5")
    with h5py.File(path, "a") as file:
        add(file)
    return path.read_bytes()


def add_null_attribute(file):
    file.attrs["of-matlab"] = h5py.Empty("f8")


def add_bit_field(file):
    """A type without a NumPy equivalent, as other programs write it."""
    space = h5py.h5s.create_simple((3,))
    h5py.h5d.create(file.id, b"flags", h5py.h5t.STD_B8LE, space)


def behind_a_user_block(tmp_path):
    path = tmp_path / "block.h5"
    with h5py.File(path, "w", userblock_size=8192) as file:
        file.attrs["model_config"] = json.dumps(MODEL)
        file.create_group("model_weights").attrs["layer_names"] = np.array([b"out"])
    return path.read_bytes()


def config_too_large(tmp_path):
    large = json.dumps({**MODEL, "padding": "ä" * (limits.CONFIG_BYTES // 2)}, ensure_ascii=False)
    return large.encode()


VALID = {
    "encrypted zip": encrypted,
    "zip with another method": another_method,
    "zip with something behind it": lambda p: bytes_of_zip(keras_members(p)) + b"x" * 70_000,
    "zip of no JSON": lambda p: bytes_of_zip({**keras_members(p), "config.json": "{'a': 1}"}),
    "zip of a list": lambda p: bytes_of_zip({**keras_members(p), "config.json": "[1]"}),
    "zip without config": lambda p: bytes_of_zip({"metadata.json": "{}"}),
    "hdf5 with a null attribute": lambda p: hdf5_with(p, add_null_attribute),
    "hdf5 with a bit field": lambda p: hdf5_with(p, add_bit_field),
    "hdf5 behind a user block": behind_a_user_block,
    "an INI file": lambda _: b"[model]\nname = mine\n",
    "JSON with a comment": lambda _: b'{"class_name": "Model", // mine\n"config": {}}',
    "large JSON": config_too_large,
    "YAML with a tab": lambda _: b"class_name: Sequential\n\tconfig: {}\n",
    "XML": lambda _: b'<?xml version="1.0"?>\n<net name="openvino" version="11"></net>',
    "a message like a graph": lambda _: b"\x0a\x08\x0a\x02ab\x12\x02cd\xff\xff",
    "a message with a group": lambda _: b"\x0a\x08\x0a\x02ab\x12\x02cd\x0b\x0c",
    "zeros first": lambda _: b"\0" * 8192 + b"numbers of some device",
}


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.bin"])
def test_a_valid_file_that_is_not_read_is_never_called_damaged(tmp_path, kind, name):
    (tmp_path / "source").mkdir()
    path = tmp_path / name
    path.write_bytes(VALID[kind](tmp_path / "source"))
    found = inspect(path)
    assert not accused(found), texts(found)
    assert found.remarks or found.architecture


@pytest.mark.parametrize("name", ["CONFIG_BYTES", "ATTRIBUTE_BYTES", "OBJECTS", "MEMBERS"])
@pytest.mark.parametrize("write", [write_h5, lambda p: write_zip(p, keras_members(p.parent))])
def test_a_bound_that_is_reached_is_not_damage(tmp_path, monkeypatch, name, write):
    path = write(tmp_path / "model.h5")
    monkeypatch.setattr(limits, name, 1)
    assert not accused(inspect(path)), texts(inspect(path))


def test_a_saved_model_with_fields_that_are_not_read_is_not_called_damaged(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x04\x0b\x0c\x0b\x0c")
    found = inspect(tmp_path)
    assert not accused(found), texts(found)
    assert "not-read" in ids(found)


def flipped_in(member):
    def damage(data, tmp_path):
        inside = keras_members(tmp_path)[member]
        inside = inside if isinstance(inside, bytes) else inside.encode()
        at = data.index(inside) + len(inside) // 2
        return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]

    return damage


PROVED = {
    "cut zip": ("truncated", lambda data, _: data[: len(data) // 2]),
    "config with a wrong checksum": ("damaged", flipped_in("config.json")),
}


@pytest.mark.parametrize("kind", PROVED)
def test_proof_of_damage_in_a_zip_is_told(tmp_path, kind):
    expected, damage = PROVED[kind]
    path = write_zip(tmp_path / "model.keras", keras_members(tmp_path))
    path.write_bytes(damage(path.read_bytes(), tmp_path))
    found = inspect(path)
    assert [remark.id for remark in found.problems] == [expected]
    assert "fetch it again" in found.problems[0].text


def test_weights_that_hdf5_refuses_are_damaged_only_with_a_wrong_checksum(tmp_path):
    members = {**keras_members(tmp_path), "model.weights.h5": b"\x89HDF\r\n\x1a\n" + b"?" * 500}
    path = write_zip(tmp_path / "model.keras", members)
    assert [remark.id for remark in inspect(path).problems] == ["not-readable"]
    data = path.read_bytes()
    at = data.index(b"?" * 500)
    path.write_bytes(data[:at] + b"!" + data[at + 1 :])
    assert [remark.id for remark in inspect(path).problems] == ["damaged"]


@pytest.mark.parametrize("end", ['{"class_name": "Seq', '{"class_name":', "[1, 2", '{"a": "\\'])
def test_json_that_ends_in_its_middle_is_truncated(tmp_path, end):
    path = tmp_path / "model.json"
    path.write_text(end)
    assert [remark.id for remark in inspect(path).problems] == ["truncated"]


def test_a_message_that_ends_inside_a_field_is_damaged(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x7f\x0a")
    assert "damaged" in ids(inspect(tmp_path))


def test_a_reader_that_dies_proves_nothing(tmp_path, monkeypatch):
    path = write_h5(tmp_path / "model.h5")
    inspector = guard.Inspector()
    monkeypatch.setattr(inspector, "_ask", lambda _: None)
    found = inspector.inspect(path)
    inspector.close()
    assert [remark.id for remark in found.problems] == ["unreadable"]
    assert not accused(found), texts(found)


@pytest.mark.parametrize("answer", [{"failed": "KeyError: 'x'"}, {"inspection": {"format": 3}}])
def test_a_fault_of_kmatrix_is_not_one_of_the_file(tmp_path, monkeypatch, answer):
    inspector = guard.Inspector()
    monkeypatch.setattr(inspector, "_ask", lambda _: answer)
    found = inspector.inspect(write_h5(tmp_path / "model.h5"))
    inspector.close()
    assert "report" in found.problems[0].text
    assert not accused(found), texts(found)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be opened as a file there")
def test_an_error_of_the_disk_is_not_one_of_the_file(tmp_path, monkeypatch):
    from runner.modelfile import inspect_file

    def fails(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(inspect_file, "read_zip", fails)
    found = inspect(write_zip(tmp_path / "model.keras", keras_members(tmp_path)))
    assert "Input/output error" in found.problems[0].text
    assert not accused(found), texts(found)
