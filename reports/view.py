"""The view model: what reports say beyond the bare results. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.attribution import find_attributions
from reports.causes import find_causes
from reports.history import History
from reports.mix import Mix, percent
from reports.remedy_count import count_remedies
from runner.compare.difference import compare
from runner.model.comparison import PastRun
from runner.model.finding import EnvironmentStatus, VerdictKind

if TYPE_CHECKING:
    from reports.attribution import Attribution
    from reports.causes import Cause, Causes
    from reports.remedy_count import RemedyCount
    from runner.model.comparison import RunComparison
    from runner.model.finding import Verdict
    from runner.model.results import CellResult, EnvironmentResult, Results


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendPoint:
    """One run of the history, or this one."""

    id: str
    started: str
    complete: bool
    mix: Mix


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Results, and what follows from them."""

    results: Results
    history: History
    mix: Mix
    formats: tuple[tuple[str, Mix], ...]  # in the order of the matrix
    causes: Causes
    attributions: tuple[Attribution, ...]
    changes: RunComparison | None  # None: there is nothing to compare with
    trend: tuple[TrendPoint, ...]  # oldest first, this run last
    remedies: RemedyCount

    @property
    def down(self) -> tuple[EnvironmentResult, ...]:
        """Environments that could not be asked, or that fail on their own artifacts."""
        return tuple(
            one for one in self.results.environments if one.status is not EnvironmentStatus.READY
        )

    @property
    def helped(self) -> int:
        """Answered cells that are not safe as they are, and have a way of loading that works."""
        return sum(
            cell.remedy is not None
            and not cell.verdict.safe
            and cell.verdict.kind is not VerdictKind.ASIDE
            for cell in self.results.cells
        )

    @property
    def with_help(self) -> str:
        """``97 % with a way of loading that was verified``; empty where nothing had to help."""
        if not self.helped:
            return ""
        share = percent(self.mix.safe + self.helped, self.mix.answered)
        return f"{share} with a way of loading that was verified"

    @property
    def unmet(self) -> tuple[CellResult, ...]:
        """Cells that are not what the matrix's owner expects."""
        return tuple(
            cell
            for cell in self.results.cells
            if cell.expectation is not None and not cell.expectation.met
        )

    def cause_of(self, number: int) -> Cause | None:
        """Of the cell at that place."""
        place = self.causes.of_cell[number]
        return None if place is None else self.causes.causes[place]


def make_view(
    results: Results, history: History | None = None, difference: RunComparison | None = None
) -> View:
    """Make the view; changes are those since the history's last complete run.

    ``difference`` is between that run and this one, if somebody could tell.
    """
    past = (history or History()).without(results.run.id)
    causes = find_causes(results)
    return View(
        results=results,
        history=past,
        mix=Mix.of(cell.verdict for cell in results.cells),
        formats=_by_format(results),
        causes=causes,
        attributions=find_attributions(results, causes),
        changes=_changes(results, past, difference),
        trend=tuple(_point(run) for run in (*past.runs, PastRun.of(results))),
        remedies=count_remedies(results),
    )


def pair_mixes(results: Results) -> dict[tuple[str, str], Mix]:
    """Return the mix of each saver and loader."""
    found: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for cell in results.cells:
        name = cell.name
        found[name.saver, name.loader].append(cell.verdict)
    return {pair: Mix.of(verdicts) for pair, verdicts in found.items()}


def _by_format(results: Results) -> tuple[tuple[str, Mix], ...]:
    found: dict[str, list[Verdict]] = {name: [] for name in results.formats}
    for cell in results.cells:
        found.setdefault(cell.name.format, []).append(cell.verdict)
    return tuple((name, Mix.of(verdicts)) for name, verdicts in found.items() if verdicts)


def _changes(
    results: Results, past: History, difference: RunComparison | None
) -> RunComparison | None:
    before = past.last_complete
    if before is None:
        return None
    known = difference is not None and difference.before.id == before.id
    return difference if known else compare(before, results)


def _point(run: PastRun) -> TrendPoint:
    return TrendPoint(
        id=run.id,
        started=run.started,
        complete=run.complete,
        mix=Mix.of(run.verdicts.values()),
    )
