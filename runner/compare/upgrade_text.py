"""An answer to an upgrade as a paragraph to paste, as lines for a terminal, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner.display_text import cut
from runner.model.cell_id import CellId
from runner.model.upgrade import Fate, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

from runner.model.upgrade import Answer, Direction, Group, Known

LONGEST = 140  # characters of a cause in a sentence
FENCE = "```"
SHOWN = 8  # names in one line, groups in one sentence
VERDICTS = {
    Safety.SAFE: "is safe",
    Safety.CHANGES: "is safe only with changes to the code that loads them",
    Safety.UNSAFE: "is not safe",
}


def as_text(answer: Answer) -> list[str]:
    """Lines for a terminal: the answer first, then why, last the paragraph."""
    lines = [f"{answer.safety}"]
    for direction in answer.directions:
        lines += ["", f"{direction.saver.id} -> {direction.loader.id}: {direction.safety}"]
        lines += [f"  from  {direction.saver.words}", f"  to    {direction.loader.words}"]
        lines += [f"  {line}".rstrip() for line in _fates(direction)]
        lines += _remedies(direction.groups)
        if direction.since is not None:
            lines += ["", f"  since which release: {direction.since}"]
    return [*lines, *_known(answer.known), "", paragraph(answer)]


def _known(known: Known | None) -> Iterator[str]:
    """That nothing was measured now, and what is not known."""
    if known is None:
        return
    yield ""
    yield f"from kmatrix's atlas, measured {' to '.join(known.dates)}; to measure it now: --measure"
    yield from (f"taken as: {line}" for line in known.taken_as)
    yield from (f"not known: {line}" for line in known.not_known)


def as_markdown(answer: Answer) -> list[str]:
    """Lines of Markdown for a comment: the answer, the paragraph, and the rest folded."""
    detail = [line.replace(FENCE, '"' * 3) for line in as_text(answer)[1:-2]]
    return [
        f"**{answer.safety}** for saved models. {_escaped(paragraph(answer))}",
        "",
        "<details><summary>What was compared</summary>",
        "",
        f"{FENCE}text",
        *detail,
        FENCE,
        "",
        "</details>",
    ]


def _escaped(text: str) -> str:
    """Text of which nothing is markup, a mention or an address."""
    return "".join(f"\\{mark}" if mark in r"\`*_[]<>|#@" else mark for mark in text)


def paragraph(answer: Answer) -> str:
    """Return what a maintainer pastes into an issue or a changelog. Plain text on one line."""
    words = " ".join(_sentences(direction) for direction in answer.directions)
    if not answer.models:
        return words
    files = max(direction.files for direction in answer.directions)
    yours = f" and {_count(files, 'saved file')} of our own" if files else ""
    return (
        f"{words} (Measured by kmatrix {answer.kmatrix} on {answer.date}, with "
        f"{_count(answer.models, 'reference model')} in {_names(answer.formats)}{yours}.)"
    )


def as_json(answer: Answer) -> dict[str, Any]:
    """Plain data: the fields of the nouns, and the words; schema 1."""
    directions = []
    for direction in answer.directions:
        counts = {fate.name.lower(): direction.count(fate) for fate in Fate}
        groups = [
            {key: value for key, value in asdict(group).items() if value is not None}
            | {"fate": group.fate.name.lower()}
            for group in direction.groups
        ]
        data = {**asdict(direction), "compared": direction.compared}
        directions.append({**data, "counts": counts, "groups": groups})
    return {
        "schema": 1,
        "safety": answer.safety,
        "paragraph": paragraph(answer),
        "kmatrix": answer.kmatrix,
        "date": answer.date,
        "models": answer.models,
        "formats": list(answer.formats),
        "known": asdict(answer.known) if answer.known is not None else None,
        "directions": directions,
    }


def _fates(direction: Direction) -> Iterator[str]:
    if direction.problem is not None:
        yield ""
        yield direction.problem
        return
    for fate in Fate:
        groups = [group for group in direction.groups if group.fate is fate]
        if not groups:
            continue
        yield ""
        yield f"{direction.count(fate):5d}  {fate}"
        for group in groups:
            if group.cause:
                yield f"       {len(group.cells):5d}  {group.cause}"
            if group.files:
                yield from (f"              {path}" for path in group.cells[:SHOWN])
                if len(group.cells) > SHOWN:
                    yield f"              and {len(group.cells) - SHOWN} more files"
                continue
            for format_, models in _by_format(group):
                yield f"              {format_}: {_names(models)}"


def _by_format(group: Group) -> Iterator[tuple[str, list[str]]]:
    names = [CellId.parse(cell) for cell in group.cells]
    for format_ in group.formats:
        yield format_, [name.recipe for name in names if name.format == format_]


def _remedies(groups: Sequence[Group]) -> Iterator[str]:
    """Yield the code of every route that helps, once."""
    seen: set[str] = set()
    for group in groups:
        if group.route is None or group.code is None or group.route in seen:
            continue
        seen.add(group.route)
        yield ""
        yield f"  {group.route}:"
        for line in group.code.splitlines():
            yield f"      {line}"


def _sentences(direction: Direction) -> str:
    pair = (
        f"from {direction.saver.id} ({direction.saver.words}) to {direction.loader.id} "
        f"({direction.loader.words})"
    )
    if direction.safety is Safety.UNKNOWN:
        why = direction.problem or (
            f"{_count(direction.count(Fate.UNKNOWN), 'saved file')} could not be asked"
        )
        return f"Whether going {pair} is safe for saved models could not be told: {why}."
    text = f"Going {pair} {VERDICTS[direction.safety]} for saved models: "
    parts = [_part(direction, fate) for fate in Fate if fate.compared and direction.count(fate)]
    before = direction.count(Fate.BEFORE)
    aside = f" ({before} more fail before the upgrade too.)" if before else ""
    return f"{text}of {_count(direction.compared, 'saved file')}, {_list(parts)}.{aside}"


def _part(direction: Direction, fate: Fate) -> str:
    count = direction.count(fate)
    one = count == 1
    causes = [
        _short(group.cause) for group in direction.groups if group.fate is fate and group.cause
    ]
    words = {
        Fate.WORKS: "keeps working" if one else "keep working",
        Fate.LOSES: "works but loses something" if one else "work but lose something",
        Fate.REMEDY: "needs another way of loading" if one else "need another way of loading",
        Fate.BREAKS: "breaks" if one else "break",
        Fate.GONE: "is no longer read" if one else "are no longer read",
        Fate.DRIFTS: "loads and silently predicts something else"
        if one
        else "load and silently predict something else",
    }[fate]
    if fate is Fate.GONE:
        formats = dict.fromkeys(
            name for group in direction.groups if group.fate is fate for name in group.formats
        )
        return f"{count} {words} ({', '.join(formats)})"
    if not causes:
        return f"{count} {words}"
    more = f"; and {len(causes) - 3} more" if len(causes) > 3 else ""
    return f"{count} {words} ({'; '.join(causes[:3])}{more})"


def _short(cause: str) -> str:
    """Return a cause in a sentence: an error's first sentence says enough."""
    return cut(cause.split(". ", maxsplit=1)[0], LONGEST)


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f", and {parts[-1]}"


def _names(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return ", ".join(names)
    return ", ".join(names[:SHOWN]) + f" and {len(names) - SHOWN} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
