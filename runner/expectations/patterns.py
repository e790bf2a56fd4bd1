"""Many cells to few patterns, which speak for these cells and for no other answered one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from runner.display_text import one_line
from runner.expectations.apply import speaks_of
from runner.model.expectation import ANY, CellPattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.model.finding import Verdict
    from runner.model.results import CellResult, Results

GLOB_FROM = 3  # names that a glob has to stand for, lest it hides more than it saves
VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|0x[0-9a-f]+|\d+(?:\.\d+)?(?:e-?\d+)?")

Part = frozenset[str] | None  # None: every name there is
Rectangle = tuple[Part, Part, Part, Part]


@dataclass(frozen=True, kw_only=True, slots=True)
class Universe:
    """Every name of the matrix; a run may have asked for a part of them."""

    environments: tuple[str, ...]
    recipes: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """An expectation that would make its cells as expected."""

    patterns: tuple[CellPattern, ...]
    verdict: Verdict
    reason: str
    cells: int
    link: str | None = None


def propose(
    results: Results, cells: Sequence[CellResult], universe: Universe
) -> tuple[Proposal, ...]:
    """One proposal for each verdict and root cause of ``cells``, the largest first."""
    groups: dict[tuple[Verdict, str], list[CellResult]] = {}
    for cell in cells:
        groups.setdefault((cell.verdict, _cause(cell)), []).append(cell)
    proposals = [_proposal(results, group, universe) for group in groups.values()]
    return tuple(sorted(proposals, key=lambda item: -item.cells))


def _cause(cell: CellResult) -> str:
    """Return what cells of one entry share: a signature, else the normalised words."""
    return cell.signatures[0] if cell.signatures else VARYING.sub("…", cell.reason)


def _proposal(results: Results, cells: Sequence[CellResult], universe: Universe) -> Proposal:
    verdict = cells[0].verdict
    reason, link = _reason(results, cells[0])
    rectangles = cover(
        {cell.name.parts for cell in cells},
        {cell.name.parts for cell in results.cells if speaks_of((verdict,), cell.verdict)},
        whole_recipes={item.name for item in results.recipes} >= set(universe.recipes),
        whole_formats=set(results.formats) >= set(universe.formats),
    )
    patterns = tuple(_pattern(rectangle, universe) for rectangle in rectangles)
    return Proposal(patterns=patterns, verdict=verdict, reason=reason, cells=len(cells), link=link)


def _reason(results: Results, cell: CellResult) -> tuple[str, str | None]:
    """Return the signature's title and cause where there is one, else what the cell itself says."""
    known = {signature.id: signature for signature in results.signatures}
    found = known.get(cell.signatures[0]) if cell.signatures else None
    if found is None:
        return one_line(cell.reason, 160), None
    words = f"{found.id}: {found.title}"
    if found.cause and found.cause != found.title:
        words += f". {found.cause}"
    return one_line(words, 200), next(iter(found.links), None)


Id = tuple[str, str, str, str]


def cover(
    wanted: set[Id], answered: set[Id], *, whole_recipes: bool, whole_formats: bool
) -> list[Rectangle]:
    """Rectangles over saver, recipe, format, loader that hold ``wanted``, and no other answered.

    whole_recipes, whole_formats: the run asked for all of the matrix, so that "every" may be
    said of what was measured.
    """
    near: dict[tuple[str, str], list[Id]] = {}
    for cell in answered:
        near.setdefault((cell[0], cell[3]), []).append(cell)
    rows = _merge(_rows(wanted), 1)
    if whole_recipes:
        most = len({cell[1] for cell in answered}) / 2
        rows = [_widened(row, 1, _near(row, near), most) for row in rows]
    rows = _merge(rows, 2)
    if whole_formats:
        rows = [_widened(row, 2, _near(row, near), 2) for row in rows]
    loaders_first, savers_first = _merge(_merge(rows, 3), 0), _merge(_merge(rows, 0), 3)
    fewer = loaders_first if len(loaders_first) <= len(savers_first) else savers_first
    return sorted(fewer, key=_order)


def _rows(wanted: Iterable[Id]) -> list[Rectangle]:
    return [
        (frozenset({a}), frozenset({b}), frozenset({c}), frozenset({d})) for a, b, c, d in wanted
    ]


def _merge(rows: Iterable[Rectangle], axis: int) -> list[Rectangle]:
    """Rows that differ on one axis only become one."""
    found: dict[tuple[Part, ...], frozenset[str]] = {}
    wild = []
    for row in rows:
        names = row[axis]
        if names is None:
            wild.append(row)
            continue
        rest = (*row[:axis], *row[axis + 1 :])
        found[rest] = found.get(rest, frozenset()) | names
    merged = [_with(rest, axis, names) for rest, names in found.items()]
    return [*dict.fromkeys(wild), *merged]


def _with(rest: tuple[Part, ...], axis: int, names: Part) -> Rectangle:
    return cast("Rectangle", (*rest[:axis], names, *rest[axis:]))


def _near(row: Rectangle, near: Mapping[tuple[str, str], list[Id]]) -> list[Id]:
    """Return the answered cells of the one pair that a row is about."""
    (saver,), (loader,) = row[0] or {""}, row[3] or {""}
    return near.get((saver, loader), [])


def _widened(row: Rectangle, axis: int, answered: Iterable[Id], least: float) -> Rectangle:
    """Return the row with all names on an axis, where that adds no measured cell."""
    names = row[axis]
    assert names is not None  # noqa: S101 - widened once
    others = {cell[axis] for cell in answered if _holds(_with_none(row, axis), cell)}
    return _with_none(row, axis) if others <= names and len(names) >= max(2, least) else row


def _with_none(row: Rectangle, axis: int) -> Rectangle:
    return _with((*row[:axis], *row[axis + 1 :]), axis, None)


def _holds(row: Rectangle, cell: Id) -> bool:
    return all(names is None or part in names for part, names in zip(cell, row, strict=True))


def _order(row: Rectangle) -> tuple[list[str], ...]:
    return tuple(sorted(names or ()) for names in row)


def _pattern(row: Rectangle, universe: Universe) -> CellPattern:
    saver, recipe, format_, loader = row
    return CellPattern(
        saver=globs(saver, universe.environments),
        recipe=globs(recipe, universe.recipes),
        format=globs(format_, universe.formats),
        loader=globs(loader, universe.environments),
    )


def globs(names: Part, known: Sequence[str]) -> tuple[str, ...]:
    """Globs for these names and no other known one: ``*``, ``keras3.15-*``, else the names."""
    if names is None or (len(names) > 1 and names >= set(known)):
        return ANY
    left = [name for name in known if name in names]
    found: dict[str, str] = {}  # the first name it stands for, to the glob
    while True:
        best = max(_prefixes(left, known), key=_reach, default=None)
        if best is None:
            break
        prefix, matches = best
        found[matches[0]] = f"{prefix}*"
        left = [name for name in left if name not in matches]
    found.update({name: name for name in left})
    return tuple(found[name] for name in known if name in found)


def _reach(found: tuple[str, list[str]]) -> tuple[int, int]:
    """Return the glob that stands for most names; of several the one that says most."""
    prefix, matches = found
    return len(matches), len(prefix)


def _prefixes(names: Sequence[str], known: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Prefixes that end at a separator and stand for enough of ``names`` and for nothing else."""
    prefixes = dict.fromkeys(
        name[: match.end()] for name in names for match in re.finditer(r"[-._]", name)
    )
    matched = {prefix: [name for name in known if name.startswith(prefix)] for prefix in prefixes}
    return [
        (prefix, matches)
        for prefix, matches in matched.items()
        if len(matches) >= GLOB_FROM and set(matches) <= set(names)
    ]
