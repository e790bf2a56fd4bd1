import hashlib
import json

import numpy as np
import pytest

from runner.errors import ToolError
from runner.model.builds import Lock, LockState
from runner.model.finding import Verdict
from runner.model.inspection import FileFormat
from runner.model.keras_identity import identity_from_packages
from runner.model.matrix import Format
from runner.model.user_file import FileAttempt, FileCell
from runner.route_scripts.file_scripts import file_script
from runner.run.file_copy import can_be_copied, copy_file
from runner.run.pinned_requirements import Found, as_dockerfile, as_lock, as_requirements
from runner.run.user_arrays import read_arrays
from tests.unit.user_files.things import TF210, inspection


def test_a_file_is_copied_under_its_own_name_and_under_that_of_its_format(tmp_path):
    path = tmp_path / "net.hdf5"
    path.write_bytes(b"bytes")
    found = copy_file(inspection(), path, tmp_path / "s", None)
    assert (found.folder / "own" / "net.hdf5").read_bytes() == b"bytes"
    assert (found.folder / "model.h5").read_bytes() == b"bytes"
    assert not found.external.misnamed
    (found.folder / "own" / "net.hdf5").write_bytes(b"changed")
    assert path.read_bytes() == b"bytes"


def test_hdf5_under_the_name_of_a_zip_is_misnamed(tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(b"")
    assert copy_file(inspection(), path, tmp_path / "s", None).external.misnamed


def test_json_in_a_json_string_is_unwrapped(tmp_path):
    path = tmp_path / "net.json"
    path.write_text(json.dumps(json.dumps({"class_name": "Model"})))
    found = copy_file(inspection(FileFormat.JSON), path, tmp_path / "s", None)
    assert json.loads((found.folder / "model.json").read_text()) == {"class_name": "Model"}
    assert found.external.misnamed
    assert found.external.architecture


def test_yaml_becomes_json_under_its_formats_name(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("class_name: Model\nconfig: {shape: !!python/tuple [null, 4]}\n")
    found = copy_file(inspection(FileFormat.YAML), path, tmp_path / "s", None)
    assert json.loads((found.folder / "model.json").read_text())["config"]["shape"] == [None, 4]
    assert (found.format, found.external.yaml) == (Format.JSON, True)


def test_the_script_for_yaml_reads_the_file_of_the_user(tmp_path):
    """kmatrix's own copy as JSON is not there where the script is used."""
    path = tmp_path / "net.yaml"
    path.write_text("class_name: Sequential\nconfig: []\nkeras_version: 2.1.5\n")
    found = copy_file(inspection(FileFormat.YAML), path, tmp_path / "s", None)
    environment = TF210.environment
    identity = identity_from_packages(environment, {"tensorflow": "2.10.1", "keras": "2.10.0"})
    script = file_script("edited-copy", found, environment, identity)
    mend = dict(script.files)["mend.py"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert 'convert_file(target, "net.yaml"' in script.text
    assert digest in mend
    assert script.shown == (("own/net.yaml", "net.yaml"),)


def test_a_users_layers_come_with_their_neighbours(tmp_path):
    path = tmp_path / "m.h5"
    path.write_bytes(b"")
    for name in ("layers.py", "helper.py"):
        (tmp_path / name).write_text("")
    found = copy_file(inspection(), path, tmp_path / "s", tmp_path / "layers.py")
    assert found.external.custom == "custom/layers.py"
    assert (found.folder / "custom" / "helper.py").is_file()
    with pytest.raises(ToolError, match="Python file"):
        copy_file(inspection(), path, tmp_path / "t", tmp_path / "m.h5")


def test_weights_alone_are_not_to_be_loaded():
    assert not can_be_copied(inspection(FileFormat.WEIGHTS_H5))


def test_arrays_come_in_the_order_of_the_models_inputs(tmp_path):
    np.savez(tmp_path / "x.npz", b=np.ones(2), a=np.zeros(3))
    named = read_arrays(tmp_path / "x.npz", ["a", "b"])
    assert [one.size for one in named] == [3, 2]
    assert [one.size for one in read_arrays(tmp_path / "x.npz")] == [2, 3]


def test_pickled_arrays_and_other_files_are_refused(tmp_path):
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "t.npz").write_text("no arrays")
    for name in ("o.npy", "t.npz", "missing.npz"):
        with pytest.raises(ToolError):
            read_arrays(tmp_path / name)


def test_requirements_name_python_route_and_exact_versions(tmp_path):
    path = tmp_path / "lock.txt"
    path.write_text("numpy==1.23.5 --hash=sha256:00\n")
    packages = (("numpy", "1.23.5"), ("tensorflow", "2.10.0"))
    lock = Lock(path=path, state=LockState.FRESH, digest="d", packages=packages)
    refused = FileAttempt(route="as-is", verdict=Verdict.REFUSED, reason="r")
    works = FileAttempt(
        route="compile-false",
        verdict=Verdict.IDENTICAL,
        reason="r",
        code='model = load_model("m.h5", compile=False)\n',
    )
    load = FileCell(
        environment="tf2.10",
        verdict=Verdict.REMEDIED,
        route="compile-false",
        reason="r",
        attempts=(refused, works),
    )
    found = Found(candidate=TF210, load=load)
    text = as_requirements(tmp_path / "m.h5", found, lock)
    assert "m.h5 loads by compile-false" in text
    assert "Python 3.11" in text
    assert "compile=False" in text
    assert text.endswith("numpy==1.23.5\ntensorflow==2.10.0\n")
    assert "--hash=sha256:00" in as_lock(tmp_path / "m.h5", found, lock)
    image = as_dockerfile(tmp_path / "m.h5", found, lock)
    assert "FROM python:3.11-slim" in image
    assert image.rstrip().endswith("tensorflow==2.10.0")
