"""Where a file may be opened: an environment on this machine, or the same in a sandbox."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.model.builds import Built
from runner.nouns.loading import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.environments.builders import BuilderFor
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker

SANDBOX = "docker"
NO_SANDBOX = (
    "it would run code, and is opened without --trust only in a Docker sandbox, which is not to "
    "be had: {reason}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """An environment that cannot be had for this file."""

    outcome: Outcome
    reason: str


class Rooms:
    """Opens environments and starts workers in them."""

    def __init__(
        self,
        *,
        builder_for: BuilderFor,
        locks: Mapping[str, Lock],
        bundle: Bundle,
        scratch: Path,
        limits: Limits,
    ) -> None:
        self._builder_for = builder_for
        self._locks = locks
        self._bundle = bundle
        self._scratch = scratch
        self._limits = limits

    def open(self, environment: Environment, *, sandbox: bool) -> Built | Closed:
        """The environment, built when it has to be."""
        installation = _placed(environment, sandbox=sandbox).installation
        builder, lock = self._builder_for(installation), self._locks[installation.name]
        found = builder.build(installation, lock, self._limits)
        if isinstance(found, Built):
            return found
        if sandbox:
            reason = NO_SANDBOX.format(reason=found.reason)
            return Closed(outcome=Outcome.UNTRUSTED, reason=reason)
        return Closed(outcome=Outcome.UNAVAILABLE, reason=found.reason)

    def start(self, environment: Environment, built: Built, *, sandbox: bool) -> Worker:
        """A worker in it. Raises StartFailed."""
        placed = _placed(environment, sandbox=sandbox)
        return self._builder_for(placed.installation).start(
            placed,
            built,
            bundle=self._bundle,
            folder=self._scratch / "workers" / f"{environment.id}-{time.monotonic_ns()}",
            limits=self._limits,
        )


def _placed(environment: Environment, *, sandbox: bool) -> Environment:
    """The same environment, in a container if it has to be."""
    if not sandbox or environment.installation.builder == SANDBOX:
        return environment
    return replace(environment, installation=replace(environment.installation, builder=SANDBOX))
