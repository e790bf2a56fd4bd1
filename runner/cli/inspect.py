"""``kmatrix inspect``: what saved files are, without TensorFlow and without running any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

import kmatrix
from runner.errors import ExitCode, ToolError
from runner.modelfile import inspection_json as codec
from runner.modelfile.guard import Inspector
from runner.modelfile.inspection_text import lines_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction

    from runner.model.inspection import Inspection

DESCRIPTION = """\
Say what saved files are: their true format, who saved them, what they need, what they would run.
No Keras is needed and nothing of a file is run. A SavedModel is named by its folder, a checkpoint
by its prefix.
"""


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "inspect", help="say what a saved file is, without loading it", description=DESCRIPTION
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="file or folder")
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: one object for all files, see docs/inspect.md",
    )


def inspect(options: Namespace) -> ExitCode:
    """``kmatrix inspect``. 1 when a file has a problem: no Keras loads it as it is."""
    found: list[Inspection] = []
    missing: list[str] = []
    console = Console(highlight=False, soft_wrap=True)
    with Inspector() as inspector:
        for path in options.files:
            try:
                inspection = inspector.inspect(path)
            except ToolError as error:
                if error.exit_code is not ExitCode.USAGE:
                    raise
                missing.append(str(error))
                continue
            found.append(inspection)
            if options.format == "text":
                show(console, inspection)
    if options.format == "json":
        files = [codec.to_json(one) for one in found]
        print(json.dumps({"schema": codec.SCHEMA, "kmatrix": kmatrix.__version__, "files": files}))
    if missing:
        raise ToolError("\nkmatrix: ".join(missing), exit_code=ExitCode.USAGE)
    return ExitCode.DIFFERS if any(one.problems for one in found) else ExitCode.AS_EXPECTED


def show(console: Console, inspection: Inspection) -> None:
    """One file for a person: the answer first."""
    console.print(Text(f"{inspection.path}: {inspection.title}", style="bold"))
    for label, words in lines_of(inspection):
        console.print(Text(f"  {label:<10} {words}"))
