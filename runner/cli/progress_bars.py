"""Progress: a live bar for a person, a line now and then for a log."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from runner.run.progress import Progress as ProgressProtocol

LOG_EVERY = 30.0  # seconds between two lines in a log


class Live:
    """For a terminal."""

    def __init__(self, console: Console) -> None:
        self.bars = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[last]}", markup=True),
            console=console,
        )
        self._task: TaskID | None = None

    def phase(self, name: str, total: int) -> None:
        """Add a bar."""
        self._task = self.bars.add_task(name, total=total, last="")

    def more(self, count: int) -> None:
        """Make the bar longer."""
        if self._task is not None:
            total = self.bars.tasks[self.bars.task_ids.index(self._task)].total or 0
            self.bars.update(self._task, total=total + count)

    def step(self, name: str) -> None:
        """One more is done."""
        if self._task is not None:
            self.bars.update(self._task, advance=1, last=name[-48:])

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self.bars.console.print(text, highlight=False, markup=False)


class Quiet:
    """For a log: a line when a phase begins, every 30 seconds, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._name, self._total, self._done, self._began, self._spoke = "", 0, 0, 0.0, 0.0

    def phase(self, name: str, total: int) -> None:
        """Print a line for the beginning."""
        with self._lock:
            self._name, self._total, self._done = name, total, 0
            self._began = self._spoke = time.monotonic()
            self.say(f"{name}: {total}")

    def more(self, count: int) -> None:
        """Raise the total in the lines that follow."""
        with self._lock:
            self._total += count

    def step(self, name: str) -> None:
        """Print a line every 30 seconds, and for the last step."""
        del name
        with self._lock:
            self._done += 1
            now = time.monotonic()
            if self._done == self._total or now - self._spoke > LOG_EVERY:
                self._spoke = now
                self.say(f"{self._name}: {self._done} of {self._total}, {now - self._began:.0f} s")

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def make_progress(console: Console) -> Iterator[ProgressProtocol]:
    """Yield what fits where the output goes."""
    if not console.is_terminal:
        yield Quiet(console)
        return
    live = Live(console)
    with live.bars:
        yield live
