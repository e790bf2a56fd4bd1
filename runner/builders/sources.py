"""What a local package is made of, as a digest: its environments are others when it changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.nouns.building import LockState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.nouns.building import Lock

METADATA = ("pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in")
# Beside the sources: a change there is no change of what is installed.
ASIDE = frozenset({"build", "dist", "docs", "test", "tests", "examples", "node_modules"})
GENERATED = frozenset({"__pycache__"})


def with_sources(lock: Lock, path: Path) -> Lock:
    """A lock whose digest also speaks for a local package."""
    if lock.state is not LockState.FRESH:
        return lock
    found = hashlib.sha256(lock.digest.encode() + sources_digest(path).encode())
    return replace(lock, digest=f"sha256:{found.hexdigest()}")


def sources_digest(path: Path) -> str:
    """sha256 of a wheel, or of what a wheel of this folder would be made from."""
    found = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(source_files(path)):
        found.update(file.relative_to(path.parent).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def source_files(folder: Path) -> Iterator[Path]:
    """Its metadata, its modules, and everything in folders that hold Python packages."""
    for path in folder.iterdir():
        if path.is_dir():
            if _is_package(path):
                yield from _below(path)
        elif path.name in METADATA or (path.suffix == ".py" and path.name != "noxfile.py"):
            yield path


def _is_package(path: Path) -> bool:
    if path.name in ASIDE or path.name.startswith("."):
        return False
    return path.name == "src" or (path / "__init__.py").is_file()


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in GENERATED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _below(path)
        elif path.suffix not in {".pyc", ".pyo"}:
            yield path
