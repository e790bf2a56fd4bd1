"""Load your own saved file in the matrix's environments."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kmatrix
from runner.cli.console import Console
from runner.cli.loaded import show
from runner.cli.options import FileOptions, GivenOptions, option
from runner.cli.progress import make_progress
from runner.cli.project import open_project_or_own
from runner.cli.registry import Command
from runner.config.matrix_file import select
from runner.config.recipe_source import control_recipe
from runner.environments.builders import make_builders
from runner.environments.locks import read_lock
from runner.errors import ExitCode, ToolError
from runner.files.arrays import read_arrays
from runner.files.likely import by_likelihood, candidates
from runner.files.load import Given, Loading
from runner.files.rooms import Rooms
from runner.model.builds import LockState
from runner.modelfile.guard import inspect_files
from runner.nouns.loading import Outcome
from runner.run.session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.files.likely import Candidate
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment, Matrix
    from runner.nouns.loading import FileLoads
    from runner.run.progress import Progress
    from runner.run.session import Session

MOST_MORE = 4  # environments beyond the default profile that are built for one answer
SCHEMA = 1  # of ``--format json``
DESCRIPTION = (
    "Load saved files in environments of the matrix, as is and then by route, each in a process "
    "of its own, and say what works. Without --environments: the default profile, the likeliest "
    "first. Without --expect, predictions are compared between the environments."
)
EXAMPLES = """\
examples:
  kmatrix load model.h5
  kmatrix load model.h5 --environments 'tf2.1*' tf2.21-keras3.15-py312
  kmatrix load model.keras --custom my_layers.py --inputs x.npz --expect y.npz --trust
  kmatrix load model.h5 --format json
"""


@dataclass(frozen=True, kw_only=True)
class Options(FileOptions):
    """Options of ``kmatrix load``."""

    files: tuple[Path, ...] = option(nargs="+", type=Path, metavar="FILE", help="file or folder")
    format: str = option(
        "--format", choices=("text", "json"), default="text", help="json: see docs/load.md"
    )


def load(options: Options) -> ExitCode:
    """``kmatrix load``. 1 when a file loads nowhere, or environments predict different things."""
    quiet = options.format == "json"
    found = load_files(options, list(options.files), quiet=quiet)
    if quiet:
        files = [asdict(one) for one in found]
        print(json.dumps({"schema": SCHEMA, "kmatrix": kmatrix.__version__, "files": files}))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for one in found:
            show(console, one)
    if all(
        load.outcome in (Outcome.UNAVAILABLE, Outcome.UNTRUSTED)
        for one in found
        for load in one.environments
    ) and any(one.environments for one in found):
        raise ToolError(found[0].environments[0].reason)
    good = all(one.loads and not _drifts(one) for one in found)
    return ExitCode.AS_EXPECTED if good else ExitCode.DIFFERS


def _drifts(one: FileLoads) -> bool:
    return any(load.outcome is Outcome.DRIFTED for load in one.environments)


def load_files(options: Options, paths: list[Path], *, quiet: bool) -> tuple[FileLoads, ...]:
    """Inspect the files and load them. Raises ToolError for anything the user has to mend."""
    inspections = inspect_files(paths)
    matrix, known = chosen_candidates(options)
    session = open_session(options.build)
    try:
        with make_progress(Console(stderr=True, quiet=quiet)) as progress:
            loading = loading_in(options, matrix, session, known, inspections[0], progress)
            return loading.load(list(zip(paths, inspections, strict=True)), known)
    finally:
        session.close()


def load_in(
    options: FileOptions, matrix: Matrix, environments: Sequence[Environment], paths: list[Path]
) -> tuple[FileLoads, ...]:
    """Load files in these environments and no others, whose locks lie beside ``matrix.file``."""
    inspections = inspect_files(paths)
    folder = matrix.file.resolve().parent
    locks = {one.installation.name: read_lock(folder, one.installation) for one in environments}
    known = candidates(environments, locks)
    session = open_session(options.build)
    try:
        with make_progress(Console(stderr=True)) as progress:
            loading = loading_in(options, matrix, session, known, inspections[0], progress)
            return loading.load(list(zip(paths, inspections, strict=True)), known)
    finally:
        session.close()


def saved_files(given: Path) -> list[Path]:
    """A file, a SavedModel's folder, or everything in a folder of saved files."""
    if not given.exists():
        raise ToolError(f"{given}: no such file or folder", exit_code=ExitCode.USAGE)
    if not given.is_dir() or (given / "saved_model.pb").exists():
        return [given]
    found = sorted(path for path in given.iterdir() if not path.name.startswith("."))
    if not found:
        raise ToolError(f"{given}: an empty folder", exit_code=ExitCode.USAGE)
    return found


def chosen_candidates(options: FileOptions) -> tuple[Matrix, tuple[Candidate, ...]]:
    """The environments asked for, those of the default profile without any, with their versions."""
    project, own = open_project_or_own(options)
    matrix = project.matrix
    if own:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        build = options.build
        console.print(
            f"no {options.matrix} here: loading in environments of kmatrix's own, kept in {build}"
        )
    spec = select(matrix, profile=None, environments=tuple(options.environments))
    folder = matrix.file.resolve().parent
    locks = {
        one.installation.name: read_lock(folder, one.installation) for one in spec.environments
    }
    return matrix, candidates(spec.environments, locks)


def rest_of_matrix(
    matrix: Matrix, inspection: Inspection, known: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """The nearest environments of the whole matrix file that are not among ``known``."""
    there = {one.environment.id for one in known}
    others = [one for one in matrix.environments if one.id not in there]
    folder = matrix.file.resolve().parent
    locks = {one.installation.name: read_lock(folder, one.installation) for one in others}
    fresh = [one for one in others if locks[one.installation.name].state is LockState.FRESH]
    return by_likelihood(inspection, candidates(fresh, locks))[:MOST_MORE]


def loading_in(
    options: FileOptions,
    matrix: Matrix,
    session: Session,
    known: tuple[Candidate, ...],
    inspection: Inspection,
    progress: Progress,
) -> Loading:
    """What loads files as the options say."""
    return Loading(
        session=session,
        rooms=rooms(options, matrix, session, known),
        control=control_recipe(),
        limits=matrix.limits,
        tolerance=matrix.tolerance,
        given=given_by(options, inspection),
        progress=progress,
    )


def rooms(
    options: FileOptions, matrix: Matrix, session: Session, known: tuple[Candidate, ...]
) -> Rooms:
    """Where the files are opened."""
    folder = matrix.file.resolve().parent
    installations = {one.environment.installation for one in known}
    return Rooms(
        builder_for=make_builders(folder=folder, build=options.build.resolve()),
        locks={one.name: read_lock(folder, one) for one in installations},
        bundle=session.bundle,
        scratch=session.scratch,
        limits=matrix.limits,
    )


def given_by(options: GivenOptions, inspection: Inspection) -> Given:
    """What the user hands over. Raises ToolError for what does not fit together."""
    if (
        (options.inputs or options.expect)
        and isinstance(options, Options)
        and len(options.files) > 1
    ):
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


COMMAND = Command(options=Options, run=load, description=DESCRIPTION, examples=EXAMPLES)
