"""List the known failures, and which cells of a run show them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.coverage import Known, coverage, coverage_table
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.stored_runs import LAST, WORDS, load_results
from runner.errors import ExitCode
from runner.signatures import load_signatures


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix signatures``."""

    results: str = option(
        nargs="?", default=LAST, metavar="RUN", help=f"{WORDS} (default: %(default)s)"
    )
    output: Path | None = option(
        "--output", type=Path, metavar="FILE", help="write a Markdown table to this file"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix signatures``."""
    results = load_results(options.build, options.results)
    known = [Known(id=item.id, code=item.code, title=item.title) for item in load_signatures()]
    found = coverage(results, known)
    if options.output is not None:
        options.output.write_text(coverage_table(results, found), "utf-8")
        return ExitCode.AS_EXPECTED
    for item in found:
        print(f"{len(item.cells):6d}  {item.known.id}: {item.known.title}")
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run)
