"""Small real interpreters: every Python found here from 3.6 on, NumPy, and the fake Keras."""

import shutil
import subprocess
from pathlib import Path

import pytest

from runner.environments.interpreters import find_interpreter
from runner.environments.uv import uv_binary, uv_environment
from runner.model.matrix import Backend, Environment, Installation, KerasApi, Limits
from runner.worker_client.bundle import make_bundle
from runner.worker_client.local_worker import LocalWorker

HERE = Path(__file__).parent
VERSIONS = [f"3.{minor}" for minor in range(6, 15)]
AVAILABLE = [version for version in VERSIONS if find_interpreter(version)]


@pytest.fixture(scope="session")
def interpreters(tmp_path_factory):
    """A function from a version to the python of a venv with NumPy and the fake Keras."""
    root = tmp_path_factory.mktemp("interpreters")

    def make(version):
        target = root / version
        python = target / "bin" / "python"
        if not python.exists():
            uv, env = str(uv_binary()), uv_environment()
            find = find_interpreter(version)
            subprocess.run([uv, "venv", "-q", "--python", find, target], check=True, env=env)
            install = [uv, "pip", "install", "-q", "--python", python, "numpy"]
            subprocess.run(install, check=True, env=env)
            (site,) = target.glob("lib/python*/site-packages")
            (site / "keras").mkdir()
            shutil.copy(HERE / "fake_keras.py", site / "keras" / "__init__.py")
        return python

    return make


@pytest.fixture
def start(interpreters, tmp_path):
    """A function that starts a worker in a Python; all are closed afterwards."""
    workers = []

    def start(version, *, mode="fork", limits=None):
        environment = Environment(
            id=f"fake-py{version}",
            installation=Installation(name="fake", python=version, requirements=("numpy",)),
            api=KerasApi.KERAS,
            backend=Backend.NUMPY,
        )
        worker = LocalWorker(
            environment=environment,
            python=interpreters(version),
            bundle=make_bundle(tmp_path / "worker"),
            folder=tmp_path / f"run-{len(workers)}",
            limits=limits or Limits(start_seconds=60, cell_seconds=20, memory_mb=512),
            mode=mode,
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.close()
