"""A user's own inputs and expected outputs: ``.npz`` and ``.npy``, never pickled ones."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np

from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.evidence import Array


def read_arrays(path: Path, names: Sequence[str] = ()) -> tuple[Array, ...]:
    """Return a file's arrays, in the order of ``names`` if it has them all.

    Raises ToolError (exit code 2).
    """
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            arrays = {"": found}
        else:
            with found:
                arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ToolError(
            f"{path}: no arrays can be read ({error})", exit_code=ExitCode.USAGE
        ) from error
    bad = [name for name, value in arrays.items() if value.dtype.kind not in "fiubU"]
    if bad or not arrays:
        what = f"{bad[0]!r} holds {arrays[bad[0]].dtype}" if bad else "it is empty"
        raise ToolError(
            f"{path}: arrays of numbers or of texts are wanted; {what}", exit_code=ExitCode.USAGE
        )
    if names and set(names) == set(arrays):
        return tuple(arrays[name] for name in names)
    return tuple(arrays.values())
