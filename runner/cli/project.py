"""The project that a command works on: a matrix file and everything that belongs to it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from runner.cli.options import MATRIX_FILE
from runner.config.matrix_file import load_matrix, select
from runner.config.recipe_source import control_recipe
from runner.environments.builders import make_builders
from runner.environments.locks import read_lock
from runner.paths import MATRIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from runner.cli.options import ProjectOptions
    from runner.environments.builders import BuilderFor
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Installation, Matrix, RecipeInfo, Spec
    from runner.run.early_results import EarlyResults
    from runner.run.matrix_run import Run
    from runner.run.progress import Progress
    from runner.run.run_state import Options
    from runner.run.session import Session


def open_project(options: ProjectOptions) -> Project:
    """Read the matrix file. Raises ToolError (exit code 2) with all mistakes in it."""
    return _project(options, options.matrix)


def open_project_or_own(options: ProjectOptions) -> tuple[Project, bool]:
    """As ``open_project``, with kmatrix's own matrix if none is named and the folder has none.

    The second value is whether the matrix is kmatrix's own.
    """
    own = options.matrix == MATRIX_FILE and not options.matrix.exists()
    return _project(options, MATRIX if own else options.matrix), own


def _project(options: ProjectOptions, file: Path) -> Project:
    matrix = load_matrix(file)
    if options.builder is not None:
        matrix = replace(
            matrix,
            environments=tuple(
                replace(item, installation=replace(item.installation, builder=options.builder))
                for item in matrix.environments
            ),
        )
    return Project(matrix=matrix, build=options.build)


@dataclass(frozen=True, kw_only=True)
class Project:
    """A matrix, and its locks, builders, build folder and control model."""

    matrix: Matrix
    build: Path  # as the user named it, for messages

    @cached_property
    def folder(self) -> Path:
        """The absolute folder of the matrix file: paths in it and locks are relative to it."""
        return self.matrix.file.resolve().parent

    @cached_property
    def builder_for(self) -> BuilderFor:
        """The builder that an installation names."""
        return make_builders(folder=self.folder, build=self.build.resolve())

    @cached_property
    def control(self) -> RecipeInfo:
        """The control model, whether the matrix lists it or not."""
        return control_recipe()

    def lock(self, installation: Installation) -> Lock:
        """Return the lock of an installation, as it is on the disk now."""
        return read_lock(self.folder, installation)

    def locks(self, installations: Iterable[Installation]) -> dict[str, Lock]:
        """Return the locks of installations, by the name of the installation."""
        return {item.name: self.lock(item) for item in installations}

    def choose(self, globs: Sequence[str]) -> tuple[Environment, ...]:
        """Return the environments that the globs name; all environments without any glob.

        Raises ToolError (exit code 2) if a glob matches nothing.
        """
        if not globs:
            return self.matrix.environments
        return select(self.matrix, profile=None, environments=globs).environments

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open the store and a scratch folder; close both at the end."""
        from runner.run.session import open_session  # noqa: PLC0415 - opens SQLite

        session = open_session(self.build)
        try:
            yield session
        finally:
            session.close()

    def new_run(
        self,
        spec: Spec,
        session: Session,
        options: Options,
        progress: Progress,
        early: EarlyResults | None = None,
    ) -> Run:
        """Return a run of this project's spec. early: shows what is known while it goes on."""
        from runner.run.matrix_run import Run  # noqa: PLC0415 - the whole engine

        return Run(
            spec=spec,
            control=self.control,
            session=session,
            builder_for=self.builder_for,
            options=options,
            progress=progress,
            early=early,
        )


def installations_of(environments: Iterable[Environment]) -> tuple[Installation, ...]:
    """Return the distinct installations, in order."""
    return tuple({item.installation.name: item.installation for item in environments}.values())
