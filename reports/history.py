"""Past runs, as reports know them: who said what about which cell, and when."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a field of a noun
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.finding import Verdict  # noqa: TC001 - as above

if TYPE_CHECKING:
    from runner.model.results import Results


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRun:
    """One run that is over."""

    id: str
    started: str  # ISO 8601, UTC
    complete: bool
    verdicts: Mapping[str, Verdict]  # by cell id

    @classmethod
    def of(cls, results: Results) -> PastRun:
        """What later runs need to know of this one."""
        return cls(
            id=results.run.id,
            started=results.run.started,
            complete=results.run.complete,
            verdicts={cell.id: cell.verdict for cell in results.cells},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Past runs, oldest first; the run that a report is about is not among them."""

    runs: tuple[PastRun, ...] = ()

    @property
    def last_complete(self) -> PastRun | None:
        """The latest run that came to its end: what changes are measured against."""
        return next((run for run in reversed(self.runs) if run.complete), None)

    def without(self, run_id: str) -> History:
        """The same without one run, lest a run is compared with itself."""
        return History(runs=tuple(run for run in self.runs if run.id != run_id))
