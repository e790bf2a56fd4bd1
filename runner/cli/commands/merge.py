"""Unite the results of shards and machines into one report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.console import Console
from runner.cli.exit_status import differs, show_expectations, with_expectations
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.report_writer import keep_and_report
from runner.cli.stored_runs import read_results
from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError
from runner.model.finding import Verdict
from runner.run.session import open_session
from runner.shards.merged_results import Part, unite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.model.results import Results

FILE = "results.json"
MOST_NOTES = 20


DESCRIPTION = (
    "Unite results.json files into one report, and keep it as a run. If two files have different "
    "verdicts for a cell, the worse one is kept and reported. The cells of a missing shard are "
    "'missing', and the exit code is 3."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix merge``."""

    results: tuple[Path, ...] = option(
        nargs="+", type=Path, metavar="DIR_OR_FILE", help=f"{FILE} files, or folders with them"
    )
    report_dir: Path | None = option(
        "--report-dir", type=Path, metavar="DIR", help="default: BUILD/report"
    )
    fail_on: tuple[str, ...] = option(
        "--fail-on",
        action="append",
        choices=[str(verdict) for verdict in Verdict],
        metavar="VERDICT",
        help="exit with 1 when a cell has this verdict; repeatable",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix merge``."""
    parts = [Part(source=str(path), results=read_results(path)) for path in _files(options.results)]
    expectations = load_matrix(options.matrix).expectations if options.matrix.exists() else None
    console = Console()
    session = open_session(options.build)
    try:
        results, notes = unite(parts, run_id=session.run_id)
        for note in notes[:MOST_NOTES]:
            console.show(note)
        if len(notes) > MOST_NOTES:
            console.show(f"and {len(notes) - MOST_NOTES} more disagreements")
        results = with_expectations(results, expectations)
        keep_and_report(
            console,
            results,
            session,
            options.report_dir or options.build / "report",
            gated=expectations is not None,
        )
        show_expectations(console, results, expectations)
    finally:
        session.close()
    return _exit_code(results, differs(results, expectations, options.fail_on))


def _exit_code(results: Results, found: bool) -> ExitCode:  # noqa: FBT001 - private
    if results.run.missing_shards:
        raise ToolError(
            f"shard {', '.join(results.run.missing_shards)}: missing, the grid is incomplete. "
            "Merge again with its results.json"
        )
    if found:
        return ExitCode.DIFFERS
    if not results.run.complete:
        raise ToolError("some cells were not measured; run their shard again and merge again")
    return ExitCode.AS_EXPECTED


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if not place.is_dir():
            yield place
            continue
        found = sorted(place.rglob(FILE))
        if not found:
            raise ToolError(
                f"{place}: no {FILE} in this folder. A shard writes one into its report folder: "
                "kmatrix run --shard 1/2 --report-dir DIR",
                exit_code=ExitCode.MISSING,
            )
        yield from found


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
