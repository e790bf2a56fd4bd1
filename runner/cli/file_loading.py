"""What the commands that load a user's saved file have in common."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.cli.added_packages import environments_with, read_added, write_module
from runner.cli.console import Console
from runner.cli.progress_bars import make_progress
from runner.cli.project import open_project_or_own
from runner.config.matrix_file import select
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState
from runner.modelfile.guard import inspect_files
from runner.plan.candidates import by_likelihood, candidates
from runner.run.file_run import FileRun, FileRunOptions, Given
from runner.run.user_arrays import read_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from runner.cli.options import FileOptions, GivenOptions
    from runner.cli.project import Project
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment
    from runner.model.user_file import FileResult
    from runner.plan.candidates import Candidate

MAX_MORE = 4  # environments beyond the default profile that are built for one answer


def load_files(
    project: Project,
    environments: Sequence[Environment],
    paths: Sequence[Path],
    options: FileOptions,
    *,
    quiet: bool = False,
) -> tuple[FileResult, ...]:
    """Inspect the files and load them in these environments. Raises ToolError."""
    inspections = inspect_files(paths)
    given = given_with(options, inspections, project.build)
    known = candidates_of(project, environments)
    with file_run(project, known, given, quiet=quiet) as run:
        return run.execute(list(zip(paths, inspections, strict=True)), known)


@contextmanager
def file_run(
    project: Project, known: Sequence[Candidate], given: Given, *, quiet: bool = False
) -> Iterator[FileRun]:
    """Yield what loads files in a project's environments, with the store open."""
    locks = project.locks(one.environment.installation for one in known)
    with (
        project.session() as session,
        make_progress(Console(stderr=True, quiet=quiet)) as progress,
    ):
        yield FileRun(
            session=session,
            builder_for=project.builder_for,
            locks=locks,
            control=project.control,
            given=given,
            options=FileRunOptions(
                limits=project.matrix.limits,
                tolerance=project.matrix.tolerance,
                jobs=os.cpu_count() or 1,
            ),
            progress=progress,
        )


def chosen_environments(options: FileOptions) -> tuple[Project, tuple[Environment, ...]]:
    """Return the environments asked for; those of the default profile if none are named."""
    project, own = open_project_or_own(options)
    if own:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"{options.matrix} does not exist: using the environments of kmatrix's own matrix, "
            f"kept in {options.build}"
        )
    spec = select(project.matrix, profile=None, environments=tuple(options.environments))
    if not options.added:
        return project, spec.environments
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    return environments_with(project, spec.environments, read_added(options.added), errors.print)


def candidates_of(project: Project, environments: Iterable[Environment]) -> tuple[Candidate, ...]:
    """Environments with the versions in their locks."""
    found = tuple(environments)
    return candidates(found, project.locks(one.installation for one in found))


def rest_of_matrix(
    project: Project, inspection: Inspection, known: Sequence[Environment]
) -> tuple[Candidate, ...]:
    """Return the nearest environments of the whole matrix file that are not among ``known``."""
    there = {one.id for one in known}
    others = [
        one
        for one in project.matrix.environments
        if one.id not in there and project.lock(one.installation).state is LockState.FRESH
    ]
    return by_likelihood(inspection, candidates_of(project, others))[:MAX_MORE]


def given_with(options: FileOptions, inspections: Sequence[Inspection], build: Path) -> Given:
    """Return what the user hands over, with the packages of ``--with`` imported.

    Raises ToolError.
    """
    given = given_by(options, inspections[0], number=len(inspections))
    if not options.added or given.custom is not None:
        return given  # a file of the user's own imports what it needs
    return replace(given, custom=write_module(read_added(options.added), inspections, build))


def given_by(options: GivenOptions, inspection: Inspection, *, number: int = 1) -> Given:
    """Return what the user hands over. Raises ToolError where options do not fit together."""
    if (options.inputs or options.expect) and number > 1:
        raise ToolError(
            "--inputs and --expect belong to one file; name one", exit_code=ExitCode.USAGE
        )
    if options.expect and not options.inputs:
        raise ToolError(
            "--expect needs --inputs: what those outputs are predicted from",
            exit_code=ExitCode.USAGE,
        )
    model = inspection.architecture
    ins = [one.name for one in model.inputs] if model else []
    outs = [one.name for one in model.outputs] if model else []
    return Given(
        custom=options.custom.absolute() if options.custom else None,
        inputs=read_arrays(options.inputs, ins) if options.inputs else None,
        expected=read_arrays(options.expect, outs) if options.expect else None,
        trust=options.trust,
    )


def saved_files(given: Path) -> list[Path]:
    """Return a file, a SavedModel's folder, or everything in a folder of saved files."""
    if not given.exists():
        raise ToolError(f"{given}: no such file or folder", exit_code=ExitCode.USAGE)
    if not given.is_dir() or (given / "saved_model.pb").exists():
        return [given]
    found = sorted(path for path in given.iterdir() if not path.name.startswith("."))
    if not found:
        raise ToolError(f"{given}: an empty folder", exit_code=ExitCode.USAGE)
    return found
