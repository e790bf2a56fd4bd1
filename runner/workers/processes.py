"""A new process for every cell: for systems without a safe fork, and to compare with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from runner.nouns.evidence import Ending
from runner.workers.local import LocalWorker
from runner.workers.protocol import BatchEnded, StartFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.nouns.spec import Environment, Limits
    from runner.workers.bundle import Bundle
    from runner.workers.protocol import TaskRequest


class ProcessPerCell:
    """Serves each batch with a process of its own, which imports, runs it and ends."""

    def __init__(
        self,
        *,
        environment: Environment,
        python: Path,
        bundle: Bundle,
        folder: Path,
        limits: Limits,
    ) -> None:
        self._environment = environment
        self._python = python
        self._bundle = bundle
        self._folder = folder
        self._numbers = itertools.count()
        first = self._start(limits)
        self.ready = first.ready
        first.close()

    def _start(self, limits: Limits) -> LocalWorker:
        return LocalWorker(
            environment=self._environment,
            python=self._python,
            bundle=self._bundle,
            folder=self._folder / str(next(self._numbers)),
            limits=limits,
            mode="inline",
        )

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in a new process; see ``protocol.Worker``."""
        try:
            worker = self._start(limits)
        except StartFailed:
            return BatchEnded(ending=Ending.CRASHED, task=0, stage="import")
        try:
            return worker.run(tasks, limits)
        finally:
            worker.close()

    @property
    def alive(self) -> bool:
        """It always is: there is nothing that lasts."""
        return True

    def close(self) -> None:
        """Nothing lasts."""
