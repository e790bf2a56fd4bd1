"""The environments that ``kmatrix check`` compares, locked where the matrix does not have them.

Locks of environments that are made on the fly and a copy of the other lock are in a folder below
``build/check``, so that nothing of the user's is written.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from runner.compare import upgrade_target as targets
from runner.compare.requirements_file import read_requirements
from runner.config.catalogue_file import default_catalogue
from runner.environments.build_faults import explain
from runner.environments.interpreters import find_interpreter
from runner.environments.locks import lock_path, lock_text, read_lock
from runner.environments.uv import compile_lock
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState
from runner.model.keras_identity import TENSORFLOW_RELEASES, parse_version
from runner.model.matrix import Backend, KerasApi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.specifiers import Specifier

    from runner.model.matrix import Environment, Installation, Matrix

NEWEST_PYTHON = "3.12"  # where neither the requirements nor the user tell


class UnsolvableError(Exception):
    """The resolver finds no such set of packages; its reason in one line."""

    def __init__(self, name: str, wanted: str, reason: str) -> None:
        super().__init__(f"{wanted} cannot be installed: {reason}")
        self.name = name


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """An environment in requirements, to be locked and built on the fly."""

    name: str
    requirements: tuple[str, ...]
    python: str | None = None
    notes: tuple[str, ...] = ()  # what was left out of a requirements file


@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """Both sides. ``folder``: whose ``environments/locks`` holds the locks of both."""

    saver: Environment
    loader: Environment
    folder: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The other side. ``folder``: whose ``environments/locks`` holds the locks of both."""

    environment: Environment
    folder: Path


def find_target(
    words: Sequence[str], saver: Environment, matrix: Matrix, build: Path, python: str | None
) -> Target:
    """Return the environment that ``--to`` means. Raises ToolError (2) or UnsolvableError."""
    found = lock_targets(saver, find_loader(words, saver, matrix, python), matrix, build)
    return Target(environment=found.loader, folder=found.folder)


def find_saver(word: str, matrix: Matrix, python: str | None) -> Environment | Described:
    """Return what ``--from`` means: an environment of the matrix, or a requirements file."""
    if Path(word).is_file():
        return described_file(Path(word), matrix, python)
    if targets.is_file_name(word):
        raise ToolError(
            f"--from {word}: not an environment, and not an existing file",
            exit_code=ExitCode.USAGE,
        )
    return targets.resolve(word, matrix.environments, preferred_ids(matrix))


def find_loader(
    words: Sequence[str], saver: Environment | Described, matrix: Matrix, python: str | None
) -> Environment | Described:
    """Return what ``--to`` means. Raises ToolError (exit code 2)."""
    first = words[0]
    if len(words) == 1 and Path(first).is_file():
        return described_file(Path(first), matrix, python)
    if all(map(targets.is_requirement, words)):
        pins = [targets.requirement(word) for word in words]
        base, name = _base_of(saver)
        return Described(
            name=_free(safe_name(f"{name}-with-{'-'.join(words)}"), matrix),
            requirements=targets.with_pins(base, pins),
            python=python or (saver.python if isinstance(saver, Described) else None),
        )
    if len(words) > 1 or targets.is_file_name(first):
        raise ToolError(
            f"--to {' '.join(words)}: not an environment, not an existing file, and not "
            "packages such as numpy==2.0.0",
            exit_code=ExitCode.USAGE,
        )
    return targets.resolve(first, matrix.environments, preferred_ids(matrix))


def _base_of(saver: Environment | Described) -> tuple[tuple[str, ...], str]:
    if isinstance(saver, Described):
        return saver.requirements, saver.name
    return saver.installation.requirements, saver.id


def described_file(path: Path, matrix: Matrix, python: str | None) -> Described:
    """Return the environment of a requirements file. Raises ToolError (exit code 2)."""
    found = read_requirements(path.name, lambda name: _read(path.parent / name))
    if not found.requirements:
        raise ToolError(f"{path}: has no requirement of a package", exit_code=ExitCode.USAGE)
    return Described(
        name=_free(safe_name(path.stem), matrix),
        requirements=found.requirements,
        python=python,
        notes=found.notes,
    )


def preferred_ids(matrix: Matrix) -> frozenset[str]:
    """Return the environments of the default profile."""
    return frozenset(
        name
        for profile in matrix.profiles
        if profile.name == matrix.default_profile
        for name in profile.environments
    )


def lock_targets(
    saver: Environment | Described, loader: Environment | Described, matrix: Matrix, build: Path
) -> Targets:
    """Return both environments; lock those that are described. Raises UnsolvableError."""
    home = matrix.file.resolve().parent
    made = [side.name for side in (loader, saver) if isinstance(side, Described)]
    if not made:
        assert not isinstance(saver, Described)  # noqa: S101 - for mypy
        assert not isinstance(loader, Described)  # noqa: S101 - for mypy
        return Targets(saver=saver, loader=loader, folder=home)
    folder = build.resolve() / "check" / made[0]
    base = saver if not isinstance(saver, Described) else None
    old = _locked(saver, base, matrix, folder) if isinstance(saver, Described) else saver
    new = _locked(loader, base, matrix, folder) if isinstance(loader, Described) else loader
    for side in (saver, loader):
        if not isinstance(side, Described):
            _copy_lock(home, side.installation, folder)
    return Targets(saver=old, loader=new, folder=folder)


def _copy_lock(home: Path, installation: Installation, folder: Path) -> None:
    own = lock_path(home, installation)
    if own.exists():
        lock_path(folder, installation).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, lock_path(folder, installation))


def _locked(
    wanted: Described, base: Environment | None, matrix: Matrix, folder: Path
) -> Environment:
    """Return the environment that requirements describe. base: whose other settings it has."""
    home = matrix.file.resolve().parent
    start = base or _plain(matrix)
    links = tuple(str((home / link).resolve()) for link in start.installation.index.find_links)
    python = wanted.python or (None if base is not None else _python(wanted.requirements))
    environment = targets.target(
        start,
        name=wanted.name,
        requirements=wanted.requirements,
        python=python,
        index=replace(start.installation.index, find_links=links),
    )
    packages = _lock(environment, folder)
    variables = {
        backend: dict(facts.variables) for backend, facts in default_catalogue().backends.items()
    }
    return targets.settle(environment, packages, variables)


def _plain(matrix: Matrix) -> Environment:
    """Return an environment without settings of its own, for one that is only described."""
    first = matrix.environments[0]
    return replace(
        first,
        installation=replace(
            first.installation, overrides=(), package=None, base=None, python=NEWEST_PYTHON
        ),
        api=KerasApi.KERAS,
        backend=Backend.TENSORFLOW,
        eager=True,
        legacy_keras=False,
        variables=(),
    )


def _python(requirements: Sequence[str]) -> str:
    """Return the Python of the catalogue for the TensorFlow or Keras that is asked for."""
    catalogue = default_catalogue()
    for names, facts in (
        (TENSORFLOW_RELEASES, catalogue.tensorflow),
        (("keras",), catalogue.keras),
    ):
        for parsed in map(Requirement, requirements):
            if canonicalize_name(parsed.name) not in names:
                continue
            fitting = [
                minor
                for minor, item in facts.items()
                if parsed.specifier.contains(item.newest, prereleases=True)
                or any(_is_of(minor, one) for one in parsed.specifier)
            ]
            if fitting:
                return facts[max(fitting, key=Version)].python
    return NEWEST_PYTHON


def _is_of(minor: str, pin: Specifier) -> bool:
    """Return whether a pin names one release of this minor release."""
    found = parse_version(pin.version.removesuffix(".*"))
    exact = pin.operator in {"==", "===", "~="}
    return exact and found is not None and f"{found.major}.{found.minor}" == minor


def _lock(environment: Environment, folder: Path) -> dict[str, str]:
    """Return the packages of a fresh lock; write the lock if there is none for this request."""
    installation = environment.installation
    found = read_lock(folder, installation)
    if found.state is LockState.FRESH:
        return dict(found.packages)
    python = find_interpreter(installation.python) or installation.python
    done = compile_lock(installation, python, folder)
    if not done.ok:
        wanted = " with ".join(("Python " + installation.python, ", ".join(_shown(environment))))
        raise UnsolvableError(environment.id, wanted, explain(done.output))
    path = lock_path(folder, installation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lock_text(installation, done.output), "utf-8")
    return dict(read_lock(folder, installation).packages)


def _shown(environment: Environment) -> Sequence[str]:
    requirements = environment.installation.requirements
    return requirements if len(requirements) < 7 else (*requirements[:6], "…")


def safe_name(text: str) -> str:
    """Return a name for an environment and its folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", re.sub(r"[=<>~!]+", "-", text)).strip("-.")[:80]


def _free(name: str, matrix: Matrix) -> str:
    taken = {item.id for item in matrix.environments}
    return f"to-{name}" if name in taken or not name else name


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ToolError(f"{path}: not UTF-8 text", exit_code=ExitCode.USAGE) from error
    except OSError as error:
        raise ToolError(
            f"{path}: cannot be read ({error.strerror})", exit_code=ExitCode.USAGE
        ) from error
