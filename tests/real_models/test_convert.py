"""``kmatrix convert`` from end to end, in real environments.

The new files are loaded by a script of this test, and not by the one that converted them.
"""

import hashlib
import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.real_models.conftest import ROOT, units

BUILD = Path(os.environ.get("KMATRIX_BUILD_DIR", ROOT / "build"))
FIVE_LINES = """
import sys, keras, numpy
model = keras.models.load_model(sys.argv[1])
shape = [one or 64 for one in model.inputs[0].shape]
assert "kmatrix" not in sys.modules
print(numpy.isfinite(model.predict(numpy.zeros([2] + shape[1:]), verbose=0)).all())
"""
TARGETS = [
    ("n088", "tf2.21", ".keras"),  # a Teachable Machine, nested, TensorFlow 2.4
    ("m205", "tf2.21", ".keras"),  # an archive of Windows
    ("m002", "tf2.21", ".keras"),  # Keras 1
    ("m035", "tf2.15", ".keras"),  # kernels of Theano
    ("m248", "tf2.10", ".h5"),  # Keras 3 to Keras 2
]


def model(name):
    return next(unit.path for unit in units() if unit.id == name)


def convert(*arguments):
    argv = [sys.executable, "-m", "kmatrix", "convert", *map(str, arguments), "--json"]
    done = subprocess.run(
        [*argv, "--matrix", str(ROOT / "matrix.yaml"), "--build-dir", str(BUILD)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    files = json.loads(done.stdout)["files"] if done.stdout else []
    return done, files


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("name", "target", "suffix"), TARGETS)
def test_a_file_is_converted_and_verified_and_the_original_stays(tmp_path, name, target, suffix):
    source = model(name)
    before = digest(source)
    done, files = convert(source, "--to", target, "-o", f"{tmp_path}/new/")
    assert done.returncode == 0, done.stdout + done.stderr
    made = Path(files[0]["file"])
    assert files[0]["state"] == "converted"
    assert files[0]["reference"]
    assert made.name.endswith(suffix)
    assert digest(source) == before
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_the_script_alone_makes_the_same_weights_and_five_lines_load_the_file(tmp_path):
    new, script = tmp_path / "new.keras", tmp_path / "mend.py"
    done, _ = convert(model("n088"), "--to", "tf2.21", "-o", new, "--script", script)
    assert done.returncode == 0, done.stderr
    python = next((BUILD / "environments").glob("tf2.21-keras3.15-*/bin/python"))
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CUDA_VISIBLE_DEVICES": "-1"}
    again = tmp_path / "again.keras"
    subprocess.run([python, "-I", script, model("n088"), again], check=True, env=clean)
    for path in (new, again):
        shown = subprocess.run(
            [python, "-I", "-c", FIVE_LINES, path], capture_output=True, text=True, env=clean
        )
        assert shown.stdout.split()[-1] == "True", shown.stderr


def test_an_existing_file_stays_without_force(tmp_path):
    new = tmp_path / "new.keras"
    new.write_bytes(b"mine")
    done, files = convert(model("m002"), "--to", "tf2.21", "-o", new)
    assert done.returncode == 1
    assert "--force" in files[0]["reason"]
    assert new.read_bytes() == b"mine"


def test_one_that_fails_does_not_end_the_others(tmp_path):
    for name, data in (
        ("a.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 500),
        ("c.keras", b"PK\x03\x04 half"),
    ):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "b.h5").write_bytes(model("m046").read_bytes())
    done, files = convert(tmp_path, "--to", "tf2.21", "-o", f"{tmp_path}/new/")
    assert done.returncode == 1
    assert [one["state"] for one in files] == ["failed", "converted", "failed"]
    assert "Traceback" not in done.stderr


def test_a_pickle_is_refused_and_never_read(tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Evil()))
    done, files = convert(path, "--to", "tf2.21")
    assert done.returncode == 1
    assert "runs code" in files[0]["reason"]
    assert not (tmp_path / "ran").exists()


def test_a_lambda_needs_trust():
    done, files = convert(model("m008"), "--to", "tf2.21")
    assert done.returncode == 1
    assert "--trust" in files[0]["reason"]


def test_a_target_that_cannot_be_used_gets_one_message(tmp_path):
    done, _ = convert(model("m046"), "--python", tmp_path / "no-python")
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("seconds", [2, 6, 12])
def test_killed_at_any_moment_nothing_is_left_beside_the_original(tmp_path, seconds):
    new = tmp_path / "new.keras"
    argv = [sys.executable, "-m", "kmatrix", "convert", str(model("m046")), "--to", "tf2.21"]
    process = subprocess.Popen(
        [*argv, "-o", str(new), "--build-dir", str(BUILD)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    process.kill()
    process.wait()
    left = [path.name for path in tmp_path.iterdir()]
    assert left in ([], ["new.keras"])
