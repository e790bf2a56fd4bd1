"""What is not as it was: cells that changed between two runs, and what stands behind that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reports.history import PastRun
from reports.looks import LOOK, ORDER
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from runner.model.comparison import Difference
    from runner.model.results import Results


class ChangeKind(StrEnum):
    """Of a cell, most pressing first."""

    BROKE = "broke"  # red now, and was not
    WORSE = "worse"
    FIXED = "fixed"  # not red any more
    BETTER = "better"
    CHANGED = "changed"  # as bad in another way, or into or out of what is no verdict of the pair
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One cell."""

    id: str
    kind: ChangeKind
    before: Verdict | None
    after: Verdict | None
    because: str = ""  # what changed together with it; empty where nobody can tell


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """Between the run ``since`` and this one; cells that are as they were are left out."""

    since: str  # id
    started: str  # of ``since``
    cells: tuple[Change, ...]
    packages: tuple[str, ...] = ()  # lines of locks: ``tf2.15-py311: h5py 3.10.0 -> 3.12.1``

    def of_kind(self, kind: ChangeKind) -> tuple[Change, ...]:
        """In the order of the matrix."""
        return tuple(change for change in self.cells if change.kind is kind)

    @property
    def sentence(self) -> str:
        """``3 broke, 5 fixed``; ``nothing changed``."""
        counts = ((kind, len(self.of_kind(kind))) for kind in ChangeKind)
        return ", ".join(f"{count} {kind}" for kind, count in counts if count) or "nothing changed"


def find_changes(
    results: Results, before: PastRun, difference: Difference | None = None
) -> Changes:
    """Every cell whose verdict is another, is new, or is gone.

    A run that is a part of the matrix (a shard, or stopped) says nothing about the cells that it
    does not have, so none of them counts as removed. ``difference`` is of the same two runs, and
    tells what stands behind a change.
    """
    whole = results.run.complete and results.run.shard is None
    found = changes_between(before, PastRun.of(results), removed=whole)
    if difference is None:
        return found
    because = {
        cell.id: "; ".join(cause.words for cause in cell.causes) for cell in difference.cells
    }
    return replace(
        found,
        cells=tuple(replace(cell, because=because.get(cell.id, "")) for cell in found.cells),
        packages=tuple(
            f"{environment.id}: {version}"
            for environment in difference.environments
            for version in environment.versions
        ),
    )


def changes_between(before: PastRun, after: PastRun, *, removed: bool) -> Changes:
    """The same of two past runs. ``removed``: whether cells that are not there are gone."""
    cells = [
        Change(id=name, kind=change_kind(then, verdict), before=then, after=verdict)
        for name, verdict in after.verdicts.items()
        if (then := before.verdicts.get(name)) is not verdict
    ]
    if removed:
        cells += [
            Change(id=name, kind=ChangeKind.REMOVED, before=verdict, after=None)
            for name, verdict in before.verdicts.items()
            if name not in after.verdicts
        ]
    return Changes(since=before.id, started=before.started, cells=tuple(cells))


def change_kind(before: Verdict | None, after: Verdict) -> ChangeKind:
    """Of two verdicts that differ."""
    if before is None:
        return ChangeKind.ADDED
    if after.failing and not before.failing:
        return ChangeKind.BROKE
    asides = "aside" in {LOOK[before].kind, LOOK[after].kind}
    if asides or _severity(before) == _severity(after):
        return ChangeKind.CHANGED
    if before.failing and not after.failing:
        return ChangeKind.FIXED
    return ChangeKind.WORSE if _severity(after) > _severity(before) else ChangeKind.BETTER


def _severity(verdict: Verdict) -> int:
    """Refused, crashed and hung are equally bad; drift is worse, since nobody tells about it."""
    if verdict.failing:
        return len(ORDER) + (verdict is Verdict.DRIFTED)
    return ORDER[verdict]
