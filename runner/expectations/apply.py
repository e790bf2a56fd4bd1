"""Expectations laid over results: what each cell should be, and what became of each entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import product
from typing import TYPE_CHECKING

from runner.model.expectation import ExpectationState
from runner.model.finding import Verdict
from runner.model.results import ExpectationResult, ExpectationStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.expectation import Expectation
    from runner.model.results import CellResult, Results


def apply(results: Results, expectations: Sequence[Expectation], *, today: date) -> Results:
    """Results with every cell's expectation, and the state of every entry. Later entries win."""
    matchers = [_Matcher.of(expectation, results) for expectation in expectations]
    live = [item for item in reversed(matchers) if not expired(item.expectation, today)]
    tallies = {id(item): _Tally() for item in matchers}
    cells = []
    for cell in results.cells:
        matcher = next((item for item in live if item.decides(cell)), None)
        if matcher is None:
            cells.append(replace(cell, expectation=None) if cell.expectation else cell)
            continue
        met = cell.verdict in matcher.expectation.expected
        tallies[id(matcher)].count(met=met)
        cells.append(replace(cell, expectation=_expectation_result(matcher.expectation, met=met)))
    statuses = tuple(
        _status(item, tallies[id(item)], results.cells, today=today) for item in matchers
    )
    return replace(results, cells=tuple(cells), expectations=statuses)


def expired(expectation: Expectation, today: date) -> bool:
    """Whether its last day is over."""
    return expectation.expires is not None and date.fromisoformat(expectation.expires) < today


def speaks_of(expected: Iterable[Verdict], verdict: Verdict) -> bool:
    """Whether an expectation of these verdicts has a say about a cell with this one.

    What was not answered is never judged. A cell that no reader or writer exists for is no
    unexpected pass; it is a broken promise where the cell was to work.
    """
    if not verdict.answered:
        return False
    if verdict is Verdict.UNSUPPORTED:
        return any(
            item.safe or item in {Verdict.REMEDIED, Verdict.UNSUPPORTED} for item in expected
        )
    return True


@dataclass(slots=True)
class _Tally:
    """How many cells an entry decides, and how many of them are as it says."""

    cells: int = 0
    met: int = 0

    def count(self, *, met: bool) -> None:
        self.cells += 1
        self.met += met


@dataclass(frozen=True, kw_only=True, slots=True)
class _Matcher:
    """An expectation with its globs looked up once, not once a cell.

    places: for each saver and loader, recipes and formats of every pattern that has the pair.
    """

    expectation: Expectation
    places: dict[tuple[str, str], list[tuple[frozenset[str], frozenset[str]]]]

    @classmethod
    def of(cls, expectation: Expectation, results: Results) -> _Matcher:
        ids = [item.id for item in results.environments]
        recipes = [item.name for item in results.recipes]
        places: dict[tuple[str, str], list[tuple[frozenset[str], frozenset[str]]]] = {}
        for pattern in expectation.patterns:
            inner = (_those(pattern.recipe, recipes), _those(pattern.format, results.formats))
            for pair in product(_those(pattern.saver, ids), _those(pattern.loader, ids)):
                places.setdefault(pair, []).append(inner)
        return cls(expectation=expectation, places=places)

    def names(self, cell: CellResult) -> bool:
        """Whether a pattern fits the cell's id."""
        name = cell.name
        return any(
            name.recipe in recipes and name.format in formats
            for recipes, formats in self.places.get((name.saver, name.loader), ())
        )

    def decides(self, cell: CellResult) -> bool:
        """Whether pattern, filters and verdict make this cell the entry's."""
        wanted = self.expectation
        return (
            speaks_of(wanted.expected, cell.verdict)
            and (not wanted.verdicts or cell.verdict in wanted.verdicts)
            and (
                not wanted.signatures
                or any(_fits(signature, wanted.signatures) for signature in cell.signatures)
            )
            and self.names(cell)
        )


def _those(globs: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if _fits(name, globs))


def _fits(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _expectation_result(expectation: Expectation, *, met: bool) -> ExpectationResult:
    return ExpectationResult(
        verdicts=expectation.expected,
        reason=expectation.reason,
        link=expectation.link,
        expires=expectation.expires,
        met=met,
    )


def _status(
    matcher: _Matcher, tally: _Tally, cells: Iterable[CellResult], *, today: date
) -> ExpectationStatus:
    expectation = matcher.expectation
    return ExpectationStatus(
        pattern=str(expectation),
        verdicts=expectation.expected,
        reason=expectation.reason,
        link=expectation.link,
        expires=expectation.expires,
        position=str(expectation.position),
        state=_state(matcher, tally, cells, today=today),
        cells=tally.cells,
    )


def _state(
    matcher: _Matcher, tally: _Tally, cells: Iterable[CellResult], *, today: date
) -> ExpectationState:
    if expired(matcher.expectation, today):
        return ExpectationState.EXPIRED
    if tally.cells:
        return ExpectationState.MET if tally.met == tally.cells else ExpectationState.UNMET
    if not matcher.expectation.possible:
        return ExpectationState.STALE
    answered = any(matcher.names(cell) and cell.verdict.answered for cell in cells)
    return ExpectationState.STALE if answered else ExpectationState.UNASKED
