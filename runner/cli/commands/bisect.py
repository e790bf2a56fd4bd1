"""Find the release of a package that broke, or mended, something."""

from __future__ import annotations

import json
import os
import shlex
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.bisect.releases import version_of
from runner.cli.check_target import preferred_ids
from runner.cli.console import Console
from runner.cli.options import GivenOptions, ProjectOptions, option
from runner.cli.project import Project, open_project_or_own
from runner.cli.registry import Command
from runner.compare.upgrade_target import resolve
from runner.environments.locks import without_lock
from runner.errors import ExitCode, ToolError
from runner.model.cell_id import CellId

if TYPE_CHECKING:
    from runner.bisect.bisected import Bisected
    from runner.bisect.questions import Engine, Question
    from runner.bisect.release_environments import Held
    from runner.bisect.releases import Releases
    from runner.bisect.search import Ends
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment

DESCRIPTION = """\
Search the releases of a package for the one with which a file, a cell or a command changed.

The releases are those that the configured index offers, patch releases too, without yanked ones.
Each is installed in place of the version in an environment that otherwise keeps its versions. A
release that cannot be installed or started is skipped and named. Without --good and --bad, the
version of the environment is asked first, then the newest or older releases. Everything that was
built or measured is kept for the next search.
"""
EXAMPLES = """\
examples:
  kmatrix bisect model.keras --package keras
  kmatrix bisect model.keras --package keras --good 3.9.2 --bad 3.11.3
  kmatrix bisect --cell tf2.15/lstm/h5/tf2.21 --package keras
  kmatrix bisect --package keras --exec "python mine.py"   0 good, 125 skip, else bad
  kmatrix bisect --package keras --fixed --exec "python mine.py"

exit codes:
  0  found: one release is named
  1  not named: no release that was asked differs, or only skipped ones are left
  2  the command line or the matrix file is wrong
  3  the index did not answer, or an end cannot be installed or started
"""


@dataclass(frozen=True, kw_only=True)
class Options(GivenOptions, ProjectOptions):
    """Options of ``kmatrix bisect``."""

    file: Path | None = option(nargs="?", type=Path, metavar="FILE", help="a saved file")
    cell: str | None = option(
        "--cell",
        metavar="ID",
        help="a cell, saver/model/format/loader; the package is varied in the loader",
    )
    program: str | None = option(
        "--exec",
        metavar="COMMAND",
        help="a command, run with the release's Python first on PATH: exit code 0 is good, 125 "
        "skips, any other is bad",
    )
    package: str = option(
        "--package", required=True, metavar="NAME", help="whose releases are searched"
    )
    good: str | None = option("--good", metavar="VERSION", help="a release that works")
    bad: str | None = option("--bad", metavar="VERSION", help="a release that does not")
    fixed: bool = option(
        "--fixed", action="store_true", help="search for the first release that works again"
    )
    pre: bool = option("--pre", action="store_true", help="pre-releases too")
    python: str | None = option(
        "--python", metavar="VERSION", help="only this Python (default: the environment's, or the "
        "nearest one here that the release has a wheel for)",
    )  # fmt: skip
    environment: str | None = option(
        "--environment",
        metavar="ENV",
        help="the environment that is held (default: the one of the default profile that names "
        "the package, nearest to what saved the file)",
    )
    seconds: float = option(
        "--seconds",
        type=float,
        default=600.0,
        metavar="N",
        help="with --exec: end the command after so long (default: %(default)g)",
    )
    json: bool = option("--json", action="store_true", help="print JSON; see docs/bisect.md")


def run(options: Options) -> ExitCode:
    """``kmatrix bisect``."""
    _check(options)
    began = time.monotonic()
    project, _ = open_project_or_own(options)
    inspection = _inspected(options)
    held = _held(project, options, inspection)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    releases = _releases(held, options)
    ends = _ends(held, releases, options)
    held_python = held.environment.installation.python
    count = len(releases.all)
    errors.show(
        f"{held.package}: {count} releases, {releases.all[0]} to {releases.all[-1]}; held: "
        f"{held.environment.id}, Python {held_python}"
    )
    with project.session() as session:
        from runner.bisect.lines import step_line  # noqa: PLC0415 - only for a search
        from runner.bisect.questions import Engine  # noqa: PLC0415 - the engine, NumPy
        from runner.bisect.search import Search  # noqa: PLC0415
        from runner.bisect.summary import Asked, summarise  # noqa: PLC0415

        engine = Engine(
            matrix=project.matrix,
            session=session,
            builder_for=project.builder_for,
            control=project.control,
            progress=_Notes(errors),
            jobs=os.cpu_count() or 1,
        )
        search = Search(
            engine=engine,
            held=held,
            releases=releases,
            question=_question(engine, project, held, options, inspection),
            told=lambda step: errors.show(step_line(held.package, step, held_python)),
        )
        arrived = search.run(ends)
        subject, arguments = _subject(options, held)
        asked = Asked(subject=subject, arguments=arguments, fixed=options.fixed)
        found = summarise(search, arrived, asked, time.monotonic() - began)
    return _tell(found, options)


@dataclass(frozen=True, slots=True)
class _Notes:
    """Progress of a single load: only what a person should know."""

    console: Console

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.show(text)

    def phase(self, name: str, total: int) -> None:
        """Nothing: a step of the search is told as a whole."""

    def more(self, count: int) -> None:
        """Nothing."""

    def step(self, name: str) -> None:
        """Nothing."""


def _check(options: Options) -> None:
    """Check that the options go together. Raises ToolError (2)."""
    named = [one for one in (options.file, options.cell, options.program) if one is not None]
    if len(named) != 1:
        raise ToolError("name one of FILE, --cell, --exec", exit_code=ExitCode.USAGE)
    if options.builder == "docker" and options.program is not None:
        raise ToolError("--exec needs the builder nox", exit_code=ExitCode.USAGE)


def _inspected(options: Options) -> Inspection | None:
    if options.file is None:
        return None
    from runner.modelfile.guard import inspect_files  # noqa: PLC0415 - h5py

    return inspect_files([options.file])[0]


# The held environment


def _held(project: Project, options: Options, inspection: Inspection | None) -> Held:
    from runner.bisect.release_environments import Held, package_of  # noqa: PLC0415

    matrix = project.matrix
    named = options.environment
    if options.cell is not None:
        named = named or _cell(options.cell).loader
    if named is not None:
        environment = resolve(named, matrix.environments, preferred_ids(matrix))
    else:
        environment = _default(project, options.package, inspection)
    lock = project.lock(environment.installation)
    if (unlocked := without_lock(environment.installation, lock)) is not None:
        raise ToolError(f"{environment.id}: {unlocked.reason}")
    return Held(
        environment=environment,
        lock=lock,
        home=project.folder,
        package=package_of(options.package, {name.lower(): v for name, v in lock.packages}),
    )


def _cell(text: str) -> CellId:
    try:
        return CellId.parse(text)
    except ValueError as error:
        raise ToolError(f"--cell {error}", exit_code=ExitCode.USAGE) from error


def _default(project: Project, package: str, inspection: Inspection | None) -> Environment:
    """Return the default profile's environment with the package, nearest to the saver."""
    from packaging.requirements import Requirement  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    from runner.bisect.release_environments import package_of  # noqa: PLC0415
    from runner.cli.file_loading import candidates_of  # noqa: PLC0415 - NumPy
    from runner.plan.candidates import by_likelihood  # noqa: PLC0415

    preferred = preferred_ids(project.matrix)
    known = candidates_of(
        project, [one for one in project.matrix.environments if one.id in preferred]
    )
    order = by_likelihood(inspection, known) if inspection is not None else known[::-1]

    def rank(environment: Environment) -> int:
        lock = project.lock(environment.installation)
        packages = {str(canonicalize_name(name)): version for name, version in lock.packages}
        name = package_of(package, packages)
        asked = {
            canonicalize_name(Requirement(one).name)
            for one in environment.installation.requirements
        }
        return 0 if name in asked else 1 if name in packages else 2

    return min((one.environment for one in order), key=rank)


# Releases and ends


def _releases(held: Held, options: Options) -> Releases:
    from runner.bisect.offers import all_releases  # noqa: PLC0415 - findpython

    named = (("--good", options.good), ("--bad", options.bad))
    ends = [version_of(text, option) for option, text in named if text is not None]
    return all_releases(
        held.package,
        held=held.environment.installation.python,
        only=options.python,
        find_links=held.find_links,
        prereleases=options.pre or any(one.is_prerelease for one in ends),
        ends=ends,
    )


def _ends(held: Held, releases: Releases, options: Options) -> Ends:
    from packaging.version import Version  # noqa: PLC0415

    from runner.bisect.search import Ends  # noqa: PLC0415

    good = releases.index(options.good, "--good") if options.good is not None else None
    bad = releases.index(options.bad, "--bad") if options.bad is not None else None
    if good is not None and good == bad:
        raise ToolError("--good and --bad are the same release", exit_code=ExitCode.USAGE)
    if options.fixed and good is not None and bad is not None and good < bad:
        raise ToolError(
            "--fixed searches for the first good release: --good has to be newer than --bad",
            exit_code=ExitCode.USAGE,
        )
    version = held.packages.get(held.package)
    start = releases.at_most(Version(version)) if version else len(releases.all) - 1
    return Ends(good=good, bad=bad, held=start, fixed=options.fixed)


# The question


def _question(
    engine: Engine, project: Project, held: Held, options: Options, inspection: Inspection | None
) -> Question:
    from runner.bisect.questions import LoadFile, RunCommand  # noqa: PLC0415 - the engine, NumPy
    from runner.cli.file_loading import given_by  # noqa: PLC0415 - NumPy

    if options.file is not None and inspection is not None:
        return LoadFile(
            engine=engine,
            path=options.file,
            inspection=inspection,
            given=given_by(options, inspection),
        )
    if options.cell is not None:
        return _ask_cell(engine, project, held, options.cell)
    return RunCommand(
        engine=engine,
        argv=tuple(shlex.split(options.program or "")),
        folder=Path.cwd(),
        seconds=options.seconds,
    )


def _ask_cell(engine: Engine, project: Project, held: Held, text: str) -> Question:
    from runner.bisect.questions import AskCell  # noqa: PLC0415 - the engine, NumPy
    from runner.cli.selection import spec_of_cells  # noqa: PLC0415

    matrix = project.matrix
    given = _cell(text)
    saver = resolve(given.saver, matrix.environments, preferred_ids(matrix))
    cell = replace(given, saver=saver.id, loader=held.environment.id)
    return AskCell(
        engine=engine,
        cell=cell,
        saver=saver,
        spec=spec_of_cells(matrix, [str(cell)]),
        home=project.folder,
    )


def _subject(options: Options, held: Held) -> tuple[str, tuple[str, ...]]:
    """Return what is asked, and the arguments that ask it again."""
    own: tuple[str, ...] = ("--environment", held.environment.id)
    if options.matrix != type(options).matrix:
        own = ("--matrix", str(options.matrix), *own)
    own += ("--pre",) if options.pre else ()
    own += ("--python", options.python) if options.python else ()
    if options.file is not None:
        for name in ("custom", "inputs", "expect"):
            value = getattr(options, name)
            own += (f"--{name}", str(value)) if value is not None else ()
        own += ("--trust",) if options.trust else ()
        return str(options.file), (str(options.file), *own)
    if options.cell is not None:
        return options.cell, ("--cell", options.cell, *own)
    command = options.program or ""
    return command, ("--exec", command, *own)


def _tell(found: Bisected, options: Options) -> ExitCode:
    if options.json:
        from runner.bisect.bisected import SCHEMA  # noqa: PLC0415
        from runner.json_values import to_plain  # noqa: PLC0415 - cattrs

        data: dict[str, Any] = {"schema": SCHEMA, **to_plain(found, defaults=True)}
        print(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        from runner.bisect.lines import as_lines  # noqa: PLC0415

        console = Console(highlight=False, soft_wrap=True)
        for line in as_lines(found):
            console.show(line)
    return ExitCode.AS_EXPECTED if found.found else ExitCode.DIFFERS


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EXAMPLES)
