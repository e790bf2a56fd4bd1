"""``kmatrix env``: list, build, enter, remove; images have a module of their own."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from runner import process
from runner.cli import images
from runner.cli.spec import build_folder, chosen_environments, installations_of, matrix_of
from runner.config.matrix_file import select
from runner.environment_variables import worker_variables
from runner.environments.builders import make_builders
from runner.environments.locks import is_bundled, read_lock
from runner.environments.nox_builder import NoxBuilder, lock_file
from runner.errors import ExitCode, ToolError
from runner.model.builds import Built

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runner.environments.builders import ChosenBuilder
    from runner.model.builds import Unavailable
    from runner.model.matrix import Environment, Installation, Matrix


def env(options: Namespace) -> ExitCode | int:
    """``kmatrix env ACTION``."""
    return ACTIONS[options.action](options)


def _builder(options: Namespace, matrix: Matrix) -> ChosenBuilder:
    return make_builders(folder=matrix.file.resolve().parent, build=build_folder(options).resolve())


def _list(options: Namespace) -> ExitCode:
    matrix, environments = chosen_environments(options)
    builder = _builder(options, matrix)
    folder = matrix.file.resolve().parent
    rows = [("environment", "python", "backend", "lock", "built", "packages")]
    for environment in environments:
        installation = environment.installation
        lock = read_lock(folder, installation)
        rows.append(
            (
                environment.id,
                installation.python,
                str(environment.backend),
                "bundled" if is_bundled(lock, folder) else str(lock.state),
                _is_there(builder.find(installation, lock)),
                ", ".join(installation.requirements),
            )
        )
    for line in columns(rows, width=terminal_width()):
        print(line)
    return ExitCode.AS_EXPECTED


def _is_there(built: Built | None) -> str:
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
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def terminal_width() -> int | None:
    """Columns of the terminal; None where the output is a file or a pipe, which gets all."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _build(options: Namespace) -> ExitCode:
    matrix, environments = chosen_environments(options)
    builder = _builder(options, matrix)
    folder = matrix.file.resolve().parent

    def build(installation: Installation) -> bool:
        lock = read_lock(folder, installation)
        built = builder.build(installation, lock, matrix.limits)
        _say_built(builder, installation, built)
        return isinstance(built, Built)

    outcomes = process.side_by_side(build, installations_of(environments), threads=2)
    return ExitCode.AS_EXPECTED if all(outcomes) else ExitCode.MISSING


def _say_built(
    builder: ChosenBuilder, installation: Installation, built: Built | Unavailable
) -> None:
    if isinstance(built, Built):
        when = f"built in {built.seconds:.1f} s" if built.seconds else "is there"
        print(f"{installation.name}: {when}: {_where(builder, installation, built)}", flush=True)
    else:
        where = f" (log: {built.log})" if built.log else ""
        print(f"{installation.name}: unavailable: {built.reason}{where}", flush=True)


def _where(builder: ChosenBuilder, installation: Installation, built: Built) -> str:
    if built.image is None:
        return str(built.python)
    size = images.size(builder.of(installation), built.image)
    return f"{built.image}{size}"


def _shell(options: Namespace) -> ExitCode | int:
    matrix = matrix_of(options)
    (environment, *more) = select(
        matrix, profile=None, environments=(options.environment,)
    ).environments
    if more:
        raise ToolError(
            f"{options.environment}: names several environments: {environment.id}, "
            + ", ".join(item.id for item in more),
            exit_code=ExitCode.USAGE,
        )
    builder = _builder(options, matrix)
    lock = read_lock(matrix.file.resolve().parent, environment.installation)
    built = builder.build(environment.installation, lock, matrix.limits)
    if not isinstance(built, Built):
        raise ToolError(f"{environment.id}: unavailable: {built.reason}")
    if built.image is not None:
        raise ToolError(
            f"{environment.id} is an image; enter it with "
            f"docker run --rm -it --network none {built.image} python",
            exit_code=ExitCode.USAGE,
        )
    variables = worker_variables(environment, _home(build_folder(options), environment))
    variables["PATH"] = f"{built.python.parent}{os.pathsep}{variables.get('PATH', '')}"
    variables["VIRTUAL_ENV"] = str(built.python.parent.parent)
    arguments = [part for part in options.arguments if part != "--"]
    argv = arguments or [os.environ.get("SHELL", "/bin/sh")]
    if (found := shutil.which(argv[0], path=variables["PATH"])) is None:
        raise ToolError(f"{argv[0]}: no such command in {environment.id}")
    return process.attach([found, *argv[1:]], env=variables)


def _home(build: Path, environment: Environment) -> Path:
    home = build.resolve() / "homes" / environment.id
    home.mkdir(parents=True, exist_ok=True)
    return home


def _prune(options: Namespace) -> ExitCode:
    matrix = matrix_of(options)
    build = build_folder(options).resolve()
    folder = matrix.file.resolve().parent
    builder = NoxBuilder(folder=folder, build=build)
    installations = installations_of(matrix.environments)
    wanted = {builder.target(item, read_lock(folder, item)) for item in installations}
    removed = images.prune(matrix, installations, build, all_=options.all)
    for target in sorted((build / "environments").glob("*")):
        if target.is_dir() and (options.all or target not in wanted):
            shutil.rmtree(target, ignore_errors=True)
            lock_file(target).unlink(missing_ok=True)
            print(f"removed {target.name}" + ("" if target in wanted else " (no lock asks for it)"))
            removed += 1
    print(f"{removed} environments removed")
    return ExitCode.AS_EXPECTED


ACTIONS: Mapping[str, Callable[[Namespace], ExitCode | int]] = {
    "list": _list,
    "build": _build,
    "shell": _shell,
    "prune": _prune,
    "push": images.push,
    "pull": images.pull,
}
