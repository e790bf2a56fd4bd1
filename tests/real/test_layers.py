"""Two releases of a real library of layers, each reading what the other saved: docs/layers.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.model.finding import Verdict
from tests.real.conftest import ROOT, kmatrix, results_of, share_environments

EXAMPLE = Path(__file__).with_name("layers")
OLD, NEW = "tf2.15-py311+keras-tcn-3.1.2", "tf2.15-py311+keras-tcn-3.5.6"
LOCAL_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "keras-scale"
version = "0.2"
dependencies = {dependencies}
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """What became of every cell, in a copy of the example, from no lock to a report."""
    folder = tmp_path_factory.mktemp("layers")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    build = share_environments(folder / "build")
    matrix = folder / "matrix.yaml"
    with matrix.open("a", encoding="utf-8") as stream:  # patience on a machine with other work
        stream.write("limits: {start: 20min, cell: 10min}\n")
    kmatrix("lock", build=build, matrix=matrix)
    kmatrix("run", build=build, matrix=matrix)
    return {cell.id: cell for cell in results_of(build).cells}


def test_every_release_reads_its_own_files(cells):
    own = [cell for cell in cells.values() if cell.id.startswith(f"{cell.loader}/")]
    assert len(own) == 2 * 3
    assert {cell.verdict for cell in own} == {Verdict.IDENTICAL}


def test_the_new_release_reads_what_the_old_one_saved(cells):
    assert cells[f"{OLD}/tcn_sequence/h5/{NEW}"].verdict is Verdict.IDENTICAL
    assert cells[f"{OLD}/tcn_sequence/keras/{NEW}"].verdict is Verdict.IDENTICAL


def test_the_old_release_refuses_the_new_ones_files_and_each_way_back_is_verified(cells):
    keras = cells[f"{NEW}/tcn_sequence/keras/{OLD}"]
    assert "go_backwards" in keras.reason
    assert keras.signatures == ("class-arguments-changed",)
    h5 = cells[f"{NEW}/tcn_sequence/h5/{OLD}"]
    assert "Custom>TCN" in h5.reason
    assert (keras.verdict, h5.verdict) == (Verdict.REMEDIED, Verdict.REMEDIED)
    assert (keras.remedy, h5.remedy) == ("rebuild-weights", "rebuild-weights")


def built_locally(folder, dependencies):
    """``env build`` of a package in this folder on TensorFlow 2.15, as the command says it."""
    package = folder / "keras_scale"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(LOCAL_PROJECT.format(dependencies=dependencies))
    (package / "__init__.py").write_text("ANSWER = 42\n")
    (package / "recipes.py").write_text("@recipe('scaled', title='One')\nclass Scaled: pass\n")
    (folder / "matrix.yaml").write_text(
        "environments: [{tensorflow: '2.15'}]\n"
        "models: [{package: -e ., recipes: keras_scale.recipes}]\n"
    )
    return subprocess.run(
        [sys.executable, "-m", "kmatrix", "env", "build"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1200,
    )


def test_a_local_package_is_installed_as_a_wheel_on_its_bases_lock(tmp_path):
    done = built_locally(tmp_path, '["tensorflow>=2.10", "keras"]')
    assert done.returncode == 0, done.stdout + done.stderr
    python = next((tmp_path / "build" / "environments").glob("*local-*/bin/python"))
    code = "import keras_scale, importlib.metadata as m; print(keras_scale.ANSWER, *m.version("
    shown = subprocess.run(
        [python, "-I", "-c", f"{code}'keras').split('.')[:2])"], capture_output=True, text=True
    )
    assert shown.stdout == "42 2 15\n", shown.stderr
    assert not (tmp_path / "environments").exists()  # it needs no lock of its own


def test_a_package_that_wants_another_keras_is_unavailable_and_moves_nothing(tmp_path):
    done = built_locally(tmp_path, '["keras>=3"]')
    assert done.returncode == 3
    assert "keras-scale 0.2 asks for keras>=3, and 2.15.0 is installed" in done.stdout
