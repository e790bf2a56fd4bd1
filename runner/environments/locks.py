"""Locks: requirements files with hashes, one for each installation, kept in git.

The header says what a lock was made for, so that a stale one is recognised without a resolver.
Nothing in a lock names an index: the clients ask the one they are configured for.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from functools import cache
from typing import TYPE_CHECKING

from runner.display_text import one_line
from runner.environments.layer_libraries import with_sources
from runner.model.builds import Fault, Lock, LockState, Unavailable
from runner.paths import LOCKS

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.matrix import Installation

VERSION = "# kmatrix lock 1"
REQUEST = "# request: "
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = "--hash=sha256:"
SYSTEM = "# resolved on: "
CONFLICT = "# conflict: "
LOCK_HELP = {
    LockState.MISSING: "it has no lock; write one: {command}",
    LockState.STALE: "its lock is stale: the matrix file asks for something else now; "
    "write it anew: {command}",
    LockState.DAMAGED: "its lock cannot be read; write it anew: {command}",
}


def lock_path(folder: Path, installation: Installation) -> Path:
    """Where the lock of an installation lies, below the matrix file's folder."""
    return folder / "environments" / "locks" / f"{installation.name}.txt"


def request_digest(installation: Installation, base: str = "") -> str:
    """Of everything that a lock answers: Python, requirements, overrides, index options.

    ``base``: the digest of the lock that a library of layers lies on.
    """
    request = {
        "python": installation.python,
        "requirements": sorted(installation.requirements),
        "overrides": sorted(installation.overrides),
        "prerelease": installation.index.prerelease,
        "exclude-newer": installation.index.exclude_newer,
        # Only where there are some: what has none keeps the digest it had before this key.
        **({"find-links": sorted(links)} if (links := installation.index.find_links) else {}),
        **({"base": base} if installation.base is not None else {}),
    }
    return "sha256:" + hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def lock_text(
    installation: Installation, compiled: str, *, base: str = "", conflict: str = ""
) -> str:
    """Return a lock file: what the resolver said, behind a header that says what it was asked.

    ``conflict``: why nothing can be installed, in the resolver's words, in place of packages.
    """
    header = [
        VERSION,
        f"# installation: {installation.name}",
        f"# python: {installation.python}",
        *(f"# requirement: {requirement}" for requirement in installation.requirements),
        *(f"# override: {override}" for override in installation.overrides),
        SYSTEM + this_system(),
        REQUEST + request_digest(installation, base),
        *([CONFLICT + one_line(conflict)] if conflict else []),
        "",
    ]
    return "\n".join(header) + compiled.strip() + "\n"


def pins(lock: Lock) -> bytes:
    """Return what the digest of a lock is of: its pinned lines. Raises OSError."""
    return "\n".join(_pinned(lock.path.read_text("utf-8"))).encode()


def lock_command(name: str) -> str:
    """Return what writes that lock, in the words of whoever called us: nox or the command line."""
    inside_nox = "NOX_CURRENT_SESSION" in os.environ
    return f"nox -s lock -- {name}" if inside_nox else f"kmatrix lock {name}"


def without_lock(installation: Installation, lock: Lock) -> Unavailable | None:
    """Why this lock cannot be installed, and what helps; None where it can."""
    if lock.state is LockState.FRESH:
        return None
    if lock.state is LockState.CONFLICT:
        return Unavailable(fault=Fault.LOCK, reason=f"cannot be installed: {lock.conflict}")
    reason = LOCK_HELP[lock.state].format(command=lock_command(installation.name))
    return Unavailable(fault=Fault.LOCK, reason=reason)


def read_lock(folder: Path, installation: Installation) -> Lock:
    """Return the lock of an installation and whether it can be installed.

    A matrix without a lock for it gets one that comes with kmatrix, if one answers just that
    request on this kind of machine. A local package adds the digest of its sources.
    """
    package = installation.package
    if package is not None and package.path is not None:
        under = installation if package.requirements else installation.base or installation
        found = own_lock(folder, under) if package.requirements else read_lock(folder, under)
        return with_sources(found, package.path)
    own = own_lock(folder, installation)
    if own.state is not LockState.MISSING or installation.index.find_links:
        return own
    path = _bundled().get((request_digest(installation), this_system()))
    return _read(path, installation, "") if path is not None else own


def own_lock(folder: Path, installation: Installation) -> Lock:
    """Return the lock beside the matrix file, of the packages that come from the index."""
    base = read_lock(folder, installation.base).digest if installation.base is not None else ""
    return _read(lock_path(folder, installation), installation, base)


def is_bundled(lock: Lock, folder: Path) -> bool:
    """Whether this lock is one of kmatrix's own, used by somebody else's matrix."""
    return lock.path.parent == LOCKS != folder.resolve() / "environments" / "locks"


def this_system() -> str:
    """Return what locks are resolved for: ``Linux x86_64``."""
    return f"{platform.system()} {platform.machine()}"


@cache
def _bundled() -> dict[tuple[str, str], Path]:
    """Kmatrix's own locks by request and system, from their headers."""
    found = {}
    for path in sorted(LOCKS.glob("*.txt")):
        with path.open(encoding="utf-8") as stream:
            head = [line.strip() for line, _ in zip(stream, range(60), strict=False)]
        asked = [line.removeprefix(REQUEST) for line in head if line.startswith(REQUEST)]
        system = [line.removeprefix(SYSTEM) for line in head if line.startswith(SYSTEM)]
        if asked and system:
            found[asked[0], system[0]] = path
    return found


def _read(path: Path, installation: Installation, base: str) -> Lock:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Lock(path=path, state=LockState.MISSING, digest="")
    except (OSError, UnicodeDecodeError):
        return Lock(path=path, state=LockState.DAMAGED, digest="")
    pinned = _pinned(text)
    packages = tuple(sorted(match.groups() for line in pinned if (match := PIN.match(line))))
    conflict = next((x for x in text.splitlines() if x.startswith(CONFLICT)), "")
    return Lock(
        path=path,
        state=_state(text, request_digest(installation, base), packages),
        conflict=conflict.removeprefix(CONFLICT),
        digest="sha256:" + hashlib.sha256("\n".join(pinned).encode()).hexdigest(),
        packages=packages,  # type: ignore[arg-type] # two groups, so pairs
    )


def _pinned(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not _is_comment(line)]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _state(text: str, request: str, packages: tuple[tuple[str, ...], ...]) -> LockState:
    asked = [line.removeprefix(REQUEST) for line in text.splitlines() if line.startswith(REQUEST)]
    conflict = f"\n{CONFLICT}" in text
    whole = bool(packages) and HASH in text
    if not text.startswith(VERSION) or len(asked) != 1 or not (whole or conflict):
        return LockState.DAMAGED
    if asked[0] != request:
        return LockState.STALE
    return LockState.CONFLICT if conflict else LockState.FRESH
