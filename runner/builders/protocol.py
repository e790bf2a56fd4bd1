"""What the host asks of a builder, whatever it builds: a venv, an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from runner.nouns.building import Built, Lock, Unavailable
    from runner.nouns.spec import Environment, Installation, Limits
    from runner.workers.bundle import Bundle
    from runner.workers.protocol import Worker


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
