"""The expectations of a matrix applied to a run: lines on the terminal, and the exit code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.expectations.apply import apply
from runner.expectations.gate import gate, summary
from runner.signatures import load_signatures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from runner.cli.console import Console
    from runner.model.expectation import Expectation
    from runner.model.results import Results

Expectations = tuple["Expectation", ...] | None  # None: the matrix has none, nothing is gated


def today() -> date:
    """Return the day that expiry dates are compared with, in UTC as everything in results."""
    return datetime.now(UTC).date()


def with_expectations(results: Results, expectations: Expectations) -> Results:
    """Apply the expectations to results; without any, the results are unchanged."""
    return results if expectations is None else apply(results, expectations, today=today())


def show_expectations(
    console: Console, results: Results, expectations: Sequence[Expectation] | None
) -> None:
    """Print which expectations were met and which were not, if there are any."""
    if expectations is None:
        return
    names: tuple[str, ...] = ()
    if any(expectation.signatures for expectation in expectations):
        names = tuple(signature.id for signature in load_signatures())
    for line in summary(results, expectations, names):
        console.show(line)


def differs(results: Results, expectations: Expectations, fail_on: Sequence[str]) -> bool:
    """Whether the run ends with exit code 1."""
    if expectations is not None and not gate(results).as_expected:
        return True
    return any(str(cell.verdict) in fail_on for cell in results.cells)
