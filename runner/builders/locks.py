"""Locks: requirements files with hashes, one for each installation, kept in git.

The header says what a lock was made for, so that a stale one is recognised without a resolver.
Nothing in a lock names an index: the clients ask the one they are configured for.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from typing import TYPE_CHECKING

from runner.nouns.building import Lock, LockState

if TYPE_CHECKING:
    from pathlib import Path

    from runner.nouns.spec import Installation

VERSION = "# kmatrix lock 1"
REQUEST = "# request: "
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = "--hash=sha256:"


def lock_path(folder: Path, installation: Installation) -> Path:
    """Where the lock of an installation lies, below the matrix file's folder."""
    return folder / "environments" / "locks" / f"{installation.name}.txt"


def request_digest(installation: Installation) -> str:
    """Of everything that a lock answers: Python, requirements, overrides, index options."""
    request = {
        "python": installation.python,
        "requirements": sorted(installation.requirements),
        "overrides": sorted(installation.overrides),
        "prerelease": installation.index.prerelease,
        "exclude-newer": installation.index.exclude_newer,
    }
    return "sha256:" + hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def lock_text(installation: Installation, compiled: str) -> str:
    """A lock file: what the resolver said, behind a header that says what it was asked."""
    header = [
        VERSION,
        f"# installation: {installation.name}",
        f"# python: {installation.python}",
        *(f"# requirement: {requirement}" for requirement in installation.requirements),
        *(f"# override: {override}" for override in installation.overrides),
        f"# resolved on: {platform.system()} {platform.machine()}",
        REQUEST + request_digest(installation),
        "",
    ]
    return "\n".join(header) + compiled.strip() + "\n"


def read_lock(folder: Path, installation: Installation) -> Lock:
    """The lock of an installation and whether it can be installed."""
    path = lock_path(folder, installation)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Lock(path=path, state=LockState.MISSING, digest="")
    except (OSError, UnicodeDecodeError):
        return Lock(path=path, state=LockState.DAMAGED, digest="")
    pinned = [line for line in text.splitlines() if line.strip() and not _is_comment(line)]
    packages = tuple(sorted(match.groups() for line in pinned if (match := PIN.match(line))))
    return Lock(
        path=path,
        state=_state(text, installation, packages),
        digest="sha256:" + hashlib.sha256("\n".join(pinned).encode()).hexdigest(),
        packages=packages,  # type: ignore[arg-type] # two groups, so pairs
    )


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _state(
    text: str, installation: Installation, packages: tuple[tuple[str, ...], ...]
) -> LockState:
    asked = [line.removeprefix(REQUEST) for line in text.splitlines() if line.startswith(REQUEST)]
    if not text.startswith(VERSION) or len(asked) != 1 or not packages or HASH not in text:
        return LockState.DAMAGED
    return LockState.FRESH if asked[0] == request_digest(installation) else LockState.STALE
