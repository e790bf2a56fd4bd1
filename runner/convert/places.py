"""Interpreters that run a script: environments of the matrix, and a user's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner import child_processes
from runner.convert.conversion import NewFormat
from runner.environment_variables import QUIET_AND_SMALL, clean_environment, worker_variables
from runner.environments.locks import read_lock
from runner.errors import ToolError
from runner.model.builds import Unavailable
from runner.model.matrix import KerasApi

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.environments.builders import BuilderFor
    from runner.model.matrix import Environment, Limits

VERSIONS = """
import json
found = {}
for name in ("keras", "tensorflow", "h5py"):
    try:
        found[name] = __import__(name).__version__
    except ImportError:
        found[name] = None
print("\\n" + json.dumps(found))
"""
SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An interpreter with a Keras. ``keras``: how it is imported (``auto``: whichever there is)."""

    name: str
    python: Path
    keras: str
    variables: Mapping[str, str]
    version: Version  # of Keras where that is 3, else of TensorFlow, else of Keras
    generation: int

    @property
    def native(self) -> NewFormat:
        """The format that this Keras itself prefers."""
        archives = self.generation == 3 or (
            self.keras != "keras" and self.version >= Version("2.13")
        )
        return NewFormat.KERAS if archives else NewFormat.H5


class NoPlaceError(Exception):
    """An environment could not be built; its reason in one line."""


def open_environment(
    environment: Environment, *, builder_for: BuilderFor, folder: Path, home: Path, limits: Limits
) -> Place:
    """Build an environment. ``folder``: of its matrix file. Raises NoPlaceError."""
    if environment.installation.builder == "docker":
        installation = replace(environment.installation, builder="nox")
        environment = replace(environment, installation=installation)
    lock = read_lock(folder, environment.installation)
    built = builder_for(environment.installation).build(environment.installation, lock, limits)
    if isinstance(built, Unavailable):
        raise NoPlaceError(f"{environment.id}: {built.reason}")
    packages = dict(lock.packages)
    tensorflow = packages.get("tensorflow") or packages.get("tensorflow-cpu")
    keras = packages.get("keras")
    in_tensorflow = environment.api is KerasApi.TF_KERAS
    home.mkdir(parents=True, exist_ok=True)
    version = _version(tensorflow if in_tensorflow else keras)
    generation = 2
    if environment.legacy_keras:
        version = _version(packages.get("tf-keras"))
    elif (in_tensorflow and version >= Version("2.16")) or version.major >= 3:
        generation, version = 3, _version(keras)
    return Place(
        name=environment.id,
        python=built.python,
        keras="tf.keras" if in_tensorflow and generation == 2 else "keras",
        variables=worker_variables(environment, home),
        version=version,
        generation=generation,
    )


def open_python(python: Path, *, home: Path) -> Place:
    """A user's own interpreter. Raises ToolError where it has no Keras."""
    variables = {**clean_environment(), **QUIET_AND_SMALL}
    try:
        done = child_processes.run(
            (python, "-c", VERSIONS), seconds=SECONDS, env=variables, cwd=_made(home)
        )
    except OSError as error:
        raise ToolError(f"--python {python}: it does not start ({error})") from error
    lines = [line for line in done.output.splitlines() if line.startswith("{")]
    found = json.loads(lines[-1]) if done.ok and lines else {}
    if not (found.get("keras") or found.get("tensorflow")):
        raise ToolError(f"--python {python}: it has neither keras nor tensorflow")
    if not found.get("h5py"):
        raise ToolError(f"--python {python}: it has no h5py; install it there")
    tensorflow, keras = found.get("tensorflow"), found.get("keras")
    generation = 2
    version = _version(tensorflow or keras)
    if keras is not None and _version(keras).major >= 3:
        generation, version = 3, _version(keras)
    return Place(
        name=str(python),
        python=python,
        keras="auto",
        variables=variables,
        version=version,
        generation=generation,
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _version(text: str | None) -> Version:
    try:
        return Version((text or "0").split("-")[0])
    except InvalidVersion:
        return Version("0")
