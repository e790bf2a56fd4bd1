"""Batches on workers, side by side: a few threads, at most as many live environments."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from runner.worker_client.worker_protocol import StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from runner.model.steps import Step
    from runner.worker_client.worker_protocol import Worker


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Steps that share a process."""

    steps: tuple[Step, ...]
    tries: int = 0  # how often its worker was lost under it

    @property
    def alone(self) -> bool:
        """Whether its evidence is isolated."""
        return len(self.steps) == 1


class Handler(Protocol):
    """Runs a batch on a worker, keeps the evidence, and returns what has to run again."""

    def __call__(self, worker: Worker, batch: Batch) -> Sequence[Batch]:
        """Return the batches that have to run again."""


@dataclass(slots=True)
class _Queue:
    environment: str
    batches: deque[Batch]
    active: int = 0
    worker: Worker | None = None
    starting: bool = False
    failed: bool = False


class Pool:
    """Works through batches of several environments.

    A worker is started when its first batch is due and closed after its last. A worker that dies
    is started anew; one that cannot be started gives up its environment's batches.
    """

    def __init__(
        self,
        *,
        jobs: int,
        start: Callable[[str], Worker],
        handle: Handler,
        give_up: Callable[[str, StartFailed], None],
    ) -> None:
        self._jobs = jobs
        self._start = start
        self._handle = handle
        self._give_up = give_up
        self._changed = threading.Condition()
        self._queues: list[_Queue] = []
        self._error: BaseException | None = None
        self._stopping = False

    def run(self, work: Mapping[str, Iterable[Batch]]) -> None:
        """Run all batches. Raises what a handler raised, after everything has stopped."""
        self._queues = [
            _Queue(environment=environment, batches=deque(batches))
            for environment, batches in work.items()
        ]
        threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(self._jobs)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():  # a join without limit does not hear Ctrl-C everywhere
                    thread.join(0.2)
        except BaseException:
            self.stop()
            raise
        finally:
            self._close_all()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Start nothing more; end what runs."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._close_all()

    def _loop(self) -> None:
        try:
            while (queue := self._next()) is not None:
                self._serve(queue)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            with self._changed:
                self._error = self._error or error
                self._stopping = True
                self._changed.notify_all()

    def _next(self) -> _Queue | None:
        """A queue with work, the least served first; waits while others may still add some."""
        with self._changed:
            while not self._stopping:
                open_ = [queue for queue in self._queues if queue.batches and not queue.starting]
                if open_:
                    # A live worker before a new import; then an environment of one's own.
                    best = min(
                        open_,
                        key=lambda item: (item.active, item.worker is None, -len(item.batches)),
                    )
                    best.active += 1
                    best.starting = best.worker is None
                    return best
                if not any(queue.active for queue in self._queues):
                    return None
                self._changed.wait(1.0)
        return None

    def _serve(self, queue: _Queue) -> None:
        again: Sequence[Batch] = ()
        try:
            worker = self._worker(queue)
            batch = self._take(queue)
            if worker is not None and batch is not None:
                again = self._handle(worker, batch)
        finally:
            with self._changed:
                queue.batches.extend(again)
                queue.active -= 1
                done = not queue.batches and not queue.active
                dead = queue.worker is not None and not queue.worker.alive
                closing = queue.worker if done or (dead and not queue.active) else None
                if closing is not None:
                    queue.worker = None
                self._changed.notify_all()
            if closing is not None:
                closing.close()

    def _take(self, queue: _Queue) -> Batch | None:
        with self._changed:
            return queue.batches.popleft() if queue.batches and not self._stopping else None

    def _worker(self, queue: _Queue) -> Worker | None:
        if queue.worker is not None:
            return queue.worker
        try:
            worker = self._start(queue.environment)
        except StartFailed as failed:
            with self._changed:
                queue.batches.clear()
                queue.starting = False
            self._give_up(queue.environment, failed)
            return None
        with self._changed:
            queue.worker = worker
            queue.starting = False
            self._changed.notify_all()
        return worker

    def _close_all(self) -> None:
        for queue in self._queues:
            worker, queue.worker = queue.worker, None
            if worker is not None:
                worker.close()
