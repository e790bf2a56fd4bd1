"""Builders: what the host asks of one, and which one builds an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runner.environments.image_builder import DockerBuilder
    from runner.environments.nox_builder import NoxBuilder
    from runner.model.builds import Built, Lock, Unavailable
    from runner.model.matrix import Environment, Installation, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker


class Builder(Protocol):
    """Turns installations into something a worker runs in. Safe to call from several threads."""

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """The installation if it is there and whole."""

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
        """A worker in it. Raises StartFailed. ``isolate``: nothing shared between two batches."""


class ChosenBuilder:
    """The builder that each installation names. Each is made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Builder]]) -> None:
        self._makers = makers
        self._made: dict[str, Builder] = {}

    def of(self, installation: Installation) -> Builder:
        """The builder of an installation."""
        name = installation.builder
        if name not in self._made:
            self._made.setdefault(name, self._makers[name]())
        return self._made[name]

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """See ``protocol.Builder``."""
        return self.of(installation).find(installation, lock)

    def build(self, installation: Installation, lock: Lock, limits: Limits) -> Built | Unavailable:
        """See ``protocol.Builder``."""
        return self.of(installation).build(installation, lock, limits)

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
        """See ``protocol.Builder``."""
        return self.of(environment.installation).start(
            environment, built, bundle=bundle, folder=folder, limits=limits, isolate=isolate
        )


def make_builders(*, folder: Path, build: Path) -> ChosenBuilder:
    """All builders. ``folder``: of the matrix file; ``build``: where builds and logs go."""

    def nox() -> NoxBuilder:
        from runner.environments.nox_builder import NoxBuilder  # noqa: PLC0415 - findpython is slow

        return NoxBuilder(folder=folder, build=build)

    def docker() -> DockerBuilder:
        from runner.environments.image_builder import (  # noqa: PLC0415 - as is docker's client
            DockerBuilder,
        )

        return DockerBuilder(folder=folder, build=build)

    return ChosenBuilder({"nox": nox, "docker": docker})
