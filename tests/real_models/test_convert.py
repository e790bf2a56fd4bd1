"""``kmatrix convert`` from end to end, in real environments.

The new files are loaded by a script of this test, and not by the one that converted them.
"""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from uv import find_uv_bin

from runner.environments.interpreters import find_interpreter
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


FRESH = {  # Python, and what a user would install
    "tf2.21": ("3.12", ("tensorflow-cpu==2.21.*", "keras==3.15.*")),
    "tf2.15": ("3.11", ("tensorflow-cpu==2.15.*",)),
    "tf2.10": ("3.9", ("tensorflow-cpu==2.10.*", "numpy<2")),
}


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


def python_of(name):
    """The interpreter of an environment that was built."""
    return next((BUILD / "environments").glob(f"{name}-*/bin/python"))


def loads(python, path, home):
    """Whether five lines load the file and predict, in a process that has nothing of kmatrix."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "CUDA_VISIBLE_DEVICES": "-1"}
    shown = subprocess.run(
        [python, "-I", "-c", FIVE_LINES, path], capture_output=True, text=True, env=clean
    )
    return shown.stdout.split()[-1:] == ["True"]


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


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Environments from the index that kmatrix did not build: each made when it is asked for."""
    made = {}

    def python(target):
        if target not in made:
            version, packages = FRESH[target]
            folder = tmp_path_factory.mktemp("fresh") / target
            base = find_interpreter(version)
            subprocess.run([find_uv_bin(), "venv", "-q", "--python", base, folder], check=True)
            made[target] = folder / "bin" / "python"
            install = [find_uv_bin(), "pip", "install", "-q", "--python", made[target], *packages]
            subprocess.run(install, check=True)
        return made[target]

    yield python
    for interpreter in made.values():
        shutil.rmtree(interpreter.parent.parent)


@pytest.mark.parametrize(("name", "target", "suffix"), TARGETS)
def test_a_converted_file_loads_in_an_environment_that_kmatrix_did_not_build(
    tmp_path, fresh, name, target, suffix
):
    done, _ = convert(model(name), "--to", target, "-o", tmp_path / f"new{suffix}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert loads(fresh(target), tmp_path / f"new{suffix}", tmp_path)


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


ALONE = [
    ("m151", "tf2.21", ".weights.h5"),  # names of layers and shapes tell Dense and its kin
    ("m162", "tf2.15", ".weights.h5"),  # Keras 1, channels first
    ("m314", "tf2.15", ".weights.h5"),  # the V3 layout
]


@pytest.mark.parametrize(("name", "target", "suffix"), ALONE)
def test_weights_alone_become_weights_in_the_layout_of_the_target(tmp_path, name, target, suffix):
    done, files = convert(model(name), "--to", target, "-o", f"{tmp_path}/new/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert files[0]["file"].endswith(suffix)
    assert "load_weights" in files[0]["load"]
    assert any("no architecture" in one for one in files[0]["lost"])


def test_a_checkpoint_with_a_configuration_becomes_a_model(tmp_path):
    new = tmp_path / "new.keras"
    done, _ = convert(model("m305"), "--to", "tf2.21", "-o", new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert loads(python_of("tf2.21-keras3.15"), new, tmp_path)


@pytest.mark.parametrize("name", ["m251", "m256", "m272"])
def test_a_graph_becomes_a_savedmodel_for_inference_that_is_loaded_as_it_says(tmp_path, name):
    folder = model(name) if model(name).is_dir() else model(name).parent
    done, files = convert(folder, "--to", "tf2.21", "-o", f"{tmp_path}/new/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert files[0]["way"] == "graph"
    assert "inference only" in files[0]["reason"]
    text = f"import keras; print(type({files[0]['load']}).__name__)"
    shown = subprocess.run(
        [python_of("tf2.21-keras3.15"), "-I", "-c", text],
        capture_output=True,
        text=True,
        cwd=Path(files[0]["file"]).parent,
    )
    assert shown.stdout.split()[-1] == "TFSMLayer", shown.stderr


def test_a_zip_of_teachable_machine_is_converted(tmp_path):
    path = tmp_path / "converted_keras.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(model("n088"), "keras_model.h5")
        archive.writestr("labels.txt", "0 one")
    done, files = convert(path, "--to", "tf2.21", "-o", f"{tmp_path}/new/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert files[0]["source"] == str(path)


TRAIN = """
import sys, numpy
try:
    from tensorflow import keras
except ImportError:
    import keras
random = numpy.random.RandomState(0)
x, y = random.normal(size=(16, 10, 3)), random.normal(size=(16, 1))
if sys.argv[1] == "make":
    optimizer = getattr(keras.optimizers, sys.argv[3])(learning_rate=0.01, **eval(sys.argv[4]))
    layers = keras.layers
    model = keras.Sequential([layers.Conv1D(4, 3, input_shape=(10, 3)),
        layers.BatchNormalization(), layers.LSTM(4, return_sequences=True),
        layers.LSTM(4), layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    model.save(sys.argv[2])
else:
    model = keras.models.load_model(sys.argv[2])
    model.train_on_batch(x, y)
    numpy.savez(sys.argv[3], *model.get_weights())
"""


@pytest.mark.parametrize(("optimizer", "more"), [("Adam", "{}"), ("SGD", "{'momentum': 0.9}")])
def test_one_more_step_of_training_gives_the_same_weights_on_both_sides(tmp_path, optimizer, more):
    old, new = tmp_path / "old.h5", tmp_path / "new.keras"
    source, target = python_of("tf2.10"), python_of("tf2.21-keras3.15")
    subprocess.run([source, "-I", "-c", TRAIN, "make", old, optimizer, more], check=True)
    done, files = convert(old, "--to", "tf2.21", "-o", new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "optimizer-state" in {one["rule"] for one in files[0]["rules"]}
    steps = []
    for python, path in ((source, old), (target, new)):
        kept = tmp_path / f"{path.stem}.npz"
        subprocess.run([python, "-I", "-c", TRAIN, "step", path, kept], check=True)
        with np.load(kept) as found:
            steps.append([found[name] for name in found.files])
    for first, second in zip(*steps, strict=True):
        assert np.allclose(first, second, rtol=1e-3, atol=1e-4)  # a step is 0.01


CUSTOM = """
import keras
class Scale(keras.layers.Layer):
    def __init__(self, by=2.0, **options):
        super().__init__(**options)
        self.by = by
    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(int(shape[-1]),), initializer="ones")
    def call(self, x):
        return x * self.factor * self.by
    def get_config(self):
        return dict(super().get_config(), by=self.by)
"""


def test_classes_of_the_author_come_from_his_file_and_need_trust(tmp_path):
    (tmp_path / "mine.py").write_text(CUSTOM)
    old, new = tmp_path / "old.h5", tmp_path / "new.keras"
    text = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
import keras, mine
layers = [keras.Input((4,)), mine.Scale(3.0), keras.layers.Dense(2)]
keras.Sequential(layers).save({str(old)!r})
"""
    subprocess.run([python_of("tf2.10"), "-c", text], check=True)
    done, _ = convert(old, "--to", "tf2.21", "-o", new, "--custom", tmp_path / "mine.py")
    assert done.returncode == 2
    assert "--trust" in done.stderr
    done, files = convert(
        old, "--to", "tf2.21", "-o", new, "--custom", tmp_path / "mine.py", "--trust"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert files[0]["state"] == "converted"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
def test_a_full_disk_gets_one_message_and_nothing_is_left(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], check=True)
    try:
        done, files = convert(model("m057"), "--to", "tf2.15", "-o", small / "new.keras")
        assert done.returncode == 1
        assert "No space left" in files[0]["reason"]
        assert "Traceback" not in done.stderr
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)


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
