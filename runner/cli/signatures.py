"""``kmatrix signatures``: the known failures, and which cells of a run show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reports.coverage import Known, coverage, coverage_table
from runner.cli import past
from runner.cli.options import common
from runner.cli.spec import build_folder
from runner.errors import ExitCode
from runner.signatures import load_signatures

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runner.cli.options import Commands


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """The options of ``kmatrix signatures``."""
    parser = commands.add_parser(
        "signatures",
        help="list the known failures, and which cells of a run show them",
        description="List the known failures, and which cells of a run show them.",
    )
    common(parser)
    parser.add_argument(
        "results",
        nargs="?",
        default=past.LAST,
        metavar="RUN",
        help=f"{past.WORDS} (default: %(default)s)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there")


def signatures(options: Namespace) -> ExitCode:
    """``kmatrix signatures``."""
    results = past.load_results(build_folder(options), options.results)
    known = [Known(id=item.id, code=item.code, title=item.title) for item in load_signatures()]
    found = coverage(results, known)
    if options.output is not None:
        options.output.write_text(coverage_table(results, found), "utf-8")
        return ExitCode.AS_EXPECTED
    for item in found:
        print(f"{len(item.cells):6d}  {item.known.id}: {item.known.title}")
    return ExitCode.AS_EXPECTED
