"""Images of environments: push, pull, sizes, and removal of unused ones."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from runner.docker import image_store as images
from runner.docker.engine_errors import EngineError
from runner.environments.image_builder import DockerBuilder
from runner.environments.image_plan import repository
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.cli.project import Project
    from runner.environments.builders import Builder
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Installation

DOCKER = "docker"


def push(project: Project, environments: Iterable[Environment]) -> ExitCode:
    """Send images to their registry, so that other machines do not build them."""
    return _each(
        project, environments, "pushed", lambda builder, item, lock: builder.push(item, lock)
    )


def pull(project: Project, environments: Iterable[Environment]) -> ExitCode:
    """Fetch images from their registry."""
    return _each(
        project, environments, "pulled", lambda builder, item, lock: builder.pull(item, lock)
    )


def _each(
    project: Project,
    environments: Iterable[Environment],
    done: str,
    act: Callable[[DockerBuilder, Installation, Lock], str],
) -> ExitCode:
    builder = DockerBuilder(folder=project.folder, build=project.build.resolve())
    failed = False
    for installation in _with_registry(environments):
        lock = project.lock(installation)
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


def prune(project: Project, installations: Iterable[Installation], *, all_: bool) -> int:
    """Remove images of this matrix that no lock needs any more; return their number.

    Several matrices may share an Engine: images of others stay, unless ``all_`` is set. Without
    an Engine there are no images.
    """
    builder = DockerBuilder(folder=project.folder, build=project.build.resolve())
    items = [item for item in installations if item.builder == DOCKER]
    if not items and not all_:
        return 0
    removed = 0
    try:
        locks = project.locks(items)
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
        print(f"images are left unchanged: {error}")
    return removed


def size(builder: Builder, tag: str) -> str:
    """Return the size of an image, as text that follows its name; empty if it is not known."""
    with contextlib.suppress(EngineError):
        if isinstance(builder, DockerBuilder):
            for image in images.ours(builder.engine()):
                if tag in image.tags:
                    shared = megabytes(image.shared)
                    return f", {megabytes(image.bytes)}, {shared} of it shared with other images"
    return ""


def megabytes(count: int) -> str:
    """Bytes in MB or GB."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
