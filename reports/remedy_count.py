"""How many remedies of a report run as they are printed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.results import CellResult, Results

RUNNABLE = "runnable as printed"
AUTHOR = "needs the author's code"
SEVERAL_AUTHOR = "need the author's code"


@dataclass(frozen=True, kw_only=True, slots=True)
class RemedyCount:
    """Distinct remedies: what is executed, in which environment."""

    runnable: int
    author: int

    @property
    def sentence(self) -> str:
        """``83 verified remedies: 44 runnable as printed, 39 need the author's code``."""
        total = self.runnable + self.author
        if not total:
            return ""
        author = AUTHOR if self.author == 1 else SEVERAL_AUTHOR
        return (
            f"{total:,} verified remedies: {self.runnable:,} {RUNNABLE}, {self.author:,} {author}"
        )


def count_remedies(results: Results) -> RemedyCount:
    """Count the verified remedies, each text in each environment once."""
    asks = {one.id for one in results.scripts if one.needs_author}
    found = {(scripts_of(cell), cell.loader) for cell in results.cells if scripts_of(cell)}
    author = sum(any(name in asks for name in scripts) for scripts, _ in found)
    return RemedyCount(runnable=len(found) - author, author=author)


def scripts_of(cell: CellResult) -> tuple[str, ...]:
    """Return the ids of what was executed for a cell's remedy, in order."""
    return next((one.scripts for one in cell.attempts if one.route == cell.remedy), ())
