"""List, build, enter or remove environments."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner import child_processes
from runner.cli.options import ProjectOptions, option
from runner.cli.project import installations_of, open_project
from runner.cli.registry import Command, Group
from runner.display_text import cut
from runner.environment_variables import worker_variables
from runner.environments.locks import is_bundled
from runner.errors import ExitCode, ToolError
from runner.model.builds import Built

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.environments.builders import Builder
    from runner.model.builds import Unavailable
    from runner.model.matrix import Environment, Installation


EXAMPLES = """\
examples:
  kmatrix env list
  kmatrix env build 'tf2.1*'
  kmatrix env shell tf2.10-py39                       your shell in it
  kmatrix env shell tf2.10-py39 python -c 'import tensorflow'
  kmatrix env prune                                   free disk space
"""


@dataclass(frozen=True, kw_only=True)
class EnvironmentsOptions(ProjectOptions):
    """Options of the actions that take any number of environments."""

    environments: tuple[str, ...] = option(nargs="*", metavar="ENVIRONMENT", help="ids or globs")


@dataclass(frozen=True, kw_only=True)
class ShellOptions(ProjectOptions):
    """Options of ``kmatrix env shell``."""

    environment: str = option(metavar="ENVIRONMENT", help="an id, or a glob that matches one id")
    arguments: tuple[str, ...] = option(
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="default: your shell, with the environment's python first on PATH",
    )


@dataclass(frozen=True, kw_only=True)
class PruneOptions(ProjectOptions):
    """Options of ``kmatrix env prune``."""

    all: bool = option("--all", action="store_true", help="remove all built environments")


def _list(options: EnvironmentsOptions) -> ExitCode:
    project = open_project(options)
    rows = [("environment", "python", "backend", "lock", "built", "packages")]
    for environment in project.choose(options.environments):
        installation = environment.installation
        lock = project.lock(installation)
        rows.append(
            (
                environment.id,
                installation.python,
                str(environment.backend),
                "bundled" if is_bundled(lock, project.folder) else str(lock.state),
                _is_built(project.builder_for(installation).find(installation, lock)),
                ", ".join(installation.requirements),
            )
        )
    for line in columns(rows, width=terminal_width()):
        print(line)
    return ExitCode.AS_EXPECTED


def _is_built(built: Built | None) -> str:
    if built is None:
        return "no"
    return "yes" if built.image is None else "image"


def columns(rows: Sequence[tuple[str, ...]], *, width: int | None) -> list[str]:
    """Rows with aligned columns, a line each; cut at ``width`` characters if there is one."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if width is None:
        return lines
    return [cut(line, width) for line in lines]


def terminal_width() -> int | None:
    """Columns of the terminal; None where the output is a file or a pipe, which gets all."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _build(options: EnvironmentsOptions) -> ExitCode:
    project = open_project(options)

    def build(installation: Installation) -> bool:
        builder = project.builder_for(installation)
        built = builder.build(installation, project.lock(installation), project.matrix.limits)
        _print_built(builder, installation, built)
        return isinstance(built, Built)

    wanted = installations_of(project.choose(options.environments))
    outcomes = child_processes.side_by_side(build, wanted, threads=2)
    return ExitCode.AS_EXPECTED if all(outcomes) else ExitCode.MISSING


def _print_built(builder: Builder, installation: Installation, built: Built | Unavailable) -> None:
    if isinstance(built, Built):
        when = f"built in {built.seconds:.1f} s" if built.seconds else "already built"
        print(f"{installation.name}: {when}: {_where(builder, built)}", flush=True)
    else:
        where = f" (log: {built.log})" if built.log else ""
        print(f"{installation.name}: unavailable: {built.reason}{where}", flush=True)


def _where(builder: Builder, built: Built) -> str:
    if built.image is None:
        return str(built.python)
    from runner.cli import image_actions  # noqa: PLC0415 - docker's client is slow to import

    size = image_actions.size(builder, built.image)
    return f"{built.image}{size}"


def _shell(options: ShellOptions) -> int:
    project = open_project(options)
    (environment, *more) = project.choose((options.environment,))
    if more:
        raise ToolError(
            f"{options.environment}: matches several environments: {environment.id}, "
            + ", ".join(item.id for item in more),
            exit_code=ExitCode.USAGE,
        )
    lock = project.lock(environment.installation)
    builder = project.builder_for(environment.installation)
    built = builder.build(environment.installation, lock, project.matrix.limits)
    if not isinstance(built, Built):
        raise ToolError(f"{environment.id}: unavailable: {built.reason}")
    if built.image is not None:
        raise ToolError(
            f"{environment.id} is an image; enter it with "
            f"docker run --rm -it --network none {built.image} python",
            exit_code=ExitCode.USAGE,
        )
    variables = worker_variables(environment, _home(project.build, environment))
    variables["PATH"] = f"{built.python.parent}{os.pathsep}{variables.get('PATH', '')}"
    variables["VIRTUAL_ENV"] = str(built.python.parent.parent)
    arguments = [part for part in options.arguments if part != "--"]
    argv = arguments or [os.environ.get("SHELL", "/bin/sh")]
    if (found := shutil.which(argv[0], path=variables["PATH"])) is None:
        raise ToolError(f"{argv[0]}: no such command in {environment.id}")
    return child_processes.attach([found, *argv[1:]], env=variables)


def _home(build: Path, environment: Environment) -> Path:
    home = build.resolve() / "homes" / environment.id
    home.mkdir(parents=True, exist_ok=True)
    return home


def _prune(options: PruneOptions) -> ExitCode:
    from runner.cli import image_actions  # noqa: PLC0415 - docker's client is slow to import
    from runner.environments.nox_builder import NoxBuilder, lock_file  # noqa: PLC0415 - findpython

    project = open_project(options)
    build = project.build.resolve()
    builder = NoxBuilder(folder=project.folder, build=build)
    installations = installations_of(project.matrix.environments)
    wanted = {builder.target(item, project.lock(item)) for item in installations}
    removed = image_actions.prune(project, installations, all_=options.all)
    for target in sorted((build / "environments").glob("*")):
        if target.is_dir() and (options.all or target not in wanted):
            shutil.rmtree(target, ignore_errors=True)
            lock_file(target).unlink(missing_ok=True)
            print(f"removed {target.name}" + ("" if target in wanted else " (no lock needs it)"))
            removed += 1
    print(f"{removed} environments removed")
    return ExitCode.AS_EXPECTED


def _push(options: EnvironmentsOptions) -> ExitCode:
    from runner.cli import image_actions  # noqa: PLC0415 - docker's client is slow to import

    project = open_project(options)
    return image_actions.push(project, project.choose(options.environments))


def _pull(options: EnvironmentsOptions) -> ExitCode:
    from runner.cli import image_actions  # noqa: PLC0415 - docker's client is slow to import

    project = open_project(options)
    return image_actions.pull(project, project.choose(options.environments))


COMMAND = Group(
    description="The environments of the matrix file. Each is a virtual environment or an image, "
    "built from its lock below BUILD/environments and reused until the lock changes.",
    examples=EXAMPLES,
    actions={
        "list": (
            "list environments, their locks and whether they are built",
            Command(options=EnvironmentsOptions, run=_list),
        ),
        "build": (
            "build environments now",
            Command(options=EnvironmentsOptions, run=_build),
        ),
        "push": (
            "send images to the registry that the matrix file names",
            Command(options=EnvironmentsOptions, run=_push),
        ),
        "pull": (
            "fetch images from the registry that the matrix file names",
            Command(options=EnvironmentsOptions, run=_pull),
        ),
        "shell": (
            "open a shell, or run a command, inside an environment",
            Command(options=ShellOptions, run=_shell),
        ),
        "prune": (
            "remove built environments that no lock needs",
            Command(options=PruneOptions, run=_prune),
        ),
    },
)
