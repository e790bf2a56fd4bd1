"""Show what is known while a run goes on, now and then, at little cost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.results import Results

EVERY = 30.0  # seconds
SHARE = 0.05  # of a run's time that it may take


class EarlyResults:
    """Calls ``show`` with the results so far. ``tick`` is called often, by one thread."""

    def __init__(
        self,
        show: Callable[[Results], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show
        self._clock = clock
        self._next = clock() + EVERY
        self._shown = 0

    def tick(self, measured: int, make: Callable[[], Results]) -> None:
        """Show the results where that is due. measured: how many loads were answered."""
        if measured > self._shown and self._clock() >= self._next:
            self.show(measured, make)

    def show(self, measured: int, make: Callable[[], Results]) -> None:
        """Show the results now."""
        if measured == self._shown:
            return
        began = self._clock()
        self._show(make())
        self._shown = measured
        now = self._clock()
        self._next = now + max(EVERY, (now - began) / SHARE)
