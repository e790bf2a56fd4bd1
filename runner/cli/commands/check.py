"""Say whether an upgrade is safe for saved models."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.cli.check_target import UnsolvableError, find_target, preferred_ids
from runner.cli.console import Console
from runner.cli.exit_status import today
from runner.cli.options import FileOptions, ProjectOptions, option, positive
from runner.cli.progress import make_progress
from runner.cli.project import Project, open_project
from runner.cli.registry import Command
from runner.compare.upgrade_answer import answer, unbuilt
from runner.compare.upgrade_files import with_files
from runner.compare.upgrade_target import resolve
from runner.compare.upgrade_text import as_json, as_text
from runner.config.matrix_file import select
from runner.config.problems import Problems
from runner.config.recipe_source import recipes_in
from runner.errors import ExitCode, ToolError
from runner.model.cell_id import ArtifactId
from runner.model.upgrade import Safety, Side
from runner.run.run_state import Options as RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.matrix import Matrix, RecipeInfo, Spec
    from runner.model.results import Results
    from runner.model.upgrade import Answer
    from runner.model.user_file import FileResult

Pair = tuple[str, str]
EXITS = {
    Safety.SAFE: ExitCode.AS_EXPECTED,
    Safety.CHANGES: ExitCode.DIFFERS,
    Safety.UNSAFE: ExitCode.DIFFERS,
    Safety.UNKNOWN: ExitCode.MISSING,
}
DESCRIPTION = """\
Save reference models in one environment, load them in another, and say whether an upgrade is safe.

Ids can be shortened: tf2.15 is the environment of the default profile whose id begins with it,
else the only one of the matrix. --to also takes a requirements file, or packages: kmatrix then
locks and builds that environment below the build folder.
"""
EPILOG = """\
  kmatrix check --from tf2.15 --to tf2.21
  kmatrix check --from tf2.15 --to requirements.txt --models my_recipes.py
  kmatrix check --from tf2.15 --to h5py==3.14.0 --formats h5 weights-h5

exit codes:
  0  safe: every artifact that was good before keeps working
  1  not safe, or safe only with changes to the code that loads (0 for these: --allow-changes)
  2  the command line or the matrix file is wrong
  3  unknown: an environment could not be installed or started, or does not work
"""


@dataclass(frozen=True, kw_only=True)
class Options(ProjectOptions):
    """Options of ``kmatrix check``."""

    saver: str = option(
        "--from", required=True, metavar="ENVIRONMENT", help="the environment you have now"
    )
    loader: tuple[str, ...] = option(
        "--to",
        required=True,
        nargs="+",
        metavar="ENVIRONMENT|FILE|PACKAGE",
        help="the environment after the upgrade: an id, a requirements file, or packages that "
        "replace those of --from",
    )
    python: str | None = option(
        "--python", metavar="VERSION", help="the Python of an environment that --to describes"
    )
    models: tuple[str, ...] = option(
        "--models",
        nargs="+",
        metavar="GLOB|FILE.py",
        help="only these reference models, or your own recipes",
    )
    files: tuple[Path, ...] = option(
        "--files",
        nargs="+",
        type=Path,
        metavar="FILE|DIR",
        help="also load these saved files in both environments",
    )
    custom: Path | None = option(
        "--custom", type=Path, metavar="FILE.py", help="your own layers, needed by --files"
    )
    trust: bool = option(
        "--trust", action="store_true", help="run code of --files outside of a sandbox"
    )
    formats: tuple[str, ...] = option(
        "--formats", nargs="+", metavar="GLOB", help="only these formats"
    )
    both_directions: bool = option(
        "--both-directions", action="store_true", help="also check the downgrade"
    )
    allow_changes: bool = option(
        "--allow-changes",
        action="store_true",
        help="exit with 0 also when models load only by another route",
    )
    format: str = option(
        "--format", choices=("text", "json"), default="text", help="default: %(default)s"
    )
    jobs: int = option(
        "--jobs",
        "-j",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="cells side by side (default: as many as this machine has processors)",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix check``."""
    project = open_project(options)
    matrix, build = project.matrix, project.build
    saver = resolve(options.saver, matrix.environments, preferred_ids(matrix))
    errors = Console(stderr=True)
    try:
        target = find_target(options.loader, saver, matrix, build, options.python)
    except UnsolvableError as error:
        found = unbuilt(
            Side(id=saver.id, words=f"Python {saver.installation.python}"),
            Side(id=error.name, words=" ".join(options.loader)),
            str(error),
            date=today().isoformat(),
            kmatrix=__version__,
        )
        return _tell(found, options)
    if target.environment.id == saver.id:
        raise ToolError(f"both sides are {saver.id}", exit_code=ExitCode.USAGE)
    for note in target.notes:
        errors.show(note)
    pairs = [(saver.id, target.environment.id)]
    if options.both_directions:
        pairs.append((target.environment.id, saver.id))
    checked = Project(
        matrix=replace(
            matrix,
            file=target.folder / matrix.file.name,  # the locks of both are there
            environments=(saver, target.environment),
        ),
        build=build,
    )
    results = _measure(checked, _spec(matrix, checked, options), pairs, options, errors)
    found = answer(results, pairs)
    if options.files:
        found = with_files(found, _load(checked, options))
    return _tell(found, options)


def _load(project: Project, options: Options) -> tuple[FileResult, ...]:
    """The user's own files, loaded in both environments and compared."""
    from runner.cli.file_loading import load_files, saved_files  # noqa: PLC0415 - NumPy

    paths = [path for given in options.files for path in saved_files(given)]
    given = FileOptions(
        matrix=options.matrix,
        build_dir=options.build_dir,
        custom=options.custom,
        trust=options.trust,
    )
    return load_files(project, project.matrix.environments, paths, given)


def _spec(matrix: Matrix, project: Project, options: Options) -> Spec:
    """The two environments, with the chosen reference models and formats."""
    files = [text for text in options.models if text.endswith(".py")]
    globs = [text for text in options.models if text not in files]
    spec = select(matrix, profile=None, recipes=globs, formats=options.formats)
    own = _own_recipes(files)
    return replace(
        spec,
        file=project.matrix.file,
        profile="check",
        environments=project.matrix.environments,
        recipes=(*own, *(spec.recipes if globs or not own else ())),
        expectations=None,
    )


def _own_recipes(files: Iterable[str]) -> tuple[RecipeInfo, ...]:
    found: list[RecipeInfo] = []
    for file in files:
        if not Path(file).is_file():
            raise ToolError(f"--models {file}: no such file", exit_code=ExitCode.USAGE)
        problems = Problems()
        recipes = tuple(recipes_in(Path(file), problems))
        problems.raise_if_any()
        if not recipes:
            raise ToolError(
                f"--models {file}: has no recipe; decorate a class with @recipe(...)",
                exit_code=ExitCode.USAGE,
            )
        found += recipes
    return tuple(found)


def _measure(
    project: Project, spec: Spec, pairs: Sequence[Pair], options: Options, errors: Console
) -> Results:
    wanted = RunOptions(jobs=options.jobs, cells=_cells(spec, pairs, project.control.name))
    with project.session() as session, make_progress(errors) as progress:
        return project.new_run(spec, session, wanted, progress).execute()


def _cells(spec: Spec, pairs: Sequence[Pair], control: str) -> frozenset[str]:
    """The pairs, each saver's own diagonal, and the loader's for the plainest model."""
    found = set()
    for saver, loader in pairs:
        for format_ in spec.formats:
            for recipe in spec.recipes:
                file = ArtifactId(saver=saver, recipe=recipe.name, format=str(format_))
                found |= {file.read_by(loader), file.read_by(saver)}
            plainest = ArtifactId(saver=loader, recipe=control, format=str(format_))
            found.add(plainest.read_by(loader))
    return frozenset(map(str, found))


def _tell(found: Answer, options: Options) -> ExitCode:
    if options.format == "json":
        print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
    else:
        console = Console()
        for line in as_text(found):
            console.show(line)
    if options.allow_changes and found.safety is Safety.CHANGES:
        return ExitCode.AS_EXPECTED
    return EXITS[found.safety]


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EPILOG)
