"""Options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.config.entry import BUILDERS

MATRIX_FILE = Path("matrix.yaml")
Commands = argparse._SubParsersAction  # noqa: SLF001 - the only name argparse has for it


def common(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads a matrix file."""
    parser.add_argument(
        "--matrix",
        type=Path,
        default=MATRIX_FILE,
        metavar="FILE",
        help="the matrix file (default: %(default)s)",
    )
    parser.add_argument(
        "--build-dir",
        type=Path,
        default=None,
        metavar="DIR",
        help="where environments, evidence and reports lie (default: build beside the matrix "
        "file, or $KMATRIX_BUILD_DIR)",
    )
    parser.add_argument(
        "--builder",
        choices=BUILDERS,
        help="build every environment this way, whatever the matrix file says",
    )


def positive(text: str) -> int:
    """A number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: at least 1")
    return number
