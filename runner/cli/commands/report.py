"""Write the report again, from the last run or from a results.json."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.cli import stored_runs
from runner.cli.console import Console
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.report_writer import report
from runner.errors import ExitCode


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix report``."""

    results: str = option(
        nargs="?",
        default=stored_runs.LAST,
        metavar="RUN",
        help=f"{stored_runs.WORDS} (default: %(default)s)",
    )
    report_dir: Path | None = option(
        "--report-dir", type=Path, metavar="DIR", help="default: BUILD/report"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix report``."""
    results = stored_runs.load_results(options.build, options.results)
    history, difference = stored_runs.history_of(options.build, results)
    folder = options.report_dir or options.build / "report"
    report(Console(), results, folder, history, difference)
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run)
