"""A new worker for every cell: for systems without a safe fork, and to compare with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from runner.model.evidence import Ending
from runner.worker_client.worker_protocol import BatchEnded, StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.model.matrix import Limits
    from runner.worker_client.worker_protocol import TaskRequest, Worker


class ProcessPerCell:
    """Serves each batch with a worker of its own, which imports, runs it and ends.

    ``start`` starts one in a folder of its own. Raises StartFailed, as it does.
    """

    def __init__(self, start: Callable[[Path], Worker], *, folder: Path) -> None:
        self._start_in = start
        self._folder = folder
        self._numbers = itertools.count()
        first = self._start()
        self.ready = first.ready
        first.close()

    def _start(self) -> Worker:
        return self._start_in(self._folder / str(next(self._numbers)))

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in a new worker; see ``protocol.Worker``."""
        try:
            worker = self._start()
        except StartFailed as failed:
            lost = failed.unavailable
            return BatchEnded(ending=Ending.CRASHED, task=0, stage="import", lost=lost)
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
