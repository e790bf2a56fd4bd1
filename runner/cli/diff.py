"""``kmatrix diff``: what changed between two runs, and which version stands behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.cli.console import Console
from runner.cli.options import common
from runner.cli.past import LAST, PREVIOUS, WORDS, load_results
from runner.cli.spec import build_folder
from runner.compare.difference import difference
from runner.compare.difference_text import SHOWN, as_json, as_markdown, as_text
from runner.errors import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runner.cli.options import Commands


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """The options of ``kmatrix diff``."""
    parser = commands.add_parser(
        "diff",
        help="what changed between two runs, and which version stands behind it",
        description="Compare two runs cell by cell: added (A), removed (D), changed (C). A "
        f"changed cell names the packages that changed with it. A and B are {WORDS}.",
    )
    common(parser)
    parser.add_argument(
        "before", nargs="?", default=PREVIOUS, metavar="A", help="default: previous"
    )
    parser.add_argument("after", nargs="?", default=LAST, metavar="B", help="default: last")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--all", action="store_true", help="name every cell in the text")
    parser.add_argument(
        "--exit-code", action="store_true", help="exit with 1 when there is a difference"
    )


def diff(options: Namespace) -> ExitCode:
    """``kmatrix diff``."""
    build = build_folder(options)
    found = difference(load_results(build, options.before), load_results(build, options.after))
    match options.format:
        case "json":
            print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
        case "markdown":
            print(as_markdown(found), end="")
        case _:
            console = Console()
            for line in as_text(found, shown=None if options.all else SHOWN):
                console.print(line, highlight=False, markup=False, soft_wrap=True)
    return ExitCode.DIFFERS if options.exit_code and found.any else ExitCode.AS_EXPECTED
