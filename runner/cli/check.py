"""``kmatrix check``: whether saved models may follow from one environment to another."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import kmatrix
from runner.cli.console import Console
from runner.cli.gating import today
from runner.cli.load import load_in, saved_files
from runner.cli.options import common, positive
from runner.cli.progress import make_progress
from runner.cli.spec import build_folder, control_recipe, matrix_of
from runner.cli.target import CannotBeHadError, find_target, preferred_ids
from runner.compare.upgrade_answer import answer, unbuilt
from runner.compare.upgrade_files import with_files
from runner.compare.upgrade_target import resolve
from runner.compare.upgrade_text import as_json, as_text
from runner.config.matrix_file import select
from runner.config.problems import Problems
from runner.config.recipe_source import recipes_in
from runner.environments.builders import make_builders
from runner.errors import ExitCode, ToolError
from runner.model.upgrade import Safety, Side
from runner.run.matrix_run import Options, Run
from runner.run.session import open_session

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

    from runner.cli.options import Commands
    from runner.cli.target import Target
    from runner.model.matrix import Environment, Matrix, RecipeInfo, Spec
    from runner.model.results import Results
    from runner.model.upgrade import Answer
    from runner.nouns.loading import FileLoads

Pair = tuple[str, str]
EXITS = {
    Safety.SAFE: ExitCode.AS_EXPECTED,
    Safety.CHANGES: ExitCode.DIFFERS,
    Safety.UNSAFE: ExitCode.DIFFERS,
    Safety.UNKNOWN: ExitCode.MISSING,
}
DESCRIPTION = """\
Save reference models in one environment, load them in another, and say whether an upgrade is safe.

ids may be cut short: tf2.15 is the environment of the default profile that begins so, else the
only one of the matrix. --to takes a requirements file, or packages, as well: that environment is
then locked and built on the fly, below the build folder.
"""
EPILOG = """\
  kmatrix check --from tf2.15 --to tf2.21
  kmatrix check --from tf2.15 --to requirements.txt --models my_recipes.py
  kmatrix check --from tf2.15 --to h5py==3.14.0 --formats h5 weights-h5

exit codes:
  0  safe: every artifact that was good before keeps working
  1  not safe, or safe only with changes to the code that loads (0 for these: --allow-changes)
  2  the command line or the matrix file is wrong
  3  could not tell: an environment could not be had, or does not work
"""


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """The options of ``kmatrix check``."""
    parser = commands.add_parser(
        "check",
        help="say whether an upgrade is safe for saved models",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    common(parser)
    parser.add_argument("--from", required=True, dest="saver", metavar="ENVIRONMENT")
    parser.add_argument(
        "--to", required=True, nargs="+", dest="loader", metavar="ENVIRONMENT|FILE|PACKAGE"
    )
    parser.add_argument("--python", metavar="VERSION", help="of an environment made on the fly")
    parser.add_argument(
        "--models", nargs="+", default=[], metavar="GLOB|FILE.py", help="only these, or your own"
    )
    parser.add_argument(
        "--files", nargs="+", default=[], type=Path, metavar="FILE|DIR", help="your saved files too"
    )
    parser.set_defaults(inputs=None, expect=None)  # what `kmatrix load` also takes
    parser.add_argument("--custom", type=Path, metavar="FILE.py", help="the layers of --files")
    parser.add_argument(
        "--trust", action="store_true", help="run code of --files outside of a sandbox"
    )
    parser.add_argument("--formats", nargs="+", default=[], metavar="GLOB", help="only these")
    parser.add_argument(
        "--both-directions", action="store_true", help="and back, for those who may have to"
    )
    parser.add_argument(
        "--allow-changes", action="store_true", help="0 also where another way of loading is needed"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--jobs", "-j", type=positive, default=os.cpu_count() or 1, metavar="N")


def check(options: Namespace) -> ExitCode:
    """``kmatrix check``."""
    matrix = matrix_of(options)
    build = build_folder(options)
    saver = resolve(options.saver, matrix.environments, preferred_ids(matrix))
    errors = Console(stderr=True)
    try:
        target = find_target(options.loader, saver, matrix, build, options.python)
    except CannotBeHadError as error:
        found = unbuilt(
            Side(id=saver.id, words=f"Python {saver.installation.python}"),
            Side(id=error.name, words=" ".join(options.loader)),
            str(error),
            date=today().isoformat(),
            kmatrix=kmatrix.__version__,
        )
        return _tell(found, options)
    if target.environment.id == saver.id:
        raise ToolError(f"both sides are {saver.id}", exit_code=ExitCode.USAGE)
    for note in target.notes:
        errors.print(note, highlight=False, markup=False, soft_wrap=True)
    pairs = [(saver.id, target.environment.id)]
    if options.both_directions:
        pairs.append((target.environment.id, saver.id))
    results = _run(_spec(matrix, saver, target, options), pairs, build, options, errors)
    found = answer(results, pairs)
    if options.files:
        found = with_files(found, _load(matrix, saver, target, options))
    return _tell(found, options)


def _load(
    matrix: Matrix, saver: Environment, target: Target, options: Namespace
) -> tuple[FileLoads, ...]:
    """The user's own files, loaded in both environments and compared."""
    paths = [path for given in options.files for path in saved_files(given)]
    both = replace(
        matrix,
        file=target.folder / matrix.file.name,
        environments=(saver, target.environment),
    )
    return load_in(options, both, both.environments, paths)


def _spec(matrix: Matrix, saver: Environment, target: Target, options: Namespace) -> Spec:
    """The two environments, with the reference models and formats that were asked for."""
    files = [text for text in options.models if text.endswith(".py")]
    globs = [text for text in options.models if text not in files]
    spec = select(matrix, profile=None, recipes=globs, formats=options.formats)
    own = _own_recipes(files)
    return replace(
        spec,
        file=target.folder / matrix.file.name,
        profile="check",
        environments=(saver, target.environment),
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
                f"--models {file}: holds no recipe; decorate a class with @recipe(...)",
                exit_code=ExitCode.USAGE,
            )
        found += recipes
    return tuple(found)


def _run(
    spec: Spec, pairs: Sequence[Pair], build: Path, options: Namespace, errors: Console
) -> Results:
    session = open_session(build)
    control = control_recipe()
    try:
        with make_progress(errors) as progress:
            return Run(
                spec=spec,
                control=control,
                session=session,
                builder=make_builders(folder=spec.file.parent, build=session.build),
                options=Options(jobs=options.jobs, cells=_cells(spec, pairs, control.name)),
                progress=progress,
            ).execute()
    finally:
        session.close()


def _cells(spec: Spec, pairs: Sequence[Pair], control: str) -> frozenset[str]:
    """The pairs, each saver's own diagonal, and the loader's for the plainest model."""
    found = set()
    for saver, loader in pairs:
        for format_ in spec.formats:
            for recipe in spec.recipes:
                subject = f"{saver}/{recipe.name}/{format_}"
                found |= {f"{subject}/{loader}", f"{subject}/{saver}"}
            found.add(f"{loader}/{control}/{format_}/{loader}")
    return frozenset(found)


def _tell(found: Answer, options: Namespace) -> ExitCode:
    if options.format == "json":
        print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
    else:
        console = Console()
        for line in as_text(found):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    if options.allow_changes and found.safety is Safety.CHANGES:
        return ExitCode.AS_EXPECTED
    return EXITS[found.safety]
