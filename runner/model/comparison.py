"""What differs between two runs: cells, environments, and which version stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.finding import Verdict
    from runner.model.results import RunInfo

FEW = 4  # versions that are named before "and 12 more"


class Mark(StrEnum):
    """What became of a cell or an environment, as version control writes it."""

    ADDED = "A"
    REMOVED = "D"
    CHANGED = "C"
    UNCHANGED = "U"


class Turn(StrEnum):
    """The direction of a change."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"  # as bad in another way, or one of the two was not answered


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
    """An environment that came, went, or is not what it was. Telling packages come first."""

    id: str
    mark: Mark
    versions: tuple[VersionChange, ...] = ()
    notes: tuple[str, ...] = ()  # other variables, another status, another builder


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
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
    """A cell that is not what it was. ``reason`` is the newer one's, of a removed cell the old."""

    id: str
    mark: Mark
    before: Verdict | None
    after: Verdict | None
    turn: Turn
    reason: str
    signatures: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Two runs, cell by cell. Cells that are the same are counted only."""

    before: RunInfo
    after: RunInfo
    environments: tuple[EnvironmentChange, ...]
    cells: tuple[CellChange, ...]  # what got worse first
    unchanged: int

    @property
    def any(self) -> bool:
        """Whether a cell was added, removed or changed."""
        return bool(self.cells)

    def marked(self, mark: Mark) -> tuple[CellChange, ...]:
        """The cells with this mark."""
        return tuple(cell for cell in self.cells if cell.mark is mark)
