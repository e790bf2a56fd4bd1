"""How many cells of each verdict: the one number that every report is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.looks import LOOKS, ORDER
from runner.model.finding import Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """Cells by verdict, in the order of ``LOOKS``."""

    counts: tuple[int, ...]

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Mix:
        """Count them."""
        counted = Counter(verdicts)
        return cls(counts=tuple(counted[look.verdict] for look in LOOKS))

    def __getitem__(self, verdict: Verdict) -> int:
        return self.counts[ORDER[verdict]]

    @property
    def total(self) -> int:
        """Cells."""
        return sum(self.counts)

    @property
    def safe(self) -> int:
        """Cells that predict the same without doing anything."""
        return self._kind(VerdictKind.SAFE)

    @property
    def failing(self) -> int:
        """Cells that fail for the pair, and for which nothing helps."""
        return self._kind(VerdictKind.FAILING)

    @property
    def answered(self) -> int:
        """Cells with a verdict of the pair: neither our fault nor out of the question."""
        return self.total - self._kind(VerdictKind.ASIDE)

    def _kind(self, kind: VerdictKind) -> int:
        return sum(self[verdict] for verdict in Verdict if verdict.kind is kind)


def percent(part: int, whole: int) -> str:
    """``97 %``; never 100 % or 0 % where that is not so."""
    if whole == 0:
        return "–"
    if 0 < part < whole:
        return f"{min(99, max(1, round(100 * part / whole)))} %"
    return "100 %" if part else "0 %"
