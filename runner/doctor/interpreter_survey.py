"""A user's own Python, looked at from outside: versions, backend, and what to call its Keras."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from runner import child_processes
from runner.errors import ExitCode, ToolError
from runner.model.keras_identity import identity_from_packages, keras_packages
from runner.model.matrix import Backend, Environment, Installation, KerasApi
from runner.modelfile import printable as text
from runner.plan.candidates import Candidate, version

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = Path(__file__).with_name("inside") / "survey.py"
SECONDS = 120.0
HERE = "your-python"


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What is installed. Names as in requirements files: lower case, with hyphens."""

    python: str
    executable: str
    packages: tuple[tuple[str, str], ...]
    doubled: tuple[str, ...]  # installed twice, in different versions
    modules: tuple[str, ...]  # those of Keras and its backends that can be found
    keras_json: str | None
    variables: tuple[tuple[str, str], ...]

    def of(self, name: str) -> Version | None:
        """Return the version of a package."""
        return version(dict(self.packages).get(name))

    @property
    def tensorflow(self) -> str | None:
        """The version of TensorFlow, by whichever package it came."""
        return keras_packages(dict(self.packages)).tensorflow


def survey(python: Path, variables: Mapping[str, str]) -> Survey:
    """Ask a Python. Raises ToolError when it does not answer."""
    try:
        done = child_processes.run(
            (python, "-c", SCRIPT.read_text("utf-8")), seconds=SECONDS, env=variables
        )
    except OSError as error:
        raise ToolError(
            f"--python {python}: does not start ({error.strerror})", exit_code=ExitCode.USAGE
        ) from error
    try:
        data = json.loads(done.output.strip().splitlines()[-1])
        return _read(data)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        said = text.clean((done.output.strip().splitlines() or ["nothing"])[-1], 80)
        raise ToolError(
            f"--python {python}: does not answer as a Python does; it said: {said}",
            exit_code=ExitCode.USAGE,
        ) from error


def _read(data: dict[str, object]) -> Survey:
    found: dict[str, str] = {}
    doubled = []
    for name, number, _ in data["packages"]:  # type: ignore[attr-defined]
        plain = str(name).lower().replace("_", "-")
        if plain in found and found[plain] != number:
            doubled.append(plain)
        found.setdefault(plain, str(number))
    return Survey(
        python=str(data["python"]),
        executable=str(data["executable"]),
        packages=tuple(found.items()),
        doubled=tuple(doubled),
        modules=tuple(data["modules"]),  # type: ignore[arg-type]
        keras_json=data["keras_json"],  # type: ignore[arg-type]
        variables=tuple(data["variables"].items()),  # type: ignore[attr-defined]
    )


def as_candidate(found: Survey) -> Candidate:
    """Return the environment that this Python is. Raises ToolError when it has no Keras."""
    keras, tensorflow = found.of("keras"), version(found.tensorflow)
    variables = dict(found.variables)
    legacy = variables.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true")
    inside = tensorflow is not None and (tensorflow < Version("2.16") or legacy)
    if inside and tensorflow is not None and keras is not None and tensorflow < Version("2.6"):
        inside = False  # multi-backend Keras beside a TensorFlow that brings its own
    if not inside and "keras" not in found.modules:
        if tensorflow is None:
            raise ToolError(f"{found.executable}: neither Keras nor TensorFlow is installed there")
        inside = True
    api = KerasApi.TF_KERAS if inside else KerasApi.KERAS
    named = variables.get("KERAS_BACKEND") or found.keras_json or "tensorflow"
    backend = Backend(named) if not inside and named in set(Backend) else Backend.TENSORFLOW
    minor = ".".join(found.python.split(".")[:2])
    environment = Environment(
        id=HERE,
        installation=Installation(name="here", python=minor, requirements=()),
        api=api,
        backend=backend,
        legacy_keras=legacy,
        variables=tuple(sorted(variables.items())),
    )
    identity = identity_from_packages(environment, dict(found.packages))
    return Candidate(
        environment=environment, keras=identity.version, tensorflow=identity.tensorflow
    )
