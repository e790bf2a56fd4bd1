"""The environment that ``kmatrix check --to`` describes, locked if the matrix does not have it.

Its lock and a copy of the other lock are in a folder below ``build/check``, so that
nothing of the user's is written.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.compare import upgrade_target as targets
from runner.compare.requirements_file import read_requirements
from runner.config.catalogue_file import default_catalogue
from runner.environments.build_faults import explain
from runner.environments.interpreters import find_interpreter
from runner.environments.locks import lock_path, lock_text, read_lock
from runner.environments.uv import compile_lock
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.matrix import Environment, Matrix


class UnsolvableError(Exception):
    """The resolver finds no such set of packages; its reason in one line."""

    def __init__(self, name: str, wanted: str, reason: str) -> None:
        super().__init__(f"{wanted} cannot be installed: {reason}")
        self.name = name


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The other side. ``folder``: whose ``environments/locks`` holds the locks of both."""

    environment: Environment
    folder: Path
    notes: tuple[str, ...] = ()  # what was left out of a requirements file


def find_target(
    words: Sequence[str], saver: Environment, matrix: Matrix, build: Path, python: str | None
) -> Target:
    """The environment after the upgrade. Raises ToolError (exit code 2) or UnsolvableError."""
    first = words[0]
    if len(words) == 1 and Path(first).is_file():
        found = read_requirements(Path(first).name, lambda name: _read(Path(first).parent / name))
        if not found.requirements:
            raise ToolError(f"{first}: has no requirement of a package", exit_code=ExitCode.USAGE)
        name = _free(_safe(Path(first).stem), matrix)
        return _locked(name, found.requirements, saver, matrix, build, python, found.notes)
    if all(map(targets.is_requirement, words)):
        pins = [targets.requirement(word) for word in words]
        requirements = targets.with_pins(saver.installation.requirements, pins)
        name = _free(_safe(f"{saver.id}-with-{'-'.join(words)}"), matrix)
        return _locked(name, requirements, saver, matrix, build, python, ())
    if len(words) > 1 or "/" in first or first.endswith((".txt", ".in")):
        raise ToolError(
            f"--to {' '.join(words)}: not an environment, not an existing file, and not "
            "packages such as numpy==2.0.0",
            exit_code=ExitCode.USAGE,
        )
    environment = targets.resolve(first, matrix.environments, preferred_ids(matrix))
    return Target(environment=environment, folder=matrix.file.resolve().parent)


def preferred_ids(matrix: Matrix) -> frozenset[str]:
    """The environments of the default profile."""
    return frozenset(
        name
        for profile in matrix.profiles
        if profile.name == matrix.default_profile
        for name in profile.environments
    )


def _locked(
    name: str,
    requirements: tuple[str, ...],
    saver: Environment,
    matrix: Matrix,
    build: Path,
    python: str | None,
    notes: tuple[str, ...],
) -> Target:
    home = matrix.file.resolve().parent
    links = tuple(str((home / link).resolve()) for link in saver.installation.index.find_links)
    environment = targets.target(
        saver,
        name=name,
        requirements=requirements,
        python=python,
        index=replace(saver.installation.index, find_links=links),
    )
    folder = build.resolve() / "check" / name
    packages = _lock(environment, folder)
    own = lock_path(home, saver.installation)
    if own.exists():
        shutil.copyfile(own, lock_path(folder, saver.installation))
    variables = {
        backend: dict(facts.variables) for backend, facts in default_catalogue().backends.items()
    }
    return Target(
        environment=targets.settle(environment, packages, variables), folder=folder, notes=notes
    )


def _lock(environment: Environment, folder: Path) -> dict[str, str]:
    """The packages of a fresh lock; write the lock if there is none for this request."""
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


def _safe(text: str) -> str:
    """A name for an environment and its folder."""
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
