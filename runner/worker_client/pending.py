"""The batches that a worker has been sent and has not ended yet."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.worker_client.worker_protocol import BatchEnded, TaskRequest


@dataclass(slots=True)
class Sent:
    """A batch on its way. ``event`` is set when it has ended, with ``ended`` or without."""

    number: int
    tasks: Sequence[TaskRequest]
    event: threading.Event = field(default_factory=threading.Event)
    ended: BatchEnded | None = None
    bytes: int = 0  # of the files that went along

    def end(self, ended: BatchEnded | None) -> None:
        """Release the thread that waits for it."""
        self.ended = ended
        self.event.set()


class Pending:
    """Batches by number. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[int, Sent] = {}
        self._next = 0
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the worker takes no more batches."""
        return self._closed

    def add(self, tasks: Sequence[TaskRequest]) -> Sent | None:
        """Give a batch its number; None where the worker takes no more."""
        with self._lock:
            if self._closed:
                return None
            self._next += 1
            sent = Sent(self._next, tasks)
            self._sent[sent.number] = sent
            return sent

    def pop(self, number: object) -> Sent | None:
        """Return the batch that has this number; None where none has."""
        with self._lock:
            return self._sent.pop(number, None) if isinstance(number, int) else None

    def refuse(self) -> None:
        """Take no more batches; those that were sent may still end."""
        with self._lock:
            self._closed = True

    def close(self) -> list[Sent]:
        """Take no more batches; return those that have not ended, for the caller to end."""
        with self._lock:
            self._closed = True
            left = list(self._sent.values())
            self._sent.clear()
        return left
