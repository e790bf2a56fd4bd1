"""Which cells of a run show a signature, and what helped there. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.results import CellResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrences:
    """Cells by id, and how often each route was verified in them, the most often first."""

    cells: tuple[str, ...]
    verified: tuple[tuple[str, int], ...]

    def verified_times(self, route: str | None) -> int:
        """In how many cells this route ran and predicted the same, alone or with patches.

        A patch counts after any route; a resave counts with any environment.
        """
        return sum(times for name, times in self.verified if route in _parts(name))


def _parts(route: str) -> set[str]:
    """Both of ``edited-copy+flipped-kernels``; ``resave`` of ``resave:tf2.15:h5``."""
    return {part.split(":", 1)[0] for part in route.split("+")}


def occurrences(signature: str, cells: Iterable[CellResult]) -> Occurrences:
    """Return the cells that show it."""
    showing = [cell for cell in cells if signature in cell.signatures]
    helped = Counter(
        attempt.route for cell in showing for attempt in cell.attempts if attempt.verified
    )
    return Occurrences(
        cells=tuple(cell.id for cell in showing), verified=tuple(helped.most_common())
    )
