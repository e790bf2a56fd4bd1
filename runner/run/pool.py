"""Batches on workers, side by side: a few threads, at most as many live environments."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from runner import child_processes
from runner.worker_client.worker_protocol import StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from runner.model.steps import Step
    from runner.worker_client.worker_protocol import Worker

MAX_UNUSED = 3  # workers in a row that end before they take a batch
STOP_SECONDS = 20.0  # for the threads to end after an interrupt


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Steps that share a process.

    ``tries``: how often it was sent and its answer was lost. Such a batch has its worker to
    itself, so that a step that ends its worker takes no others along, and none is blamed for it.
    """

    steps: tuple[Step, ...]
    tries: int = 0

    @property
    def alone(self) -> bool:
        """Whether its evidence is isolated."""
        return len(self.steps) == 1


class Handler(Protocol):
    """Runs a batch on a worker, keeps the evidence, and returns what has to run again."""

    def __call__(self, worker: Worker, batch: Batch) -> Sequence[Batch]:
        """Return the batches that have to run again.

        Where the worker had ended before it took the batch, that is ``batch`` itself. Raises
        StartFailed where each batch has a process of its own and this one does not start.
        """


@dataclass(slots=True, eq=False)
class _Lane:
    """The batches of one environment, and its worker."""

    environment: str
    waiting: deque[Batch]
    running: int = 0
    exclusive: bool = False  # what runs has the worker to itself
    worker: Worker | None = None
    starting: bool = False
    given: bool = False  # whether the worker was given a batch
    unused: set[Worker] = field(default_factory=set)  # workers in a row that took no batch
    failed: StartFailed | None = None

    def next_batch(self) -> Batch | None:
        """Return the first batch that may run beside those that run already."""
        if self.exclusive:
            return None
        for batch in self.waiting:
            if not batch.tries or not self.running:
                return batch
        return None


# What a thread does next. Each is chosen under the lock and done without it.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Start:
    lane: _Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    lane: _Lane
    worker: Worker
    batch: Batch


@dataclass(frozen=True, kw_only=True, slots=True)
class _Close:
    worker: Worker


@dataclass(frozen=True, kw_only=True, slots=True)
class _GiveUp:
    lane: _Lane
    failed: StartFailed


_Turn = _Start | _Run | _Close | _GiveUp


@dataclass(slots=True)
class _Lanes:
    """The state of all environments. Every method is called under the pool's lock."""

    lanes: list[_Lane] = field(default_factory=list)
    most_idle: int = 0  # workers that stay open without a batch while other batches run

    def choose(self) -> _Turn | None:
        """Return what is to be done now; None while there is nothing."""
        return self._to_close() or self._to_give_up() or self._to_serve()

    def idle(self) -> bool:
        """Whether nothing is under way that may lead to more work."""
        return not any(lane.running or lane.starting for lane in self.lanes)

    def add(self, environment: str, batches: Iterable[Batch]) -> None:
        """Append batches to an environment's lane."""
        lane = next((one for one in self.lanes if one.environment == environment), None)
        if lane is None:
            lane = _Lane(environment=environment, waiting=deque())
            self.lanes.append(lane)
        lane.waiting.extend(batches)

    def _to_close(self) -> _Turn | None:
        more = any(lane.waiting for lane in self.lanes) or not self.idle()
        kept = self.most_idle if more else 0
        for lane in self.lanes:
            worker = lane.worker
            if worker is None:
                continue
            if not worker.alive:
                if not lane.given:
                    lane.unused.add(worker)
            elif lane.waiting or lane.running:
                continue
            elif kept:
                kept -= 1
                continue
            lane.worker = None
            return _Close(worker=worker)
        return None

    def _to_give_up(self) -> _Turn | None:
        for lane in self.lanes:
            # A batch that still runs may have been taken by the last of them.
            if len(lane.unused) >= MAX_UNUSED and lane.failed is None and not lane.running:
                lane.failed = StartFailed(
                    f"its worker ended {len(lane.unused)} times before it took a task"
                )
            if lane.failed is not None and lane.waiting:
                lane.waiting.clear()
                return _GiveUp(lane=lane, failed=lane.failed)
        return None

    def _to_serve(self) -> _Turn | None:
        found = [
            (lane, batch)
            for lane in self.lanes
            if not lane.starting and (batch := lane.next_batch()) is not None
        ]
        if not found:
            return None
        # An environment of its own for each thread; a live worker before a new import.
        lane, batch = min(
            found,
            key=lambda item: (item[0].running, item[0].worker is None, -len(item[0].waiting)),
        )
        if lane.worker is None:
            lane.starting = True
            return _Start(lane=lane)
        lane.waiting.remove(batch)
        lane.running += 1
        lane.exclusive = batch.tries > 0
        lane.given = True
        return _Run(lane=lane, worker=lane.worker, batch=batch)

    @staticmethod
    def started(lane: _Lane, worker: Worker) -> None:
        """Take in a new worker."""
        lane.worker, lane.starting, lane.given = worker, False, False

    @staticmethod
    def not_started(lane: _Lane, failed: StartFailed) -> None:
        """Note why an environment has no worker any more."""
        lane.starting = False
        lane.failed = failed

    @staticmethod
    def ran(turn: _Run, again: Sequence[Batch]) -> None:
        """Take in what a batch left to do."""
        lane = turn.lane
        lane.running -= 1
        lane.exclusive = False
        lane.waiting.extend(again)
        if any(batch is turn.batch for batch in again):
            lane.unused.add(turn.worker)
        else:
            lane.unused.clear()

    def workers(self) -> list[Worker]:
        """Every worker, taken out."""
        found = [lane.worker for lane in self.lanes if lane.worker is not None]
        for lane in self.lanes:
            lane.worker = None
        return found


class Pool:
    """Works through batches of several environments.

    A worker is started when its first batch is due and closed after its last; ``most_idle`` workers
    stay open while other batches run, for batches that these may add. A worker that ended
    is replaced at once, also while other batches still wait for it to say so. One that does not
    start gives up its environment's remaining batches.
    """

    def __init__(
        self,
        *,
        jobs: int,
        start: Callable[[str], Worker],
        handle: Handler,
        give_up: Callable[[str, StartFailed], None],
        meanwhile: Callable[[], None] | None = None,
        most_idle: int = 0,
    ) -> None:
        self._meanwhile = meanwhile  # called by the thread that waits for the others
        self._jobs = jobs
        self._start = start
        self._handle = handle
        self._give_up = give_up
        self._changed = threading.Condition()
        self._lanes = _Lanes(most_idle=most_idle)
        self._interrupt = child_processes.Interrupt()
        self._error: BaseException | None = None
        self._stopping = False

    def run(self, work: Mapping[str, Iterable[Batch]]) -> None:
        """Run all batches. Raises what a handler raised, after everything has stopped."""
        self._lanes = _Lanes(most_idle=self._lanes.most_idle)
        self.add(work)
        loop = partial(self._interrupt.run, self._loop)
        threads = [threading.Thread(target=loop, daemon=True) for _ in range(self._jobs)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():  # a join without limit does not hear Ctrl-C everywhere
                    thread.join(0.2)
                    if self._meanwhile is not None:
                        self._meanwhile()
        except BaseException:
            self.stop()
            _join(threads, STOP_SECONDS)
            raise
        finally:
            self._close_all()
        if self._error is not None:
            raise self._error

    def add(self, work: Mapping[str, Iterable[Batch]]) -> None:
        """Add batches, also from a handler while ``run`` goes on."""
        with self._changed:
            for environment, batches in work.items():
                self._lanes.add(environment, batches)
            self._changed.notify_all()

    def stop(self) -> None:
        """Start nothing more; end what runs, and what is being started."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._interrupt.set()
        self._close_all()

    def _loop(self) -> None:
        try:
            while (turn := self._next()) is not None:
                self._do(turn)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            with self._changed:
                self._error = self._error or error
            self.stop()

    def _next(self) -> _Turn | None:
        """Return what to do now; waits while others may still add something; None at the end."""
        with self._changed:
            while not self._stopping:
                turn = self._lanes.choose()
                if turn is not None:
                    return turn
                if self._lanes.idle():
                    return None
                self._changed.wait(1.0)
        return None

    def _do(self, turn: _Turn) -> None:
        match turn:
            case _Start():
                self._start_worker(turn.lane)
            case _Run():
                self._run_batch(turn)
            case _Close():
                turn.worker.close()
            case _GiveUp():
                self._give_up(turn.lane.environment, turn.failed)

    def _start_worker(self, lane: _Lane) -> None:
        try:
            worker = self._start(lane.environment)
        except StartFailed as failed:
            with self._changed:
                self._lanes.not_started(lane, failed)
                self._changed.notify_all()
            return
        with self._changed:
            late = self._stopping  # nobody closes it any more
            if not late:
                self._lanes.started(lane, worker)
            self._changed.notify_all()
        if late:
            worker.close()

    def _run_batch(self, turn: _Run) -> None:
        again: Sequence[Batch] = (turn.batch,)
        try:
            again = self._handle(turn.worker, turn.batch)
        except StartFailed as failed:
            with self._changed:
                self._lanes.not_started(turn.lane, failed)
        finally:
            with self._changed:
                self._lanes.ran(turn, again)
                self._changed.notify_all()

    def _close_all(self) -> None:
        with self._changed:
            workers = self._lanes.workers()
        for worker in workers:
            worker.close()


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    """Wait for threads to end, for so long altogether."""
    until = time.monotonic() + seconds
    for thread in threads:
        if thread.ident is not None:  # it was started
            thread.join(max(0.0, until - time.monotonic()))
