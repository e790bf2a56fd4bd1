"""What a release is asked: to load a file, to be the loader of a cell, to run a command.

All of them go through the one engine, so that what the store knows is not measured again; only a
command is run each time, since nobody knows what it depends on.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from runner import child_processes
from runner.bisect.outcomes import NoAnswer, Outcome, of_cell, of_command, of_file
from runner.environment_variables import worker_variables
from runner.environments.locks import lock_path, read_lock
from runner.errors import ExitCode, ToolError
from runner.model.cell_id import ArtifactId
from runner.model.matrix import Pairs
from runner.model.steps import AS_IS
from runner.plan.candidates import candidates
from runner.plan.evidence_keys import environment_digest
from runner.run.file_run import FileRun, FileRunOptions
from runner.run.matrix_run import Run
from runner.run.run_state import Options

if TYPE_CHECKING:
    from pathlib import Path

    from runner.bisect.release_environments import Locked
    from runner.environments.builders import BuilderFor
    from runner.model.builds import Built, Lock
    from runner.model.cell_id import CellId
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment, Matrix, RecipeInfo, Spec
    from runner.plan.candidates import Candidate
    from runner.run.file_run import Given
    from runner.run.progress import Progress
    from runner.run.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """What every question is asked with."""

    matrix: Matrix
    session: Session
    builder_for: BuilderFor
    control: RecipeInfo
    progress: Progress
    jobs: int


class Question(Protocol):
    """Asked of one release after the other."""

    def ask(self, release: Locked, built: Built, good: Locked | None) -> Outcome | NoAnswer:
        """Return what the release answers.

        Good: the release whose predictions are the right ones.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadFile:
    """Load a file: it has to predict what it predicts with the good release."""

    engine: Engine
    path: Path
    inspection: Inspection
    given: Given
    _locks: dict[str, Lock] = field(default_factory=dict)

    def ask(self, release: Locked, built: Built, good: Locked | None) -> Outcome | NoAnswer:
        """Load it there; the good release first, whose answer is known by then."""
        del built
        asked = [self._candidate(one) for one in (good, release) if one is not None]
        asked = list({one.environment.id: one for one in asked}.values())
        run = FileRun(
            session=self.engine.session,
            builder_for=self.engine.builder_for,
            locks=self._locks,
            control=self.engine.control,
            given=self.given,
            options=FileRunOptions(
                limits=self.engine.matrix.limits,
                tolerance=self.engine.matrix.tolerance,
                jobs=1,
                in_order=True,
                fallbacks=False,
            ),
            progress=self.engine.progress,
        )
        (found,) = run.execute([(self.path, self.inspection)], asked)
        name = release.environment.id
        cell = next((one for one in found.environments if one.environment == name), None)
        if cell is None:
            raise ToolError(f"{self.path}: {found.answer}", exit_code=ExitCode.USAGE)
        evidence = run.answers.get(self.path, {}).get(name, {}).get(AS_IS)
        return of_file(cell, evidence)

    def _candidate(self, release: Locked) -> Candidate:
        self._locks[release.environment.installation.name] = release.lock
        (found,) = candidates([release.environment], self._locks)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class AskCell:
    """Be the loader of a cell: it has to predict what the saver predicted."""

    engine: Engine
    cell: CellId
    saver: Environment
    spec: Spec  # of the cell, with the held loader
    home: Path  # of the matrix file: the saver's lock is there

    def ask(self, release: Locked, built: Built, good: Locked | None) -> Outcome | NoAnswer:
        """Return the cell with this release as its loader."""
        del built, good  # the saver's predictions are the right ones
        loader = release.environment
        self._keep_lock(release)
        lock = read_lock(release.folder, self.saver.installation)
        own = environment_digest(self.saver, lock.digest)
        if environment_digest(loader, release.lock.digest) == own:
            loader = self.saver  # the same environment under another name
        cell = self.cell.artifact.read_by(loader.id)
        plainest = ArtifactId(
            saver=loader.id, recipe=self.engine.control.name, format=self.cell.format
        )
        wanted = frozenset(map(str, (cell, cell.control, plainest.read_by(loader.id))))
        spec = replace(
            self.spec,
            file=release.folder / self.spec.file.name,
            profile="bisect",
            environments=tuple({one.id: one for one in (self.saver, loader)}.values()),
            pairs=Pairs(),
            expectations=None,
        )
        results = Run(
            spec=spec,
            control=self.engine.control,
            session=self.engine.session,
            builder_for=self.engine.builder_for,
            options=Options(jobs=self.engine.jobs, cells=wanted, fallbacks=False),
            progress=self.engine.progress,
        ).execute()
        found = next((one for one in results.cells if one.id == str(cell)), None)
        if found is None:
            reason = next((f": {one.reason}" for one in results.artifacts if one.reason), "")
            raise ToolError(f"{cell}: the saver does not write it{reason}")
        return of_cell(found)

    def _keep_lock(self, release: Locked) -> None:
        """Put the saver's lock beside the release's, where a run looks for both."""
        path = lock_path(release.folder, self.saver.installation)
        own = lock_path(self.home, self.saver.installation)
        if own.exists() and not path.exists():
            shutil.copyfile(own, path)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunCommand:
    """Run a command: it has to end with exit code 0."""

    engine: Engine
    argv: tuple[str, ...]
    folder: Path  # the user's
    seconds: float

    def ask(self, release: Locked, built: Built, good: Locked | None) -> Outcome | NoAnswer:
        """Run it with the release's interpreter first on PATH."""
        del good
        variables = command_variables(release, built, self.engine.session.scratch / "home")
        program = shutil.which(self.argv[0], path=variables["PATH"])
        if program is None:
            raise ToolError(f"--exec: {self.argv[0]}: no such command", exit_code=ExitCode.USAGE)
        try:
            done = child_processes.run(
                (program, *self.argv[1:]),
                seconds=self.seconds,
                env=variables,
                cwd=self.folder,
            )
        except OSError as error:
            raise ToolError(
                f"--exec: {program}: {error.strerror}", exit_code=ExitCode.USAGE
            ) from error
        if child_processes.interrupted():
            raise KeyboardInterrupt
        return of_command(done.code, done.output, self.seconds)


def command_variables(release: Locked, built: Built, home: Path) -> dict[str, str]:
    """Return what a command sees in a release's environment, as in ``kmatrix env shell``."""
    home.mkdir(parents=True, exist_ok=True)
    variables = worker_variables(release.environment, home)
    variables["PATH"] = f"{built.python.parent}{os.pathsep}{variables.get('PATH', '')}"
    variables["VIRTUAL_ENV"] = str(built.python.parent.parent)
    return variables
