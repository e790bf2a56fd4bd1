"""A difference as text for a terminal, as Markdown for a pull request, as JSON for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner.display_text import LINE, one_line
from runner.model.comparison import FEW, Mark, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.model.comparison import (
        CellChange,
        ChangeCause,
        PastRun,
        RunComparison,
        VersionChange,
    )

SHOWN = 50  # cells that are named under one heading


def as_text(found: RunComparison, *, shown: int | None = SHOWN) -> list[str]:
    """Lines for a terminal; ``shown``: cells under one heading, None for all."""
    lines = [f"from {_run(found.before)}", f"to   {_run(found.after)}"]
    if found.environments:
        lines += ["", "environments"]
    for change in found.environments:
        words = [*(str(version) for version in change.versions[:FEW]), *change.notes]
        more = _more(change.versions)
        lines.append(f"  {change.mark} {change.id}" + _after(": ", ", ".join(words) + more))
    lines += ["", headline(found)]
    for title, cells in _groups(found):
        lines += ["", title]
        lines += [f"  {_cell(cell)}" for cell in cells[:shown]]
        if shown is not None and len(cells) > shown:
            lines.append(f"  and {len(cells) - shown} more: --all names them")
    return lines


def headline(found: RunComparison) -> str:
    """All counts on one line."""
    changed = found.marked(Mark.CHANGED)
    turns = {turn: sum(cell.turn is turn for cell in changed) for turn in Turn}
    return (
        f"{len(changed)} cells changed ({turns[Turn.WORSE]} worse, {turns[Turn.BETTER]} better, "
        f"{turns[Turn.OTHER]} otherwise), {len(found.marked(Mark.ADDED))} added, "
        f"{len(found.marked(Mark.REMOVED))} removed, {found.unchanged} unchanged"
    )


def as_markdown(found: RunComparison) -> str:
    """Return a comment for a pull request: what got worse first, the rest folded away."""
    lines = [f"**{headline(found)}**", "", f"From {_run(found.before)} to {_run(found.after)}."]
    for change in found.environments:
        words = [*(str(version) for version in change.versions[:FEW]), *change.notes]
        text = ", ".join(words) + _more(change.versions)
        lines += ["", f"- `{change.id}` ({_MARKS[change.mark]})" + _after(": ", text)]
    for title, cells in _groups(found):
        folded = cells[0].mark is not Mark.CHANGED or cells[0].turn is Turn.BETTER
        table = ["", *_table(cells), ""]
        lines += (
            ["", f"<details><summary>{_escape(title)}</summary>", *table, "</details>"]
            if folded
            else ["", f"**{_escape(title)}**", *table]
        )
    return "\n".join(lines).rstrip() + "\n"


def as_json(found: RunComparison) -> dict[str, Any]:
    """Plain data: the fields of the nouns, schema 1."""
    return {
        "schema": 1,
        "before": found.before.id,
        "after": found.after.id,
        "unchanged": found.unchanged,
        "environments": [asdict(change) for change in found.environments],
        "cells": [
            {
                **asdict(change),
                "mark": change.mark,
                "turn": change.turn,
                "kind": change.kind,
            }
            for change in found.cells
        ],
    }


_MARKS = {
    Mark.ADDED: "added",
    Mark.REMOVED: "removed",
    Mark.CHANGED: "changed",
    Mark.UNCHANGED: "unchanged",
}


def _groups(found: RunComparison) -> Iterator[tuple[str, Sequence[CellChange]]]:
    """Yield changed cells by direction and cause, then the added and the removed ones."""
    groups: dict[str, list[CellChange]] = {}
    for cell in found.marked(Mark.CHANGED):
        groups.setdefault(f"{cell.turn}, {_because(cell.causes)}", []).append(cell)
    for title, cells in groups.items():
        yield f"{len(cells)} {title}", cells
    for mark in (Mark.ADDED, Mark.REMOVED):
        cells = list(found.marked(mark))
        if cells:
            yield f"{len(cells)} {_MARKS[mark]}", cells


def _because(causes: Sequence[ChangeCause]) -> str:
    return f"with {'; '.join(cause.words for cause in causes)}" if causes else "for no known reason"


def _cell(cell: CellChange) -> str:
    before, after = cell.before or "", cell.after or ""
    arrow = f"{before} -> {after}" if before and after else f"{before or after}"
    return f"{cell.mark} {cell.id}: {arrow}: {one_line(cell.reason, LINE)}"


def _table(cells: Sequence[CellChange]) -> list[str]:
    rows = [
        f"| `{cell.id}` | {cell.before or '·'} | {cell.after or '·'} | "
        f"{_escape(one_line(cell.reason, LINE))} |"
        for cell in cells[:SHOWN]
    ]
    if len(cells) > SHOWN:
        rows.append(f"| and {len(cells) - SHOWN} more | | | |")
    return ["| cell | before | after | why |", "|---|---|---|---|", *rows]


def _run(run: PastRun) -> str:
    part = "" if run.complete else ", not complete"
    return f"{run.id} ({run.started}, {run.matrix}, profile {run.profile}{part})"


def _more(versions: Sequence[VersionChange]) -> str:
    return f", and {len(versions) - FEW} more" if len(versions) > FEW else ""


def _after(mark: str, text: str) -> str:
    return mark + text if text else ""


def _escape(text: str) -> str:
    """Text that is no markup in a Markdown table cell."""
    for sign, safe in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("`", "'"), ("*", "\\*")):
        text = text.replace(sign, safe)
    return text
