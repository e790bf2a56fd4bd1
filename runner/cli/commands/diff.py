"""Show what changed between two runs, and which package versions changed with it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from runner.cli.console import Console
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.stored_runs import LAST, PREVIOUS, WORDS, load_results
from runner.compare.difference import compare
from runner.compare.difference_text import SHOWN, as_json, as_markdown, as_text
from runner.errors import ExitCode

DESCRIPTION = (
    "Compare two runs cell by cell: added (A), removed (D), changed (C). A changed cell is shown "
    f"with the packages that changed in its environments. A and B are {WORDS}."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix diff``."""

    before: str = option(nargs="?", default=PREVIOUS, metavar="A", help="default: %(default)s")
    after: str = option(nargs="?", default=LAST, metavar="B", help="default: %(default)s")
    format: str = option(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="default: %(default)s",
    )
    all: bool = option("--all", action="store_true", help="list every cell in the text")
    exit_code: bool = option(
        "--exit-code", action="store_true", help="exit with 1 when there is a difference"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix diff``."""
    build = options.build
    found = compare(load_results(build, options.before), load_results(build, options.after))
    match options.format:
        case "json":
            print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
        case "markdown":
            print(as_markdown(found), end="")
        case _:
            console = Console()
            for line in as_text(found, shown=None if options.all else SHOWN):
                console.show(line)
    return ExitCode.DIFFERS if options.exit_code and found.any else ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
