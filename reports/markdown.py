"""A run for a job summary or a comment on a pull request: short, and what changed comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.looks import LOOK, LOOKS
from reports.mix import Mix, percent
from reports.view import make_view, pair_mixes
from runner.display_text import code_span
from runner.model.comparison import ChangeKind
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reports.causes import Cause
    from reports.history import History
    from reports.view import View
    from runner.model.comparison import CellChange, RunComparison
    from runner.model.results import ExpectationResult, Results

SHOWN = 10  # lines of any list
GRID = 12  # environments that a table of a comment has room for
_TEXT = 160  # characters of a reason


def render(
    results: Results, history: History | None = None, difference: RunComparison | None = None
) -> str:
    """GitHub-flavoured Markdown."""
    return render_view(make_view(results, history, difference))


def render_view(view: View) -> str:
    """Markdown of a view model."""
    parts = [
        _headline(view),
        _holes(view),
        _changed(view),
        _unmet(view),
        _down(view),
        _causes(view),
        _grid(view),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def code(text: str) -> str:
    """Return a foreign text as a code span, in which nothing is markup, a mention or a link."""
    return code_span(text, _TEXT)


def _headline(view: View) -> str:
    mix, run = view.mix, view.results.run
    counts = ", ".join(
        f"{look.symbol} {count:,} {look.verdict}"
        for look, count in zip(LOOKS, mix.counts, strict=True)
        if count
    )
    return (
        f"### kmatrix: {percent(mix.safe, mix.answered)} safe "
        f"({mix.safe:,} of {mix.answered:,} cells)"
        + (f", {view.with_help}" if view.with_help else "")
        + "\n\n"
        f"{code(run.matrix)}, profile {code(run.profile)}, {run.started[:16].replace('T', ' ')} "
        f"UTC: {counts or 'no cells'}."
        + (f"\n\n{view.remedies.sentence}." if view.remedies.sentence else "")
    )


def _holes(view: View) -> str:
    run = view.results.run
    if run.missing_shards:
        return f"⚠ **Holes:** shards {', '.join(map(code, run.missing_shards))} are missing."
    if run.shard:
        return f"⚠ One shard only: {code(run.shard)}."
    return "" if run.complete else "⚠ **Not complete:** the run was interrupted."


def _changed(view: View) -> str:
    if view.changes is None:
        return ""
    changes = view.changes
    lines = [f"**Since {changes.before.started[:10]}: {changes.sentence}.**"]
    pressing = [
        change
        for kind in (ChangeKind.BROKE, ChangeKind.WORSE, ChangeKind.FIXED, ChangeKind.BETTER)
        for change in changes.of_kind(kind)
    ]
    if pressing:
        lines += ["", "| | cell | was | is | together with |", "|---|---|---|---|---|"]
        lines += [_change(change) for change in pressing[:SHOWN]]
        lines += _more(len(pressing))
    if changes.packages:
        lines += ["", _packages(changes)]
    return "\n".join(lines)


def _change(change: CellChange) -> str:
    because = code(change.because) if change.because else ""
    signed = (_signed(change.before), _signed(change.after))
    return _row([change.kind, code(change.id), *signed, because])


def _signed(verdict: Verdict | None) -> str:
    return "" if verdict is None else f"{LOOK[verdict].symbol} {verdict}"


def _packages(changes: RunComparison) -> str:
    shown = ", ".join(code(one) for one in changes.packages[:SHOWN])
    more = len(changes.packages) - SHOWN
    return f"Locks: {shown}" + (f" and {more} more." if more > 0 else ".")


def _unmet(view: View) -> str:
    stale = [one for one in view.results.expectations if one.state in {"stale", "expired"}]
    lines = []
    if view.unmet:
        lines.append(f"**Not as expected: {len(view.unmet):,}**\n")
        lines += [
            f"- {code(cell.id)} is {_signed(cell.verdict)}{_expected(cell.expectation)}"
            for cell in view.unmet[:SHOWN]
        ]
        lines += [line for line in _more(len(view.unmet)) if line]
    lines += [
        f"- Expectation {code(one.pattern)} at {code(one.position)} is {one.state}."
        for one in stale[:SHOWN]
    ]
    return "\n".join(lines)


def _expected(expectation: ExpectationResult | None) -> str:
    return "" if expectation is None else f", expected {' or '.join(expectation.verdicts)}"


def _down(view: View) -> str:
    lines = [
        f"- **{one.status}** {code(one.id)}: {code(one.reason or 'no reason given')}"
        for one in view.down
    ]
    lines += [f"- {one.sentence}" for one in view.attributions[:SHOWN]]
    return "\n".join(lines)


def _causes(view: View) -> str:
    causes = view.causes.causes[:5]
    if not causes:
        return ""
    lines = [f"**{view.causes.sentence}**", ""]
    lines += [
        f"- {cause.cells:,} × {code(cause.title)}"
        + (f" ({cause.id})" if cause.known else "")
        + (", **silent**" if cause.silent else "")
        + _help(cause)
        for cause in causes
    ]
    return "\n".join(lines)


def _help(cause: Cause) -> str:
    if not cause.helped:
        return ", nothing that was tried helps"
    where = "all" if cause.helped == cause.cells else f"{cause.helped:,}"
    return f", a way that works was verified in {where}"


def _grid(view: View) -> str:
    pairs = pair_mixes(view.results)
    savers = tuple(dict.fromkeys(saver for saver, _ in pairs))
    loaders = tuple(dict.fromkeys(loader for _, loader in pairs))
    if not pairs or max(len(savers), len(loaders)) > GRID:
        return ""
    lines = [
        "<details><summary>Saved by (rows), loaded by (columns): safe of answered</summary>",
        "",
        _row(["", *map(code, loaders)]),
        _row(["---"] * (len(loaders) + 1)),
    ]
    lines += [
        _row([code(saver), *(_square(pairs.get((saver, loader))) for loader in loaders)])
        for saver in savers
    ]
    return "\n".join([*lines, "", "</details>"])


def _square(mix: Mix | None) -> str:
    if mix is None:
        return ""
    marks = [
        f"{LOOK[verdict].symbol}{mix[verdict]}"
        for verdict in (Verdict.DRIFTED, Verdict.CRASHED, Verdict.HUNG, Verdict.REFUSED)
        if mix[verdict]
    ]
    return " ".join([f"{mix.safe}/{mix.answered}", *marks])


def _row(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _more(total: int) -> Iterable[str]:
    return [f"\n{total - SHOWN:,} more in the report."] if total > SHOWN else []
