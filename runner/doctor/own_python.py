"""A user's own Python as the one environment in which a file is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.model.builds import Built, Fault, Lock, LockState, Unavailable
from runner.worker_client.local_worker import LocalWorker

if TYPE_CHECKING:
    from runner.doctor.interpreter_survey import Survey
    from runner.model.matrix import Environment, Installation, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker

SANDBOX = "docker"


def lock_of(found: Survey) -> Lock:
    """Return what is installed there, in place of a lock."""
    installed = repr((found.executable, found.python, found.packages))
    return Lock(
        path=Path(found.executable),
        state=LockState.FRESH,
        digest=hashlib.sha256(installed.encode()).hexdigest(),
        packages=found.packages,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPython:
    """A builder that builds nothing; see ``environments.builders.Builder``."""

    python: Path

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """Return the interpreter, which is no sandbox."""
        del lock
        if installation.builder == SANDBOX:
            return None
        return Built(python=self.python, seconds=0.0, log=self.python)

    def build(self, installation: Installation, lock: Lock, limits: Limits) -> Built | Unavailable:
        """Only a sandbox is missing here."""
        del installation, lock, limits
        return Unavailable(fault=Fault.ENGINE, reason="your own Python is not a sandbox")

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
        """Start a worker in it. Raises StartFailed."""
        del isolate
        return LocalWorker(
            environment=environment,
            python=built.python,
            bundle=bundle,
            folder=folder,
            limits=limits,
        )
