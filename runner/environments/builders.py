"""Builders: what the host asks of one, and which one builds an installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.builds import Built, Lock, Unavailable
    from runner.model.matrix import Environment, Installation, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker


class Builder(Protocol):
    """Turns installations into something a worker runs in. Safe to call from several threads."""

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """Return the installation if it is there and whole."""

    def build(self, installation: Installation, lock: Lock, limits: Limits) -> Built | Unavailable:
        """Build it unless it is there."""

    def start(
        self,
        environment: Environment,
        built: Built,
        *,
        bundle: Bundle,
        folder: Path,
        limits: Limits,
        isolate: bool = False,
    ) -> Worker:
        """Return a worker in it.

        Raises StartFailed. ``isolate``: nothing shared between two batches.
        """


BuilderFor = Callable[["Installation"], Builder]


def make_builders(*, folder: Path, build: Path) -> BuilderFor:
    """Return the builder that an installation names; one run can use several.

    folder: of the matrix file. build: for builds and logs. A builder is made on first use.
    """
    made: dict[str, Builder] = {}

    def builder_for(installation: Installation) -> Builder:
        name = installation.builder
        if name not in made:
            made.setdefault(name, _make(name, folder, build))  # several threads may come here
        return made[name]

    return builder_for


def _make(name: str, folder: Path, build: Path) -> Builder:
    if name == "docker":
        from runner.environments.image_builder import DockerBuilder  # noqa: PLC0415 - docker

        return DockerBuilder(folder=folder, build=build)
    from runner.environments.nox_builder import NoxBuilder  # noqa: PLC0415 - findpython

    return NoxBuilder(folder=folder, build=build)
