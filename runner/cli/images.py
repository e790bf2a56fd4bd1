"""``kmatrix env push`` and ``pull``, and what list and prune say of images."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from runner.cli.spec import build_folder, chosen_environments
from runner.docker import image_store as images
from runner.docker.engine_errors import EngineError
from runner.environments.image_builder import DockerBuilder
from runner.environments.image_plan import repository
from runner.environments.locks import read_lock
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from runner.environments.builders import Builder
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Installation, Matrix

DOCKER = "docker"


def push(options: Namespace) -> ExitCode:
    """``kmatrix env push``: what another machine with that registry need not build."""
    return _each(options, "pushed", lambda builder, item, lock: builder.push(item, lock))


def pull(options: Namespace) -> ExitCode:
    """``kmatrix env pull``."""
    return _each(options, "pulled", lambda builder, item, lock: builder.pull(item, lock))


def _each(
    options: Namespace, done: str, act: Callable[[DockerBuilder, Installation, Lock], str]
) -> ExitCode:
    matrix, environments = chosen_environments(options)
    folder = matrix.file.resolve().parent
    builder = DockerBuilder(folder=folder, build=build_folder(options).resolve())
    failed = False
    for installation in _with_registry(environments):
        lock = read_lock(folder, installation)
        if lock.state is not LockState.FRESH:
            raise ToolError(f"{installation.name}: its lock is {lock.state}; run kmatrix lock")
        try:
            print(f"{installation.name}: {done} {act(builder, installation, lock)}", flush=True)
        except EngineError as error:
            failed = True
            print(f"{installation.name}: not {done}: {error}", flush=True)
    return ExitCode.MISSING if failed else ExitCode.AS_EXPECTED


def _with_registry(environments: Iterable[Environment]) -> tuple[Installation, ...]:
    found = {
        item.installation.name: item.installation
        for item in environments
        if item.installation.builder == DOCKER and item.installation.image.registry
    }
    if not found:
        raise ToolError(
            "no environment is an image with a registry; in matrix.yaml write builder: docker "
            "and docker: {registry: registry.example/kmatrix}",
            exit_code=ExitCode.USAGE,
        )
    return tuple(found.values())


def prune(matrix: Matrix, installations: Iterable[Installation], build: Path, *, all_: bool) -> int:
    """Remove images of this matrix that no lock asks for any more; how many.

    An Engine is shared: what other matrices made stays, unless ``all_`` says all of kmatrix's.
    An Engine that is not there has none.
    """
    folder = matrix.file.resolve().parent
    builder = DockerBuilder(folder=folder, build=build)
    items = [item for item in installations if item.builder == DOCKER]
    if not items and not all_:
        return 0
    removed = 0
    try:
        locks = {item.name: read_lock(folder, item) for item in items}
        keep = {
            builder.plan(item, locks[item.name]).tag
            for item in items
            if locks[item.name].state is LockState.FRESH and not all_
        }
        for image in images.ours(builder.engine()):
            for tag in image.tags:
                if tag not in keep and (all_ or tag.rpartition(":")[0] in map(repository, items)):
                    images.remove(builder.engine(), tag)
                    print(f"removed {tag}, {megabytes(image.bytes - image.shared)} of its own")
                    removed += 1
    except EngineError as error:
        print(f"images stay as they are: {error}")
    return removed


def size(builder: Builder, tag: str) -> str:
    """How large an image is, in words to go behind its name; nothing where that is not known."""
    with contextlib.suppress(EngineError):
        if isinstance(builder, DockerBuilder):
            for image in images.ours(builder.engine()):
                if tag in image.tags:
                    shared = megabytes(image.shared)
                    return f", {megabytes(image.bytes)}, {shared} of it shared with other images"
    return ""


def megabytes(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
