"""Look at your own Python, and at a file in it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from runner.cli.console import Console
from runner.cli.file_loading import given_by
from runner.cli.loaded import show
from runner.cli.options import GivenOptions, option
from runner.cli.progress_bars import make_progress
from runner.cli.registry import Command
from runner.config.recipe_source import control_recipe
from runner.doctor.conflicts import conflicts
from runner.doctor.interpreter_survey import as_candidate, survey
from runner.doctor.own_python import OwnPython, lock_of
from runner.errors import ExitCode
from runner.model.matrix import Limits, Tolerance
from runner.modelfile.guard import inspect_files
from runner.run.file_run import FileRun, FileRunOptions
from runner.run.session import open_session

if TYPE_CHECKING:
    from runner.doctor.interpreter_survey import Survey

DESCRIPTION = (
    "Look at a Python with Keras in it: versions, backend, and what is known not to go together. "
    "With a FILE, load it in that very Python and say what to do."
)
EXAMPLES = """\
examples:
  kmatrix doctor                                     the python on PATH
  kmatrix doctor --python venv/bin/python
  kmatrix doctor --python venv/bin/python model.h5
"""


@dataclass(frozen=True, kw_only=True)
class Options(GivenOptions):
    """Options of ``kmatrix doctor``."""

    file: Path | None = option(nargs="?", type=Path, metavar="FILE", help="file or folder")
    python: Path = option(
        "--python",
        type=Path,
        default=Path("python"),
        metavar="PATH",
        help="the interpreter to look at (default: python on PATH)",
    )


def doctor(options: Options) -> ExitCode:
    """``kmatrix doctor``. 1 when something does not go together, or the file does not load."""
    console = Console(highlight=False, soft_wrap=True)
    found = survey(options.python, os.environ)
    known = conflicts(found)
    for conflict in known:
        code = f" [{conflict.code}]" if conflict.code else ""
        console.print(Text(f"conflict: {conflict.text}{code}", style="bold red"))
        console.print(Text(f"  do: {conflict.remedy}"))
    if not known:
        console.print(Text("nothing here is known not to go together", style="green"))
    _show(console, found)
    loads = options.file is None or _load(console, options, options.file, found)
    return ExitCode.AS_EXPECTED if loads and not known else ExitCode.DIFFERS


def _show(console: Console, found: Survey) -> None:
    rows = [("python", f"{found.python}  {found.executable}"), *found.packages]
    variables = ", ".join(f"{name}={value}" for name, value in found.variables)
    if variables:
        rows.append(("variables", variables))
    if found.keras_json is not None:
        rows.append(("keras.json", f"backend {found.keras_json}"))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.print(Text(f"  {name:<{width}}  {value}"))


def _load(console: Console, options: Options, file: Path, found: Survey) -> bool:
    """Return the file, in this Python. Whether it loads as is."""
    inspection = inspect_files([file])[0]
    candidate = as_candidate(found)
    with tempfile.TemporaryDirectory(prefix="kmatrix-doctor-") as name:
        session = open_session(Path(name))
        try:
            with make_progress(Console(stderr=True, quiet=True)) as progress:
                loads = FileRun(
                    session=session,
                    builder_for=lambda _: OwnPython(python=Path(found.executable)),
                    locks={candidate.environment.installation.name: lock_of(found)},
                    control=control_recipe(),
                    given=given_by(options, inspection),
                    options=FileRunOptions(limits=Limits(), tolerance=Tolerance(), jobs=1),
                    progress=progress,
                ).execute([(file, inspection)], [candidate])[0]
        finally:
            session.close()
    show(console, loads)
    return any(one.verdict.safe for one in loads.environments)


COMMAND = Command(options=Options, run=doctor, description=DESCRIPTION, examples=EXAMPLES)
