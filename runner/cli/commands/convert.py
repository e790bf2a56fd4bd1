"""Write a file that another Keras loads, and verify it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.cli.console import Console
from runner.cli.conversions import Request, convert_sources
from runner.cli.options import ProjectOptions, option
from runner.cli.project import open_project_or_own
from runner.cli.registry import Command
from runner.convert.conversion import NewFormat, State
from runner.convert.converter import Wish
from runner.convert.naming import pair_up, sources_in
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.convert.conversion import Conversion

SCHEMA = 1  # of ``--json``
DESCRIPTION = (
    "Write a file that a plain load_model of another Keras loads. The new file is written only "
    "if it has the same weights and predicts what the original predicts in an environment that "
    "reads it. The original is never changed."
)
EXAMPLES = """\
examples:
  kmatrix convert old.h5 --to tf2.21
  kmatrix convert models/ --to tf2.15 -o converted/
  kmatrix convert model.json weights.h5 --to tf2.21
  kmatrix convert model.keras --python venv/bin/python
  kmatrix convert old.h5 --to tf2.21 --script mend.py
"""


@dataclass(frozen=True, kw_only=True)
class Options(ProjectOptions):
    """Options of ``kmatrix convert``."""

    files: tuple[Path, ...] = option(
        nargs="+", type=Path, metavar="FILE", help="file, folder, or architecture and its weights"
    )
    to: tuple[str, ...] = option(
        "--to", nargs="+", metavar="ENV", help="an environment of the matrix, or keras==3.15.1"
    )
    python: Path | None = option(
        "--python", type=Path, metavar="PATH", help="a Python interpreter that has Keras"
    )
    output: Path | None = option(
        "-o", "--output", type=Path, metavar="PATH", help="the new file, or a folder"
    )
    format: str | None = option(
        "--format",
        choices=("keras", "h5", "weights-h5", "savedmodel"),
        help="the format of the new file (default: what the target itself prefers)",
    )
    script: Path | None = option(
        "--script", type=Path, metavar="FILE.py", help="write the script that made the file"
    )
    force: bool = option("--force", action="store_true", help="replace files that exist")
    unverified: bool = option(
        "--unverified",
        action="store_true",
        help="write the file also if no environment reads the original",
    )
    trust: bool = option(
        "--trust", action="store_true", help="run code of the file (Lambda) on this machine"
    )
    custom: Path | None = option(
        "--custom", type=Path, metavar="FILE.py", help="your own layers; needs --trust"
    )
    json: bool = option("--json", action="store_true", help="print JSON; see docs/convert.md")


def run(options: Options) -> ExitCode:
    """``kmatrix convert``. 1 if a file could not be converted."""
    if bool(options.to) == (options.python is not None):
        raise ToolError("name the target: --to ENV, or --python PATH", exit_code=ExitCode.USAGE)
    if options.script is not None and options.script.exists() and not options.force:
        raise ToolError(f"{options.script} exists; --force replaces it", exit_code=ExitCode.USAGE)
    if options.custom is not None and not options.custom.is_file():
        raise ToolError(f"--custom {options.custom}: no such file", exit_code=ExitCode.USAGE)
    if options.custom is not None and not options.trust:
        raise ToolError(
            f"--custom {options.custom} is code, which runs on this machine; --trust allows it",
            exit_code=ExitCode.USAGE,
        )
    sources = pair_up([one for path in options.files for one in sources_in(path)])
    project, _ = open_project_or_own(options)
    progress = Console(stderr=True, quiet=options.json)
    request = Request(
        sources=tuple(sources),
        wish=Wish(
            format=NewFormat(options.format) if options.format else None,
            force=options.force,
            trusted=options.trust,
            custom=str(options.custom.absolute()) if options.custom else None,
            unverified=options.unverified,
            seconds=project.matrix.limits.cell_seconds,
        ),
        to=options.to,
        python=options.python,
        output=options.output,
    )
    found = convert_sources(project, request, lambda text: progress.show(text, style="dim"))
    if options.json:
        files = [as_json(one) for one in found]
        print(json.dumps({"schema": SCHEMA, "kmatrix": __version__, "files": files}))
    else:
        _show(Console(), found)
    if options.script is not None:
        _write_script(options.script, found)
    good = all(one.state is not State.FAILED for one in found)
    return ExitCode.AS_EXPECTED if good else ExitCode.DIFFERS


def as_json(one: Conversion) -> dict[str, object]:
    """Return the result for one file, for programs."""
    return {
        "source": str(one.source.path),
        "weights": str(one.source.weights) if one.source.weights else None,
        "target": one.target,
        "state": str(one.state),
        "reason": one.reason,
        "way": str(one.way) if one.way else None,
        "donor": one.donor,
        "file": str(one.file) if one.file else None,
        "format": str(one.format) if one.format else None,
        "rules": [
            {"rule": rule.rule, "layer": rule.layer, "what": rule.what} for rule in one.rules
        ],
        "lost": list(one.lost),
        "reference": one.reference,
        "difference": one.difference,
        "load": one.load if one.file else None,
    }


def _show(console: Console, found: Sequence[Conversion]) -> None:
    """One line for each file, and below it what was lost."""
    for one in found:
        name = one.source.path.name
        if one.state is State.FAILED:
            console.show(f"{name}: not converted: {one.reason}")
            continue
        way = f"{one.way} by {one.donor}" if one.donor else f"{one.way}"
        console.show(f"{name} -> {one.file}  {one.state} ({way}): {one.reason}")
        console.show(f"    load: {one.load}")
        for words in one.lost:
            console.show(f"    lost: {words}")


def _write_script(path: Path, found: Sequence[Conversion]) -> None:
    texts = {one.script for one in found if one.state is not State.FAILED}
    if len(texts) != 1:
        raise ToolError(
            f"--script {path}: these files need {len(texts)} scripts; convert one file at a time",
            exit_code=ExitCode.DIFFERS,
        )
    path.write_text(texts.pop(), "utf-8")


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EXAMPLES)
