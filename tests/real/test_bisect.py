"""Releases that broke something, found on the real index: docs/bisect.md."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.real.conftest import JAX, environment_python, kmatrix, plain_environment

SCRIPTS = Path(__file__).with_name("bisected")


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A folder of its own: other tests look for one environment of each name."""
    return tmp_path_factory.mktemp("bisect") / "build"


def bisect(build, *arguments, code=0):
    own = ("--package", "keras", "--environment", JAX, "--json")
    done = kmatrix("bisect", *own, *arguments, build=build, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_the_input_of_a_loaded_model_is_a_list_in_keras_3_10_alone(build):
    command = f"python {SCRIPTS / 'input_of_loaded_model.py'}"
    found = bisect(build, "--good", "3.9.2", "--bad", "3.11.3", "--exec", command)
    assert (found["before"]["version"], found["after"]["version"]) == ("3.9.2", "3.10.0")
    assert found["after"]["date"] == "2025-05-19"
    assert "class 'list'" in found["after"]["error"]
    again = bisect(build, "--good", "3.11.3", "--bad", "3.10.0", "--exec", command)
    assert (again["fixed"], again["after"]["version"]) == (True, "3.11.0")


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    kmatrix("env", "build", JAX)
    path = tmp_path_factory.mktemp("dense") / "dense.keras"
    subprocess.run(
        [environment_python(JAX), SCRIPTS / "save_dense.py", path],
        env=plain_environment(KERAS_BACKEND="jax", JAX_PLATFORMS="cpu"),
        check=True,
    )
    return path


def test_a_file_of_keras_3_15_is_refused_up_to_3_14_1_and_a_known_answer_is_not_measured(
    build, dense
):
    found = bisect(build, str(dense), "--fixed")
    assert (found["before"]["version"], found["after"]["version"]) == ("3.14.1", "3.15.0")
    assert found["before"]["verdict"] == "refused"
    assert "input_axes" in found["before"]["error"]
    assert found["after"]["numbers"]
    assert found["changed"] == []
    again = bisect(build, str(dense), "--fixed")
    assert not any(step["measured"] for step in again["steps"])
    assert again["after"] == found["after"]
    assert os.listdir(build / "bisect")
