"""The environment of one release: the held one with another version of the package, locked.

Locks are in a folder below ``build/bisect`` for each held environment, and stay there: a release
is resolved once. Environments are built beside the others.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from runner.bisect.outcomes import NoAnswer
from runner.compare import upgrade_target
from runner.config.catalogue import Facts
from runner.config.catalogue_file import default_catalogue
from runner.config.derive import merge
from runner.environments.build_faults import classify, explain
from runner.environments.interpreters import find_interpreter
from runner.environments.layer_libraries import pinned_by
from runner.environments.locks import lock_path, lock_text, own_lock, pins
from runner.environments.resolver import refused, resolve
from runner.environments.uv import compile_lock
from runner.errors import ToolError
from runner.model.builds import Fault, Lock, LockState
from runner.model.keras_identity import TENSORFLOW_PACKAGES, keras_packages
from runner.model.matrix import Package

if TYPE_CHECKING:
    from pathlib import Path

    from runner.bisect.releases import Release
    from runner.config.catalogue import Catalogue
    from runner.model.matrix import Environment, Installation

# Faults that say nothing about a release: the next call may find the same release in order.
CANNOT = "cannot be installed: "
OURS = frozenset({Fault.NETWORK, Fault.DISK})


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The environment that a search varies one package of. ``home``: the matrix file's folder."""

    environment: Environment
    lock: Lock
    home: Path
    package: str  # as the environment calls it: ``tensorflow-cpu``

    @property
    def packages(self) -> dict[str, str]:
        """Its locked versions, by normalised name."""
        return {str(canonicalize_name(name)): version for name, version in self.lock.packages}

    @property
    def find_links(self) -> tuple[str, ...]:
        """Folders with packages, absolute."""
        links = self.environment.installation.index.find_links
        return tuple(str((self.home / one).resolve()) for one in links)

    @property
    def has_package(self) -> bool:
        """Whether the package is in it, so that its other packages may have to move with it."""
        return self.package in self.packages


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """A release's environment and its lock. ``folder``: whose ``environments/locks`` has it."""

    environment: Environment
    lock: Lock
    folder: Path


def package_of(name: str, packages: dict[str, str]) -> str:
    """Return the package as an environment calls it: its variant of TensorFlow."""
    wanted = str(canonicalize_name(name))
    if wanted == "tensorflow" and wanted not in packages:
        return next((other for other in TENSORFLOW_PACKAGES if other in packages), wanted)
    return wanted


def folder_of(held: Held, build: Path) -> Path:
    """Where the locks of a held environment's releases are; another lock has another folder."""
    short = held.lock.digest.removeprefix("sha256:")[:8]
    return build / "bisect" / f"{_safe(held.environment.id)}-{short}"


def locked(held: Held, release: Release, build: Path) -> Locked | NoAnswer:
    """Resolve a release's environment. Raises ToolError (3) where the index does not answer."""
    folder = folder_of(held, build)
    environment = environment_of(held, release)
    installation = environment.installation
    _keep_base(held, folder)
    lock = own_lock(folder, installation)
    if lock.state is not LockState.FRESH:
        found = _resolved(held, installation, folder)
        if isinstance(found, NoAnswer):
            return found
        base = held.lock.digest if installation.base is not None else ""
        _write(lock_path(folder, installation), lock_text(installation, found, base=base))
        lock = own_lock(folder, installation)
    return _settled(environment, lock, folder)


def _settled(environment: Environment, lock: Lock, folder: Path) -> Locked:
    """Which Keras it is, its lock tells; an environment without Keras stays as it is.

    A library that was put on top of it takes part in cells of models without a library.
    """
    if environment.installation.base is not None:
        plain = replace(environment.installation, package=None)
        environment = replace(environment, installation=plain)
    variables = {
        backend: dict(facts.variables) for backend, facts in default_catalogue().backends.items()
    }
    packages = dict(lock.packages)
    found = keras_packages(packages)
    if found.tensorflow is not None or found.keras is not None:
        environment = upgrade_target.settle(environment, packages, variables)
    return Locked(environment=environment, lock=lock, folder=folder)


def environment_of(held: Held, release: Release) -> Environment:
    """Return the held environment with this release in it."""
    base = held.environment.installation
    pin = f"{held.package}=={release}"
    mark = f"{held.package}-{release}"
    if release.python != base.python:
        mark += f"-py{release.python.replace('.', '')}"
    name = _safe(f"{held.environment.id}-with-{mark}")
    installation = replace(
        base,
        name=name,
        python=release.python,
        index=replace(base.index, find_links=held.find_links, exclude_newer=None),
    )
    if held.has_package or release.python != base.python:
        installation = replace(
            installation,
            requirements=_requirements(held, release, pin),
            overrides=_overrides(held),
            package=_library(base.package, held.package, pin),
            base=None,  # its versions may have to move
        )
    else:
        installation = replace(
            installation,
            requirements=merge(base.requirements, [pin]),
            package=Package(name=held.package, requirement=pin),
            base=base,
        )
    return replace(held.environment, id=name, installation=installation, position=None)


def _library(package: Package | None, name: str, pin: str) -> Package | None:
    """Return the library of layers that the held environment is about, at this release."""
    if package is None or canonicalize_name(package.name) != name:
        return package
    return replace(package, requirement=pin, path=None)


def _requirements(held: Held, release: Release, pin: str) -> tuple[str, ...]:
    """Return the held requirements with this one, and the pins that its versions need."""
    catalogue = default_catalogue()
    before = _pins(catalogue, held.packages, held.environment, held.environment.installation.python)
    packages = {**held.packages, held.package: str(release)}
    after = _pins(catalogue, packages, held.environment, release.python)
    names = {canonicalize_name(Requirement(one).name) for one in (pin, *after)}
    kept = [
        one
        for one in held.environment.installation.requirements
        if one not in before and canonicalize_name(Requirement(one).name) not in names
    ]
    others = [one for one in after if canonicalize_name(Requirement(one).name) != held.package]
    return merge(kept, [pin, *others])


def _pins(
    catalogue: Catalogue, packages: dict[str, str], environment: Environment, python: str
) -> tuple[str, ...]:
    found = keras_packages(packages)
    facts = Facts(
        tensorflow=found.tensorflow,
        keras=None if found.inside_tensorflow else found.keras,
        python=python,
        backends=(environment.backend,),
    )
    return catalogue.pins_for(facts)


def _overrides(held: Held) -> tuple[str, ...]:
    """Keep a library that asks for ``tensorflow`` from adding it to ``tensorflow-cpu``."""
    _, overrides = pinned_by(held.lock)
    return tuple(dict.fromkeys((*held.environment.installation.overrides, *overrides)))


def _resolved(held: Held, installation: Installation, folder: Path) -> str | NoAnswer:
    """Return the body of a lock, or why there can be none."""
    python = find_interpreter(installation.python) or installation.python
    if installation.base is not None:
        found = resolve(installation, held.lock, python, folder)
        if found.failure:
            raise ToolError(f"{installation.name}: cannot be resolved: {found.failure}")
        return NoAnswer(reason=f"{CANNOT}{found.conflict}") if found.conflict else found.body
    preferred = pins(held.lock).decode()
    done = compile_lock(installation, python, folder, preferred=preferred)
    if done.ok:
        return done.output
    if classify(done.output) in OURS or done.code is None:
        raise ToolError(f"{installation.name}: cannot be resolved: {explain(done.output)}")
    conflict = refused(done)
    reason = conflict.conflict if conflict is not None else ""
    return NoAnswer(reason=f"{CANNOT}{reason or explain(done.output)}")


def _keep_base(held: Held, folder: Path) -> None:
    """Put the lock of the held environment where the locks on top of it look for it."""
    path = lock_path(folder, held.environment.installation)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(held.lock.path, path)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a killed search leaves no half lock."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
