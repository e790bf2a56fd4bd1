"""Which cells of a run show a signature, and what helped there. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.nouns.results import CellResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Sightings:
    """Cells by id, and how often each route was verified in them, the most often first."""

    cells: tuple[str, ...]
    verified: tuple[tuple[str, int], ...]

    def verified_times(self, route: str | None) -> int:
        """In how many cells this route ran and predicted the same, by any bridge, with patches."""
        return sum(times for name, times in self.verified if re.split(r"[+:]", name)[0] == route)


def sightings(signature: str, cells: Iterable[CellResult]) -> Sightings:
    """The cells that show it."""
    showing = [cell for cell in cells if signature in cell.signatures]
    helped = Counter(
        attempt.route for cell in showing for attempt in cell.attempts if attempt.verified
    )
    return Sightings(cells=tuple(cell.id for cell in showing), verified=tuple(helped.most_common()))
