"""A matrix of toy environments, for the real command line.

The environments are built here the way the builder ``nox`` leaves them: a folder named by the
lock, with an interpreter and a marker. So the command line runs as it is; only what is installed
in the environments is a toy.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from reports.results_json import from_json
from runner.config.matrix_file import load_matrix
from runner.environments.locks import lock_path, lock_text, read_lock
from runner.environments.nox_builder import MARKER, NoxBuilder

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MATRIX = """\
environments:
  - {keras: "2.2.4", backend: theano}
  - {keras: "2.2.5", backend: theano}
  - {keras: "2.3.1", backend: theano}
models: [mlp_sequential, {file: toy_recipes.py}]
formats: [h5, json]
limits: {start: 30s, cell: 10s}
"""
OLD, MIDDLE, NEW = "keras2.2.4-theano-py37", "keras2.2.5-theano-py37", "keras2.3.1-theano-py37"


class Project:
    """A folder with a matrix file, its locks, and a build folder with toy environments."""

    def __init__(self, folder, matrix=MATRIX, build=None):
        self.folder = folder
        self.build = build or folder / "build"
        folder.mkdir(parents=True, exist_ok=True)
        self.matrix = folder / "matrix.yaml"
        self.matrix.write_text(matrix, "utf-8")
        shutil.copy(HERE / "toy_recipes.py", folder)
        self.environments = {item.id: item for item in load_matrix(self.matrix).environments}
        for environment in self.environments.values():
            installation = environment.installation
            path = lock_path(folder, installation)
            path.parent.mkdir(parents=True, exist_ok=True)
            version = "keras==" + environment.id.removeprefix("keras").split("-")[0]
            text = lock_text(installation, f"{version} \\\n    --hash=sha256:{'0' * 64}\n")
            path.write_text(text, "utf-8")

    def target(self, name):
        installation = self.environments[name].installation
        builder = NoxBuilder(folder=self.folder, build=self.build)
        return builder.target(installation, read_lock(self.folder, installation))

    def install(self, name, **behaviour):
        """Make the toy environment ``name``, or change how its Keras behaves."""
        target = self.target(name)
        if not target.exists():
            argv = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", target]
            subprocess.run(argv, check=True)
        (site,) = target.glob("lib/python*/site-packages")
        for package in Path(np.__file__).parents[1].glob("numpy*"):
            if not (site / package.name).exists():
                (site / package.name).symlink_to(package)
        (site / "keras").mkdir(exist_ok=True)
        shutil.copy(HERE / "toy_keras.py", site / "keras" / "__init__.py")
        version = name.removeprefix("keras").split("-")[0]
        text = json.dumps({"version": version, **behaviour})
        (site / "keras" / "behaviour.json").write_text(text, "utf-8")
        (target / MARKER).write_text("{}", "utf-8")
        return site

    def argv(self, command, *arguments):
        own = ("--matrix", self.matrix, "--build-dir", self.build)
        return [sys.executable, "-m", "kmatrix", command, *map(str, own), *map(str, arguments)]

    def start(self, *arguments, **options):
        """The command line as a process of a group of its own."""
        return subprocess.Popen(
            self.argv(*arguments),
            cwd=self.folder,
            env=variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )

    def kmatrix(self, *arguments, code=0, seconds=120):
        """Run the command line to its end; what it printed."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=seconds)
        assert process.returncode == code, f"{process.returncode}\n{output}"
        assert "Traceback (most recent call last)" not in output, output
        return output

    def results(self):
        path = self.build / "report" / "results.json"
        return from_json(json.loads(path.read_text("utf-8")))


def variables():
    kept = {name: text for name, text in os.environ.items() if not name.startswith("KMATRIX")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def answers(results):
    """What a run says, without what differs between any two runs."""
    cells = {
        cell.id: (str(cell.verdict), str(cell.as_is), cell.reason, cell.route, cell.key)
        for cell in results.cells
    }
    assert len(cells) == len(results.cells)
    return cells, {item.id: (str(item.status), item.digest) for item in results.artifacts}
