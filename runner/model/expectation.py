"""What the owner of a matrix says cells should be, as ``matrix.yaml`` states it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.finding import Verdict
    from runner.model.matrix import Position

ANY = ("*",)


class ExpectationState(StrEnum):
    """What a run said about one expectation."""

    MET = "met"
    UNMET = "unmet"  # at least one of its cells is something else
    EXPIRED = "expired"  # its last day is over: its cells count as if it were not there
    STALE = "stale"  # it decides no cell: none is called so, or later entries have them all
    UNASKED = "unasked"  # its cells exist, and this run did not answer one of them

    @property
    def rank(self) -> int:
        """The order in which the state of one part decides for a whole: the highest counts."""
        return _RANKS[self]


_RANKS = {
    ExpectationState.UNASKED: 0,
    ExpectationState.STALE: 1,
    ExpectationState.MET: 2,
    ExpectationState.UNMET: 3,
    ExpectationState.EXPIRED: 4,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CellPattern:
    """Which cells, by the four parts of their ids. A part is globs, one of which has to fit."""

    saver: tuple[str, ...] = ANY
    recipe: tuple[str, ...] = ANY
    format: tuple[str, ...] = ANY
    loader: tuple[str, ...] = ANY

    @property
    def parts(self) -> Sequence[tuple[str, ...]]:
        """The globs in the order of a cell's id."""
        return (self.saver, self.recipe, self.format, self.loader)

    def __str__(self) -> str:
        return "/".join("|".join(part) for part in self.parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """One entry below ``expectations:``. Of several that match a cell the last one counts."""

    patterns: tuple[CellPattern, ...] = field(metadata={"keys": ("cells",)})
    expected: tuple[Verdict, ...] = field(metadata={"keys": ("expect",)})
    reason: str
    position: Position = field(metadata={"keys": ()})
    # Only cells that have one of these verdicts now.
    verdicts: tuple[Verdict, ...] = field(default=(), metadata={"keys": ("verdict",)})
    # Globs: only cells that show one of these signatures now.
    signatures: tuple[str, ...] = field(default=(), metadata={"keys": ("signature",)})
    link: str | None = None
    expires: str | None = None  # ISO date, the last day it holds
    # Globs in it that match nothing in the matrix.
    unknown: tuple[str, ...] = field(default=(), metadata={"keys": ()})
    # A cell of the matrix can have such an id.
    possible: bool = field(default=True, metadata={"keys": ()})

    def __str__(self) -> str:
        filters = [
            f"{name} {'|'.join(words)}"
            for name, words in (("verdict", self.verdicts), ("signature", self.signatures))
            if words
        ]
        return " with ".join([", ".join(map(str, self.patterns)), *filters])
