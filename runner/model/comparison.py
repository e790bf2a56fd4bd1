"""What differs between two runs: cells, environments, and which versions changed with them."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a field's type
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.model.finding import Verdict, VerdictKind

if TYPE_CHECKING:
    from runner.model.results import Results

FEW = 4  # versions that are named before "and 12 more"


class Mark(StrEnum):
    """Whether a cell or an environment is in both runs, as version control writes it."""

    ADDED = "A"
    REMOVED = "D"
    CHANGED = "C"
    UNCHANGED = "U"


class Turn(StrEnum):
    """The direction of a change."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"  # as bad in another way, or one of the two was not answered


class ChangeKind(StrEnum):
    """What happened to a cell, the most pressing first."""

    BROKE = "broke"  # red now, and was not
    WORSE = "worse"
    FIXED = "fixed"  # was red; loads now, as is or by a verified route
    BETTER = "better"
    CHANGED = "changed"  # as bad in another way, or one of the two was not answered
    ADDED = "added"
    REMOVED = "removed"

    @property
    def turn(self) -> Turn:
        """The direction."""
        return _TURNS.get(self, Turn.OTHER)

    @property
    def mark(self) -> Mark:
        """Whether the cell is in both runs."""
        return _MARKS.get(self, Mark.CHANGED)


_TURNS = {
    ChangeKind.BROKE: Turn.WORSE,
    ChangeKind.WORSE: Turn.WORSE,
    ChangeKind.FIXED: Turn.BETTER,
    ChangeKind.BETTER: Turn.BETTER,
}
_MARKS = {ChangeKind.ADDED: Mark.ADDED, ChangeKind.REMOVED: Mark.REMOVED}


def change_kind(before: Verdict | None, after: Verdict | None) -> ChangeKind:
    """Classify two verdicts that differ; None: the cell is not in that run."""
    if before is None:
        return ChangeKind.ADDED
    if after is None:
        return ChangeKind.REMOVED
    if after.red and not before.red:
        return ChangeKind.BROKE
    if not before.answered or not after.answered or before.rank == after.rank:
        return ChangeKind.CHANGED
    if before.red and after.kind is not VerdictKind.ASIDE and not after.red:
        return ChangeKind.FIXED
    return ChangeKind.WORSE if after.rank > before.rank else ChangeKind.BETTER


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRun:
    """One run that is over: the verdicts of its cells."""

    id: str
    started: str  # ISO 8601, UTC
    complete: bool
    verdicts: Mapping[str, Verdict]  # by cell id
    matrix: str = ""
    profile: str = ""
    shard: str | None = None

    @classmethod
    def of(cls, results: Results) -> PastRun:
        """Return what later runs need to know of this one."""
        run = results.run
        return cls(
            id=run.id,
            started=run.started,
            complete=run.complete,
            verdicts={cell.id: cell.verdict for cell in results.cells},
            matrix=run.matrix,
            profile=run.profile,
            shard=run.shard,
        )

    @property
    def whole(self) -> bool:
        """Whether a cell that it does not have is gone: it came to its end and is not a shard."""
        return self.complete and self.shard is None


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionChange:
    """A package of an environment (or its Python) that has another version."""

    package: str
    before: str | None  # None: it was not there
    after: str | None

    def __str__(self) -> str:
        return f"{self.package} {self.before or 'absent'} -> {self.after or 'gone'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentChange:
    """An environment that was added, removed or changed. Important packages come first."""

    id: str
    mark: Mark
    versions: tuple[VersionChange, ...] = ()
    notes: tuple[str, ...] = ()  # other variables, another status, another builder


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeCause:
    """Something on one side of a cell that changed together with its verdict."""

    role: str  # ``saver``, ``loader``, ``both`` where saver and loader are one, or ``kmatrix``
    environment: str | None
    versions: tuple[VersionChange, ...] = ()
    note: str = ""

    @property
    def words(self) -> str:
        """``loader tf2.15-py311: h5py 3.10.0 -> 3.12.1 and 2 more``."""
        text = ", ".join([*map(str, self.versions[:FEW]), *([self.note] if self.note else [])])
        if len(self.versions) > FEW:
            text += f", and {len(self.versions) - FEW} more"
        role = "saver and loader" if self.role == "both" else self.role
        return f"{role} {self.environment}: {text}" if self.environment else text


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """A cell whose verdict differs. ``reason`` is the newer one's, of a removed cell the old."""

    id: str
    before: Verdict | None
    after: Verdict | None
    reason: str = ""
    signatures: tuple[str, ...] = ()
    causes: tuple[ChangeCause, ...] = ()

    @property
    def kind(self) -> ChangeKind:
        """What happened to it."""
        return change_kind(self.before, self.after)

    @property
    def mark(self) -> Mark:
        """Whether it is in both runs."""
        return self.kind.mark

    @property
    def turn(self) -> Turn:
        """The direction."""
        return self.kind.turn

    @property
    def because(self) -> str:
        """What changed together with it; empty where that is not known."""
        return "; ".join(cause.words for cause in self.causes)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunComparison:
    """Two runs, cell by cell. Cells that are the same are counted only."""

    before: PastRun
    after: PastRun
    cells: tuple[CellChange, ...]  # what got worse first
    unchanged: int
    environments: tuple[EnvironmentChange, ...] = ()

    @property
    def any(self) -> bool:
        """Whether a cell was added, removed or changed."""
        return bool(self.cells)

    def marked(self, mark: Mark) -> tuple[CellChange, ...]:
        """Return the cells with this mark."""
        return tuple(cell for cell in self.cells if cell.mark is mark)

    def of_kind(self, kind: ChangeKind) -> tuple[CellChange, ...]:
        """Return the cells of this kind, in the order of the matrix."""
        return tuple(cell for cell in self.cells if cell.kind is kind)

    @property
    def sentence(self) -> str:
        """``3 broke, 5 fixed``; ``nothing changed``."""
        counts = ((kind, len(self.of_kind(kind))) for kind in ChangeKind)
        return ", ".join(f"{count} {kind}" for kind, count in counts if count) or "nothing changed"

    @property
    def packages(self) -> tuple[str, ...]:
        """Lines of locks: ``tf2.15-py311: h5py 3.10.0 -> 3.12.1``."""
        return tuple(
            f"{environment.id}: {version}"
            for environment in self.environments
            for version in environment.versions
        )
