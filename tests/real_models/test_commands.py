"""The commands as a user runs them, on saved models by other people."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix, select
from runner.environments.builders import make_builders
from runner.environments.interpreters import find_interpreter
from runner.environments.locks import read_lock
from runner.environments.uv import uv_binary, uv_environment
from runner.model.matrix import Limits
from tests.real_models.conftest import ROOT

TIMEOUT = 1200


def kmatrix(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "kmatrix", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def test_inspect_prints_the_answer_first(models_folder):
    done = kmatrix(
        "inspect", models_folder / "m213" / "model_test_functionally_equivalent_extraction.keras"
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    assert first.endswith("a whole model in the .keras format, saved by Keras 3.10.0")


def test_inspect_prints_json_for_all_files_and_ends_with_1_for_a_problem(models_folder):
    done = kmatrix("inspect", models_folder / "m046", models_folder / "m303", "--format", "json")
    files = json.loads(done.stdout)["files"]
    assert [one["format"] for one in files] == ["folder", "checkpoint"]
    assert done.returncode == 1


def test_a_missing_file_does_not_cost_the_others(models_folder):
    done = kmatrix("inspect", "/no/such.h5", models_folder / "m290")
    assert "a SavedModel, saved by Keras 2.14.0" in done.stdout
    assert "/no/such.h5: there is no such file" in done.stderr
    assert done.returncode == 2


def test_code_is_not_run_without_trust_and_without_an_engine(models_folder, tmp_path):
    done = kmatrix(
        "load",
        models_folder / "m008" / "space_to_depth_simple_tensorflow_1.h5",
        *("--environments", "tf1.15-py37", "--build-dir", tmp_path),
        DOCKER_HOST="unix:///no/engine.sock",
    )
    assert done.returncode == 3
    assert "--trust" in done.stderr
    assert "Docker" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("load", "/no/such.h5"), "there is no such file"),
        (("doctor", "--python", "/no/python"), "does not start"),
        (("doctor", "--python", "/bin/echo"), "does not answer as a Python does"),
    ],
)
def test_mistakes_are_told_in_a_line(arguments, words):
    done = kmatrix(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_weights_alone_are_answered_without_any_environment(models_folder):
    done = kmatrix("load", models_folder / "m119" / "MountainCar_DQN.h5")
    assert done.returncode == 1
    assert "weights only" in done.stdout


@pytest.fixture(scope="module")
def keras2_python():
    """The interpreter of a real environment with Keras 2.15, built where it is missing."""
    name = "tf2.15-py311"
    (environment,) = select(
        load_matrix(ROOT / "matrix.yaml"), profile=None, environments=(name,)
    ).environments
    build = Path(os.environ.get("KMATRIX_BUILD_DIR", ROOT / "build")).resolve()
    installation = environment.installation
    builder = make_builders(folder=ROOT, build=build)(installation)
    built = builder.build(installation, read_lock(ROOT, installation), Limits())
    return built.python


def test_doctor_loads_the_file_in_that_very_interpreter_and_says_what_helps(
    models_folder, keras2_python
):
    file = models_folder / "m213" / "model_test_functionally_equivalent_extraction.keras"
    done = kmatrix("doctor", "--python", keras2_python, file)
    assert done.returncode == 1, done.stderr
    assert "2.15.0" in done.stdout
    assert str(keras2_python) in done.stdout
    assert "load it by edited-copy" in done.stdout
    assert "[batch-shape]" in done.stdout


def test_doctor_ends_with_0_where_the_file_loads_as_it_is(models_folder, keras2_python):
    done = kmatrix("doctor", "--python", keras2_python, models_folder / "m290")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loads as is in your-python" in done.stdout


def test_doctor_names_a_file_that_is_not_there(keras2_python):
    done = kmatrix("doctor", "--python", keras2_python, "/no/such.h5")
    assert done.returncode == 2
    assert "/no/such.h5: there is no such file" in done.stderr


def test_doctor_says_that_a_python_has_no_keras():
    done = kmatrix("doctor", "--python", sys.executable)
    assert done.returncode == 1
    assert "has neither Keras nor TensorFlow" in done.stdout


@pytest.mark.parametrize("form", ["requirements", "lock"])
def test_what_requirements_prints_can_be_installed_and_loads_the_file(
    models_folder, tmp_path, form
):
    file = models_folder / "m213" / "model_test_functionally_equivalent_extraction.keras"
    done = kmatrix("requirements", file, *(("--format", form) if form == "lock" else ()))
    assert done.returncode == 0, done.stderr
    (tmp_path / "pins.txt").write_text(done.stdout)
    python = tmp_path / "venv" / "bin" / "python"
    check = ("--require-hashes",) if form == "lock" else ()
    for argv in (
        (uv_binary(), "venv", "--python", find_interpreter("3.12"), tmp_path / "venv"),
        (uv_binary(), "pip", "sync", *check, "--python", python, tmp_path / "pins.txt"),
    ):
        made = subprocess.run(argv, env=uv_environment(), capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    code = f"import keras; print(keras.saving.load_model({str(file)!r}).count_params())"
    loaded = subprocess.run(
        [python, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert loaded.stdout.split()[-1:] == ["3190"], loaded.stderr
