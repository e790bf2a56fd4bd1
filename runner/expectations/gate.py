"""Whether results are as expected, and what to say where they are not."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runner.display_text import LINE, one_line
from runner.model.expectation import ExpectationState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from runner.model.expectation import Expectation
    from runner.model.results import CellResult, Results

SHOWN = 12  # cells of one kind that are named on a terminal


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """The cells that nobody expected to be what they are."""

    failures: tuple[CellResult, ...]  # red, and not expected to be red in this way
    passes: tuple[CellResult, ...]  # not red, and something else was expected

    @property
    def as_expected(self) -> bool:
        """Whether there is none: an unexpected pass counts as well."""
        return not self.failures and not self.passes

    @property
    def cells(self) -> tuple[CellResult, ...]:
        """All of them."""
        return (*self.failures, *self.passes)


def gate(results: Results) -> Gate:
    """Evaluate results that expectations were applied to."""
    failures, passes = [], []
    for cell in results.cells:
        if cell.verdict.red and not (cell.expectation and cell.expectation.met):
            failures.append(cell)
        elif cell.expectation is not None and not cell.expectation.met:
            passes.append(cell)
    return Gate(failures=tuple(failures), passes=tuple(passes))


def summary(
    results: Results, expectations: Iterable[Expectation], signatures: Collection[str] = ()
) -> list[str]:
    """Return what a person should know about expectations after a run, a line each.

    signatures: the ids of all that kmatrix knows; none: globs of signatures are not checked.
    """
    found = gate(results)
    expected = sum(
        cell.verdict.red and bool(cell.expectation and cell.expectation.met)
        for cell in results.cells
    )
    head = "as expected" if found.as_expected else "not as expected"
    counts = (
        f"{len(found.failures)} unexpected failures, {len(found.passes)} unexpected passes, "
        f"{expected} expected failures"
    )
    lines = [f"{head}: {counts}"]
    lines += _cells("unexpected failure", found.failures)
    lines += _cells("unexpected pass", found.passes)
    lines += _entries(results, expectations, signatures)
    if not found.as_expected:
        lines.append("if this is how it should be from now on: kmatrix accept")
    return lines


def _cells(kind: str, cells: tuple[CellResult, ...]) -> Iterator[str]:
    for cell in cells[:SHOWN]:
        wanted = cell.expectation
        instead = f", expected {' or '.join(wanted.verdicts)}" if wanted is not None else ""
        yield f"  {kind}: {cell.id}: {cell.verdict}{instead}: {one_line(cell.reason, LINE)}"
    if len(cells) > SHOWN:
        yield f"  and {len(cells) - SHOWN} more"


def _entries(
    results: Results, expectations: Iterable[Expectation], signatures: Collection[str]
) -> Iterator[str]:
    """Entries that no longer do what they were written for."""
    for status in results.expectations:
        if status.state == ExpectationState.STALE:
            yield f"  stale: {status.position}: {status.pattern} decides no cell; remove it"
        elif status.state == ExpectationState.EXPIRED:
            yield f"  expired on {status.expires}: {status.position}: {status.pattern}"
    for expectation in expectations:
        if expectation.possible and expectation.unknown:
            names = ", ".join(map(repr, expectation.unknown))
            yield f"  stale in part: {expectation.position}: {names} fits nothing in the matrix"
        for glob in expectation.signatures if signatures else ():
            if not any(fnmatchcase(name, glob) for name in signatures):
                yield (
                    f"  stale in part: {expectation.position}: {glob!r} fits no signature; "
                    "see kmatrix signatures"
                )
