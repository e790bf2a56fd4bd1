"""What a scheduled run publishes: its grid where it is whole, else the last good one. Pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.display_text import code_span

if TYPE_CHECKING:
    from runner.model.results import CellResult, Results

ENOUGH = 0.75  # of the cells that the last good grid answers
SHOWN = 30  # cells that an issue names
TITLE = "Saved models that loaded before do not load any more"


class State(StrEnum):
    """What is on the site."""

    GOOD = "good"  # this run's grid
    STALE = "stale"  # the last good one, and why; this run's beside it
    PARTIAL = "partial"  # this run's, not whole and said so, as there is no good one yet
    NOTHING = "nothing"  # there is no grid at all


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """``reason``: why this run's grid is not whole, one line; None where it is."""

    state: State
    reason: str | None
    new_red: tuple[CellResult, ...] = ()  # answered and not red in the last good grid


def decide(new: Results | None, last: Results | None) -> Decision:
    """Return what to publish. ``new``: None where the run came to nothing."""
    reason = not_whole(new, last)
    if reason is not None or new is None:
        if last is not None:
            return Decision(state=State.STALE, reason=reason)
        return Decision(state=State.PARTIAL if new else State.NOTHING, reason=reason)
    return Decision(state=State.GOOD, reason=None, new_red=newly_red(new, last))


def not_whole(new: Results | None, last: Results | None) -> str | None:
    """Why a grid is empty, half, or full of holes, in one line; None where it is whole."""
    if new is None:
        return "the run gave no results"
    if new.run.missing_shards:
        return f"shard {', '.join(new.run.missing_shards)} is missing"
    if not new.run.complete:
        return "the run did not come to its end"
    answered = _answered(new)
    if not answered:
        return "no cell has an answer"
    before = _answered(last) if last is not None else 0
    if answered < ENOUGH * before:
        return f"only {answered} cells have an answer, {before} had one in the last good grid"
    return None


def _answered(results: Results) -> int:
    return sum(cell.verdict.answered for cell in results.cells)


def newly_red(new: Results, last: Results | None) -> tuple[CellResult, ...]:
    """Cells that are red now and were answered otherwise before; what is expected is no news."""
    if last is None:
        return ()
    before = {cell.id: cell.verdict for cell in last.cells}
    return tuple(
        cell
        for cell in new.cells
        if cell.verdict.red
        and not (cell.expectation is not None and cell.expectation.met)
        and (was := before.get(cell.id)) is not None
        and not was.red
        and was.answered
    )


def day(results: Results) -> str:
    """``2026-11-24``, on which a run began."""
    return results.run.started[:10]


def with_banner(page: str, decision: Decision, shown: Results, new: Results | None) -> str:
    """Return the page with a line at the top that says what it is, if it is not complete."""
    if decision.reason is None:
        return page
    reason = html.escape(decision.reason)
    if decision.state is State.STALE:
        of = f" of {day(new)}" if new is not None else ""
        link = ', <a href="latest/index.html">as far as it came</a>' if new is not None else ""
        text = (
            f"This is the grid of {day(shown)}, the last good one. The newest run{of} is not shown "
            f"in its place: {reason}{link}."
        )
    else:
        text = f"This grid is not whole: {reason}. There is no earlier one to show."
    banner = f'<p role="status" class="kmatrix-banner"><strong>{text}</strong></p>'
    found = re.search(r"<body\b[^>]*>", page)
    place = found.end() if found else 0
    return page[:place] + banner + page[place:]


def issue(decision: Decision, new: Results, last: Results) -> str:
    """Return the text of the issue about new red cells, as Markdown."""
    cells = decision.new_red
    was = {cell.id: cell.verdict for cell in last.cells}
    lines = [
        f"{len(cells)} cells were not red on {day(last)} and are red on {day(new)}.",
        "",
        "| cell | was | is | why |",
        "|---|---|---|---|",
        *(
            f"| {code_span(cell.id)} | {was[cell.id]} | {cell.verdict} | {code_span(cell.reason)} |"
            for cell in cells[:SHOWN]
        ),
    ]
    if len(cells) > SHOWN:
        lines += ["", f"and {len(cells) - SHOWN} more"]
    lines += ["", f"One of them again, with its evidence: `kmatrix run --cell {cells[0].id}`"]
    return "\n".join(lines) + "\n"
