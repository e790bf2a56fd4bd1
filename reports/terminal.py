"""What a run came to, on a terminal: quiet, aligned on 80 columns, legible in a log of CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from reports.looks import LOOKS
from reports.mix import percent
from reports.terminal_grid import Signs, grid
from reports.untrusted_text import writable
from reports.view import make_view, pair_mixes
from runner.model.comparison import Turn
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from reports.history import History
    from reports.view import View
    from runner.model.comparison import RunComparison
    from runner.model.results import Results

SHOWN = 5  # lines of any list


def summary(
    results: Results,
    console: Console,
    history: History | None = None,
    difference: RunComparison | None = None,
) -> None:
    """Print the grid, counts by verdict, what is missing, and what to do next."""
    view = make_view(results, history, difference)
    signs = Signs(console)
    for part in (
        _grid(view, signs, console.width),
        _counts(view, signs),
        _down(view),
        _causes(view),
        _changes(view.changes),
        _next(view),
    ):
        if part is not None:
            console.print(part, highlight=False, soft_wrap=isinstance(part, Text))


def _grid(view: View, signs: Signs, width: int) -> Table | None:
    pairs = pair_mixes(view.results)
    names = {name for pair in pairs for name in pair}
    known = [one.id for one in view.results.environments if one.id in names]
    environments = [*known, *sorted(names - set(known))]
    return grid(environments, pairs, signs, width) if environments else None


def _counts(view: View, signs: Signs) -> Text:
    mix = view.mix
    text = Text()
    for look, count in zip(LOOKS, mix.counts, strict=True):
        if count:
            text.append(f"  {signs.of(look)} ", style=look.style)
            text.append(f"{count:>7,} {look.verdict:<11} ")
            text.append(f"{look.meaning}\n", style="dim")
    text.append(
        f"{percent(mix.safe, mix.answered)} safe: {mix.safe:,} of {mix.answered:,} answered cells, "
        f"{len(view.results.environments)} environments"
    )
    if view.with_help:
        text.append(f"\n{view.with_help}")
    return text


def _down(view: View) -> Text | None:
    lines = [f"{one.status}: {one.id}: {one.reason or 'no reason given'}" for one in view.down]
    lines += [f"note: {one.sentence}" for one in view.attributions[:SHOWN]]
    return _lines(lines)


def _causes(view: View) -> Text | None:
    causes = view.causes.causes
    if not causes:
        return None
    lines = [f"{view.causes.sentence}:"]
    lines += [
        f"{cause.cells:>7,} {'silent, ' if cause.silent else ''}{_cut(cause.title, 62)}"
        for cause in causes[:SHOWN]
    ]
    return _lines(lines)


def _changes(changes: RunComparison | None) -> Text | None:
    if changes is None:
        return None
    lines = [f"since {changes.before.started[:16].replace('T', ' ')}: {changes.sentence}"]
    pressing = [one for one in changes.cells if one.turn is Turn.WORSE]
    lines += [
        f"  {one.kind}: {one.id} was {one.before}, is {one.after}"
        + (f" ({one.because})" if one.because else "")
        for one in pressing[:SHOWN]
    ]
    if len(pressing) > SHOWN:
        lines.append(f"  and {len(pressing) - SHOWN} more")
    return _lines(lines)


def _next(view: View) -> Text | None:
    """Return the one thing to do now: what is not as expected, else the worst cell."""
    run = view.results.run
    if run.missing_shards:
        return Text(f"holes: shards {', '.join(run.missing_shards)} are missing")
    if not run.complete:
        return Text("not complete: run the same again, and it goes on where it was")
    unmet = view.unmet
    worst = unmet or [cell for cell in view.results.cells if cell.verdict is Verdict.DRIFTED]
    worst = worst or [cell for cell in view.results.cells if cell.verdict.failing]
    if not worst:
        return None
    what = (
        f"{len(unmet):,} not as expected; the first" if unmet else f"the worst, {worst[0].verdict}"
    )
    return Text(writable(f"{what}: kmatrix run --cell '{worst[0].id}'"))


def _lines(lines: Sequence[str]) -> Text | None:
    if not lines:
        return None
    return Text(writable("\n".join(" ".join(line.splitlines()) for line in lines)))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
