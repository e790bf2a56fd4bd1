"""What a run came to, on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from runner.nouns.results import Results


def summary(results: Results, console: Console) -> None:
    """Counts by verdict."""
    counts = Counter(str(cell.verdict) for cell in results.cells)
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    console.print(f"{len(results.cells)} cells: {words}", highlight=False)
