"""Compare the common advice about loading with what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.measured_advice import advice as page
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.stored_runs import LAST, WORDS, load_results
from runner.errors import ExitCode

DESCRIPTION = (
    "Print the common advice about models that do not load, and for each claim what a run "
    "measured. The profile 'advice' has the cells for all claims."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix advice``."""

    results: str = option(
        nargs="?", default=LAST, metavar="RUN", help=f"{WORDS} (default: %(default)s)"
    )
    output: Path | None = option(
        "--output", type=Path, metavar="FILE", help="write to this file (default: the terminal)"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix advice``."""
    text = page(load_results(options.build, options.results))
    if options.output is None:
        print(text)
    else:
        options.output.write_text(text, "utf-8")
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
