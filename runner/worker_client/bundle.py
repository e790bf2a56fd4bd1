"""A copy of the worker under the name it is imported by, fixed for the time of a run."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.paths import WORKER

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = "kmatrix_worker"
# What recipes are made of has a digest of its own, in each recipe's key.
RECIPES = "recipes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """``folder`` goes on ``sys.path``; ``digest`` is of the worker's code without recipes."""

    folder: Path
    digest: str


def source_files(source: Path = WORKER) -> tuple[Path, ...]:
    """Return the worker's Python files, sorted."""
    return tuple(sorted(source.rglob("*.py")))


def worker_digest(source: Path = WORKER) -> str:
    """sha256 over everything that decides what evidence looks like."""
    return _digest(path for path in source_files(source) if path.parent.name != RECIPES)


def _digest(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def make_bundle(folder: Path, source: Path = WORKER) -> Bundle:
    """Copy the worker below ``folder``, once for each state of its source."""
    whole = _digest(source_files(source))[:16]
    target = folder / whole
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=folder, prefix=".staging-"))
        for path in source_files(source):
            copy = staging / PACKAGE / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        staging.chmod(0o755)
        try:
            staging.rename(target)
        except OSError:  # another run was first
            shutil.rmtree(staging, ignore_errors=True)
    return Bundle(folder=target, digest=worker_digest(source))
