"""A real Docker Engine, base images made on the spot, and real environments as images.

Images stay on the Engine between runs, as they do for a user: their names are digests of what
went in. Evidence is made anew each time.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.docker import container_labels as owner
from runner.docker.connection import connect
from runner.environments.image_builder import DockerBuilder
from runner.environments.locks import lock_path, lock_text, read_lock
from runner.model.builds import Built
from runner.model.matrix import (
    Backend,
    Environment,
    ImageOptions,
    IndexOptions,
    Installation,
    KerasApi,
    Limits,
)
from runner.worker_client.bundle import make_bundle
from runner.worker_client.container_worker import ENVIRONMENT
from tests.docker import base_image

ROOT = Path(__file__).resolve().parents[2]
THEANO, TF1, JAX = "keras2.3.1-theano-py37", "tf1.15-py37", "keras3.15-jax-py312"
BASE = base_image.image_name("{python}")
MATRIX = f"""
environments:
  - {{keras: "2.3.1", backend: theano}}
  - tensorflow: "1.15"
  - {{keras: "3.15", backend: jax}}
docker: {{base: "{BASE}"}}
models: [custom_layer, activations]
formats: [h5, keras, savedmodel, json]
"""


@pytest.fixture(scope="session")
def engine():
    """The Engine; installed and started where none answers."""
    subprocess.run([ROOT / ".ci" / "docker"], check=True, timeout=600)
    return connect()


@pytest.fixture(scope="session")
def bases(engine):
    """Base images of the Pythons that the tests use."""
    for version in ("3.7", "3.12"):
        base_image.make(engine.client, version)


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    """A matrix file with the repository's own locks."""
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "environments").mkdir()
    (folder / "environments" / "locks").symlink_to(ROOT / "environments" / "locks")
    (folder / "matrix.yaml").write_text(MATRIX)
    return folder / "matrix.yaml"


@pytest.fixture(scope="session")
def builder(engine, bases, matrix):
    return DockerBuilder(folder=matrix.parent, build=matrix.parent / "build")


@pytest.fixture(scope="session")
def built(builder, matrix):
    """The real environments as images, by id: environment and what was built."""
    found = {}
    for environment in load_matrix(matrix).environments:
        lock = read_lock(matrix.parent, environment.installation)
        image = builder.build(environment.installation, lock, Limits())
        assert isinstance(image, Built), image
        found[environment.id] = (environment, image)
    return found


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def start(builder, built, bundle, tmp_path):
    """Start workers in containers; they end with the test."""
    with contextlib.ExitStack() as stack:

        def start(name, limits, *, isolate=False):
            environment, image = built[name]
            worker = builder.start(
                environment, image, bundle=bundle, folder=tmp_path, limits=limits, isolate=isolate
            )
            stack.callback(worker.close)
            return worker

        yield start


@pytest.fixture
def kmatrix(matrix, tmp_path):
    """Run the command line as a user would, with a build folder that has the venvs of the tests."""
    build = tmp_path / "build"
    build.mkdir()
    venvs = ROOT / "build" / "tests" / "environments"
    venvs.mkdir(parents=True, exist_ok=True)
    (build / "environments").symlink_to(venvs)

    def kmatrix(*arguments, matrix=matrix, build=build, code=0, **variables):
        done = subprocess.run(
            command(*arguments, matrix=matrix, build=build),
            cwd=ROOT,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert "Traceback (most recent call last)" not in done.stderr, done.stderr
        assert done.returncode == code, f"{done.returncode}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    kmatrix.build = build
    return kmatrix


def command(*arguments, matrix, build):
    position = 2 if arguments[0] == "env" else 1
    argv = [sys.executable, "-m", "kmatrix", *arguments[:position], "--matrix", str(matrix)]
    return [*argv, "--build-dir", str(build), *arguments[position:]]


def containers(engine, pid=None):
    """Containers of environments that a process started, this one or another; running or not."""
    mine = f"{pid or os.getpid()} "
    found = engine.client.api.containers(all=True, filters={"label": ENVIRONMENT})
    return [item for item in found if item["Labels"][owner.PROCESS].startswith(mine)]


def left_over(engine):
    """Containers whose kmatrix is dead; others may use the same Engine meanwhile."""
    found = engine.client.api.containers(all=True, filters={"label": ENVIRONMENT})
    return [item for item in found if owner.is_left_over(item["Labels"])]


# Small images, for what does not need a Keras

TINY = "tiny==1.0"
THIS_RUN = uuid.uuid4().hex  # an earlier run's layers, which the Engine keeps, are not this one's


def tiny_installation(name="tiny", **image):
    options = ImageOptions(**{"base": BASE, **image})
    return Installation(
        name=name,
        python="3.7",
        requirements=(TINY,),
        index=IndexOptions(find_links=("wheels",)),
        builder="docker",
        image=options,
    )


def tiny_environment(installation):
    return Environment(
        id=installation.name, installation=installation, api=KerasApi.KERAS, backend=Backend.NUMPY
    )


@pytest.fixture
def tiny(tmp_path):
    """A folder with a wheel of a package without content; its lock is written when asked for."""
    return TinyFolder(tmp_path / "tiny")


class TinyFolder:
    def __init__(self, folder):
        import hashlib
        import zipfile

        self.folder = folder
        self.build = folder / "build"
        self.wheel = folder / "wheels" / "tiny-1.0-py3-none-any.whl"
        self.wheel.parent.mkdir(parents=True)
        info = "tiny-1.0.dist-info"
        with zipfile.ZipFile(self.wheel, "w") as wheel:
            for name, text in {
                "tiny.py": f"here = True\n# {THIS_RUN}\n",
                f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
                f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                f"{info}/RECORD": "",
            }.items():
                # The same bytes in one run, so that the image's name is the same as well.
                wheel.writestr(zipfile.ZipInfo(name), text)
        self.digest = hashlib.sha256(self.wheel.read_bytes()).hexdigest()

    def lock(self, installation, digest=None):
        path = lock_path(self.folder, installation)
        path.parent.mkdir(parents=True, exist_ok=True)
        pins = f"{TINY} --hash=sha256:{digest or self.digest}"
        path.write_text(lock_text(installation, pins))
        return read_lock(self.folder, installation)

    def without_wheels(self):
        shutil.rmtree(self.wheel.parent)


@pytest.fixture
def tiny_builder(engine, bases, tiny):
    return DockerBuilder(folder=tiny.folder, build=tiny.build)
