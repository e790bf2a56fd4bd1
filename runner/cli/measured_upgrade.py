"""An upgrade measured: reference models and the user's files, saved and loaded on both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.cli.check_target import Described, UnsolvableError, lock_targets
from runner.cli.console import Console
from runner.cli.exit_status import today
from runner.cli.options import FileOptions
from runner.cli.progress_bars import make_progress
from runner.cli.project import Project
from runner.compare.upgrade_answer import answer, unbuilt
from runner.compare.upgrade_files import with_files
from runner.config.matrix_file import select
from runner.config.problems import Problems
from runner.config.recipe_source import recipes_in
from runner.errors import ExitCode, ToolError
from runner.model.cell_id import ArtifactId
from runner.model.upgrade import Side
from runner.run.run_state import Options as RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.matrix import Environment, Matrix, RecipeInfo, Spec
    from runner.model.results import Results
    from runner.model.upgrade import Answer
    from runner.model.user_file import FileResult

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to measure, apart from the two environments."""

    models: tuple[str, ...] = ()  # globs of reference models, or files with recipes
    formats: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    custom: Path | None = None
    trust: bool = False
    both_directions: bool = False
    jobs: int = 1


def measured_answer(
    project: Project,
    saver: Environment | Described,
    loader: Environment | Described,
    question: Question,
) -> Answer:
    """Return the answer of a run of exactly this. Raises ToolError."""
    matrix, build = project.matrix, project.build
    errors = Console(stderr=True)
    for side in (saver, loader):
        for note in side.notes if isinstance(side, Described) else ():
            errors.show(note)
    try:
        target = lock_targets(saver, loader, matrix, build)
    except UnsolvableError as error:
        return _unsolvable(saver, loader, error)
    old, new = target.saver, target.loader
    if old.id == new.id:
        raise ToolError(f"both sides are {old.id}", exit_code=ExitCode.USAGE)
    pairs = [(old.id, new.id)]
    if question.both_directions:
        pairs.append((new.id, old.id))
    checked = Project(
        matrix=replace(
            matrix,
            file=target.folder / matrix.file.name,  # the locks of both are there
            environments=(old, new),
        ),
        build=build,
    )
    results = _measure(checked, _spec(matrix, checked, question), pairs, question, errors)
    found = answer(results, pairs)
    if isinstance(saver, Described) or isinstance(loader, Described):
        # No environment of the matrix: bisect could not name it.
        plain = tuple(replace(one, since=None) for one in found.directions)
        found = replace(found, directions=plain)
    if question.files:
        found = with_files(found, _load(checked, question))
    return found


def _unsolvable(
    saver: Environment | Described, loader: Environment | Described, error: UnsolvableError
) -> Answer:
    return unbuilt(
        _side(saver), _side(loader), str(error), date=today().isoformat(), kmatrix=__version__
    )


def _side(wanted: Environment | Described) -> Side:
    if isinstance(wanted, Described):
        return Side(id=wanted.name, words=", ".join(wanted.requirements))
    return Side(id=wanted.id, words=f"Python {wanted.installation.python}")


def _load(project: Project, question: Question) -> tuple[FileResult, ...]:
    """Return the user's own files, loaded in both environments and compared."""
    from runner.cli.file_loading import load_files, saved_files  # noqa: PLC0415 - NumPy

    paths = [path for given in question.files for path in saved_files(given)]
    given = FileOptions(
        matrix=project.matrix.file,
        build_dir=project.build,
        custom=question.custom,
        trust=question.trust,
    )
    return load_files(project, project.matrix.environments, paths, given)


def _spec(matrix: Matrix, project: Project, question: Question) -> Spec:
    """Return the two environments, with the chosen reference models and formats."""
    files = [text for text in question.models if text.endswith(".py")]
    globs = [text for text in question.models if text not in files]
    spec = select(matrix, profile=None, recipes=globs, formats=question.formats)
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
    project: Project, spec: Spec, pairs: Sequence[Pair], question: Question, errors: Console
) -> Results:
    wanted = RunOptions(jobs=question.jobs, cells=_cells(spec, pairs, project.control.name))
    with project.session() as session, make_progress(errors) as progress:
        return project.new_run(spec, session, wanted, progress).execute()


def _cells(spec: Spec, pairs: Sequence[Pair], control: str) -> frozenset[str]:
    """Return the pairs, each saver's own diagonal, and the loader's for the plainest model."""
    found = set()
    for saver, loader in pairs:
        for format_ in spec.formats:
            for recipe in spec.recipes:
                file = ArtifactId(saver=saver, recipe=recipe.name, format=str(format_))
                found |= {file.read_by(loader), file.read_by(saver)}
            plainest = ArtifactId(saver=loader, recipe=control, format=str(format_))
            found.add(plainest.read_by(loader))
    return frozenset(map(str, found))
