"""Expectations in a command: applied to results, said on the terminal, told by the exit code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.expectations.apply import apply
from runner.expectations.gate import gate, summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rich.console import Console

    from runner.model.expectation import Expectation
    from runner.model.results import Results

Expectations = tuple["Expectation", ...] | None  # None: the matrix has none, nothing is gated


def today() -> date:
    """The day that expiry dates are compared with, in UTC as all of results is."""
    return datetime.now(UTC).date()


def with_expectations(results: Results, expectations: Expectations) -> Results:
    """Results with what was expected of them; as they are where nothing is gated."""
    return results if expectations is None else apply(results, expectations, today=today())


def as_expected(results: Results, expectations: Expectations) -> bool:
    """Whether the exit code may be 0."""
    return expectations is None or gate(results).as_expected


def say(console: Console, results: Results, expectations: Sequence[Expectation] | None) -> None:
    """What became of expectations, where there are any."""
    if expectations is None:
        return
    for line in summary(results, expectations):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
