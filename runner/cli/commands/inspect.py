"""Say what a saved file is, without loading it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.cli.console import Console
from runner.cli.options import option
from runner.cli.registry import Command
from runner.errors import ExitCode, ToolError
from runner.modelfile import inspection_json as codec
from runner.modelfile.guard import Inspector
from runner.modelfile.inspection_text import lines_of

if TYPE_CHECKING:
    from runner.model.inspection import Inspection

DESCRIPTION = """\
Say what saved files are: their true format, which versions saved them, what they need, what code
they would run. Needs no Keras and runs nothing from a file. Name a SavedModel by its folder, a
checkpoint by its prefix.
"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of ``kmatrix inspect``."""

    files: tuple[Path, ...] = option(nargs="+", type=Path, metavar="FILE", help="file or folder")
    format: str = option(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: one object for all files, see docs/inspect.md",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix inspect``. 1 when a file has a problem: no Keras loads it as it is."""
    found: list[Inspection] = []
    missing: list[str] = []
    console = Console()
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
        print(json.dumps({"schema": codec.SCHEMA, "kmatrix": __version__, "files": files}))
    if missing:
        raise ToolError("\n".join(missing), exit_code=ExitCode.USAGE)
    return ExitCode.DIFFERS if any(one.problems for one in found) else ExitCode.AS_EXPECTED


def show(console: Console, inspection: Inspection) -> None:
    """One file for a person: the answer first."""
    console.show(f"{inspection.path}: {inspection.title}", style="bold")
    for label, words in lines_of(inspection):
        console.show(f"  {label:<10} {words}")


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
