"""Real environments from the repository's own locks, and a small real matrix run over them.

Environments are kept in build/tests between runs; evidence is made anew each time.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports.results_json import from_json

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "tests"
THEANO, TF1 = "keras2.3.1-theano-py37", "tf1.15-py37"
FORMATS = ("h5", "keras", "savedmodel", "weights-h5")
TF210, TF215, KERAS3 = "tf2.10-py39", "tf2.15-py311", "tf2.21-keras3.15-py312"
JAX = "keras3.15-jax-py312"
ENVIRONMENTS = (THEANO, TF1, TF210, TF215, KERAS3, JAX)
MODELS = (
    *("mlp_sequential", "activations", "conv1d", "conv_bn", "lstm", "custom_layer"),
    *("custom_no_get_config", "compiled_string_loss", "noise_at_inference"),
)

CHOSEN = ("--environments", *ENVIRONMENTS, "--models", *MODELS, "--formats", *FORMATS)


def kmatrix(*arguments, build=BUILD, check=True, seconds=3000, matrix=ROOT / "matrix.yaml"):
    """Run the command line as a user would, from the checkout."""
    command, rest = arguments[0], arguments[1:]
    position = 2 if command == "env" else 1
    argv = [sys.executable, "-m", "kmatrix", *arguments[:position], "--matrix", str(matrix)]
    argv += ["--build-dir", str(build), *arguments[position:]]
    done = subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )
    if check:
        assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    del rest
    return done


def results_of(build):
    """What the last run wrote."""
    return from_json(json.loads((build / "report" / "results.json").read_text("utf-8")))


def share_environments(build):
    """A build folder of its own; environments are those of all tests, built where missing."""
    build.mkdir(parents=True, exist_ok=True)
    (BUILD / "environments").mkdir(parents=True, exist_ok=True)
    (build / "environments").symlink_to(BUILD / "environments")
    return build


@pytest.fixture(scope="session")
def matrix_run():
    """Six real environments, nine reference models, four formats, from no evidence at all."""
    for leftover in ("store", "report", "scratch"):
        shutil.rmtree(BUILD / leftover, ignore_errors=True)
    done = kmatrix("run", *CHOSEN)
    results = results_of(BUILD)
    note = [
        f"{item.id}: {item.status}, "
        + ", ".join(f"{name} {version}" for name, version in item.versions)
        for item in results.environments
    ]
    note.append(
        f"{len(results.cells)} cells of {len(results.recipes)} reference models in "
        f"{len(results.formats)} formats, {results.run.seconds:.0f} s"
    )
    (BUILD / "exercised.txt").write_text("\n".join(note) + "\n")
    return results, done.stdout


@pytest.fixture(scope="session")
def results(matrix_run):
    return matrix_run[0]


@pytest.fixture(scope="session")
def cells(results):
    return {cell.id: cell for cell in results.cells}


@pytest.fixture(scope="session")
def artifacts(results):
    return {artifact.id: artifact for artifact in results.artifacts}


@pytest.fixture(scope="session")
def built():
    """The environments of the real tests, without a run of the matrix over them."""
    kmatrix("env", "build", *ENVIRONMENTS)


def environment_python(environment):
    """The interpreter of a built environment."""
    (found,) = (BUILD / "environments").glob(f"{environment}-*/bin/python")
    return found


def plain_environment(**variables):
    """The variables of a user's shell, without those of this test run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "KERAS", "TF_", "KMATRIX"))
    }
    return {**kept, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", **variables}
