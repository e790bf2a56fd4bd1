"""``kmatrix advice``: the common advice beside what the last run measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reports.advice import advice as page
from runner.cli import past
from runner.cli.options import common
from runner.cli.spec import build_folder
from runner.errors import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runner.cli.options import Commands


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """The options of ``kmatrix advice``."""
    parser = commands.add_parser(
        "advice",
        help="the common advice about loading, each claim beside what was measured",
        description="Print the common advice about models that do not load, each claim beside "
        "what a run measured. The profile 'advice' has the cells for all of them.",
    )
    common(parser)
    parser.add_argument(
        "results",
        nargs="?",
        default=past.LAST,
        metavar="RUN",
        help=f"{past.WORDS} (default: %(default)s)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there")


def advice(options: Namespace) -> ExitCode:
    """``kmatrix advice``."""
    text = page(past.load_results(build_folder(options), options.results))
    if options.output is None:
        print(text)
    else:
        options.output.write_text(text, "utf-8")
    return ExitCode.AS_EXPECTED
