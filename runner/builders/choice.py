"""Builders by name: what an installation asks for decides, so that one run may mix them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runner.builders.docker.builder import DockerBuilder
    from runner.builders.nox_builder import NoxBuilder
    from runner.builders.protocol import Builder
    from runner.nouns.building import Built, Lock, Unavailable
    from runner.nouns.spec import Environment, Installation, Limits
    from runner.workers.bundle import Bundle
    from runner.workers.protocol import Worker


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
        from runner.builders.nox_builder import NoxBuilder  # noqa: PLC0415 - findpython is slow

        return NoxBuilder(folder=folder, build=build)

    def docker() -> DockerBuilder:
        from runner.builders.docker.builder import (  # noqa: PLC0415 - as is docker's client
            DockerBuilder,
        )

        return DockerBuilder(folder=folder, build=build)

    return ChosenBuilder({"nox": nox, "docker": docker})
