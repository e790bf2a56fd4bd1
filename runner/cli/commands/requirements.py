"""Print requirements with which your saved file loads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.added_packages import addons_asked, import_note, read_added
from runner.cli.file_loading import (
    candidates_of,
    chosen_environments,
    file_run,
    given_with,
    rest_of_matrix,
)
from runner.cli.options import FileOptions, option
from runner.cli.registry import Command
from runner.errors import ExitCode, ToolError
from runner.evaluate.file_answer import UNTRIED, cause
from runner.modelfile.guard import inspect_files
from runner.run.pinned_requirements import FORMATS, find_environment

if TYPE_CHECKING:
    from runner.model.inspection import Inspection

DESCRIPTION = (
    "Print the pinned requirements, and the Python, of an environment in which the file really "
    "loads: the nearest to the one that saved it, found by loading it there. Without "
    "--environments: those of the default profile, then the nearest of the whole matrix file, "
    "which are built when they have to be."
)
EXAMPLES = """\
examples:
  kmatrix requirements model.h5 > requirements.txt
  kmatrix requirements model.h5 --format dockerfile > Dockerfile
  kmatrix requirements model.h5 --with qkeras==0.9.0 pyparsing --trust
"""


@dataclass(frozen=True, kw_only=True)
class Options(FileOptions):
    """Options of ``kmatrix requirements``."""

    file: Path = option(type=Path, metavar="FILE", help="file or folder")
    format: str = option(
        "--format",
        choices=tuple(FORMATS),
        default="txt",
        help="txt: exact versions; lock: with hashes; dockerfile (default: %(default)s)",
    )


def requirements(options: Options) -> ExitCode:
    """``kmatrix requirements``. 1 when the file loads in none of the environments."""
    inspection = inspect_files([options.file])[0]
    project, environments = chosen_environments(options)
    known = candidates_of(project, environments)
    alone = bool(options.environments or options.added)
    more = () if alone else rest_of_matrix(project, inspection, environments)
    given = given_with(options, [inspection], project.build)
    with file_run(project, (*known, *more), given) as run:
        found, tried = find_environment(options.file, inspection, known, run)
        if found is None and more:
            found, also = find_environment(options.file, inspection, more, run)
            tried = (*tried, *also)
    if found is None:
        untried = [one for one in tried if one.verdict in UNTRIED]
        if untried and len(untried) == len(tried):
            raise ToolError(f"{options.file}: {untried[0].reason}")
        problem = inspection.problems[0].text if inspection.problems else None
        raise ToolError(
            f"{options.file}: "
            + (problem or f"loads in none of {len(tried)} environments: {cause(tried)}")
            + _hint(inspection, options),
            exit_code=ExitCode.DIFFERS,
        )
    if options.added:
        found = replace(found, note=import_note(read_added(options.added), inspection))
    lock = project.lock(found.candidate.environment.installation)
    print(FORMATS[options.format](options.file, found, lock), end="")
    return ExitCode.AS_EXPECTED


def _hint(inspection: Inspection, options: Options) -> str:
    """Name the add-on libraries that the file asks for, where they were not given."""
    packages = () if options.added else addons_asked(inspection)
    if not packages:
        return ""
    choice = " or ".join(f"--with {name}" for name in packages)
    return f"; it asks for classes of {' and '.join(packages)}: try again {choice}"


COMMAND = Command(options=Options, run=requirements, description=DESCRIPTION, examples=EXAMPLES)
