"""Verdicts of past runs by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.comparison import PastRun


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Past runs, oldest first; the run that a report is about is not among them."""

    runs: tuple[PastRun, ...] = ()

    @property
    def last_complete(self) -> PastRun | None:
        """The latest run that came to its end: what changes are measured against."""
        return next((run for run in reversed(self.runs) if run.complete), None)

    def without(self, run_id: str) -> History:
        """Return the same without one run, lest a run is compared with itself."""
        return History(runs=tuple(run for run in self.runs if run.id != run_id))
