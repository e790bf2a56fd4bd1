"""A new worker for every cell: for systems without a safe fork, and to compare with."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from runner.worker_client.worker_protocol import BatchEnded

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
        self._lock = threading.Lock()
        self._running: set[Worker] = set()
        self._closed = False
        first = self._start()
        self.ready = first.ready
        first.close()

    def _start(self) -> Worker:
        return self._start_in(self._folder / str(next(self._numbers)))

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in a new worker; see ``protocol.Worker``."""
        if self._closed:
            return BatchEnded.unsent()
        worker = self._start()
        try:
            with self._lock:
                self._running.add(worker)
                if self._closed:
                    return BatchEnded.unsent()
            return worker.run(tasks, limits)
        finally:
            with self._lock:
                self._running.discard(worker)
            worker.close()

    @property
    def alive(self) -> bool:
        """Whether it takes another batch: until it is closed."""
        return not self._closed

    def close(self) -> None:
        """End the workers that still run."""
        with self._lock:
            self._closed = True
            running = tuple(self._running)
        for worker in running:
            worker.close()
