"""A finished file goes to its place in one step, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class PublishError(Exception):
    """The new file could not be written; why, and what to do."""


def publish(staged: Path, new: Path, *, force: bool) -> None:
    """Copy beside the place, flush, rename. An existing file is replaced only with ``force``."""
    part = new.with_name(f".{new.name}.{os.getpid()}.part")
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PublishError(f"{new} cannot be written: {error.strerror or error}") from error
    try:
        _sweep(new)
        if staged.is_dir():
            shutil.copytree(staged, part)
        else:
            shutil.copyfile(staged, part)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
        if not force and not part.is_dir():
            os.link(part, new)  # fails where another process was faster
        else:
            _replace(part, new, force=force)
    except FileExistsError as error:
        raise PublishError(f"{new} exists; --force replaces it") from error
    except OSError as error:
        raise PublishError(f"{new} cannot be written: {error.strerror or error}") from error
    finally:
        _remove(part)


def _replace(part: Path, new: Path, *, force: bool) -> None:
    if new.is_dir() and force:
        old = new.with_name(f".{new.name}.{os.getpid()}.old")
        new.rename(old)
        part.rename(new)
        _remove(old)
        return
    if not force and new.exists():
        raise FileExistsError
    part.replace(new)


def _sweep(new: Path) -> None:
    """Remove what a killed process left behind for the same file."""
    for path in new.parent.glob(f".{new.name}.*.part"):
        number = path.name.split(".")[-2]
        if number.isdigit() and not _alive(int(number)):
            _remove(path)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
