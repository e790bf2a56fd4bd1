"""kmatrix as a library: the one public function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from runner.convert.conversion import Conversion


def convert(  # noqa: PLR0913 - the options of ``kmatrix convert``, by keyword
    path: str | PathLike[str],
    *,
    to: str | None = None,
    python: str | PathLike[str] | None = None,
    weights: str | PathLike[str] | None = None,
    output: str | PathLike[str] | None = None,
    format: str | None = None,  # noqa: A002 - as the option is called
    matrix: str | PathLike[str] | None = None,
    force: bool = False,
    unverified: bool = False,
    trust: bool = False,
) -> Conversion:
    """Write a file that a plain ``load_model`` of another Keras loads, and verify it.

    path: the saved model; an architecture (JSON or YAML) takes its weights in ``weights``.
    to: an environment of the matrix (``tf2.21``). python: an interpreter instead of that.
    output: the new file, or the folder for it (default: beside the original).
    format: ``keras``, ``h5``, ``weights-h5`` or ``savedmodel`` (default: the target's own).
    matrix: a matrix file (default: ``matrix.yaml`` here, else the one of kmatrix).
    force: replace an existing file. unverified: write the file also if no environment reads the
    original. trust: run code of the file on this machine.

    Returns the result, whose ``state`` says whether the file was written. Raises ToolError (with
    an ``exit_code``) if the file is missing or the target cannot be used.
    """
    here = Path(__file__).resolve().parent
    bundle = here / "_app"
    place = str(bundle if bundle.is_dir() else here.parent)
    if place not in sys.path:
        sys.path.insert(0, place)
    from runner.cli.conversions import convert_one  # noqa: PLC0415 - only importable from here on

    return convert_one(
        Path(path),
        to=to,
        python=None if python is None else Path(python),
        weights=None if weights is None else Path(weights),
        output=None if output is None else Path(output),
        format_name=format,
        matrix=None if matrix is None else Path(matrix),
        force=force,
        unverified=unverified,
        trust=trust,
    )
