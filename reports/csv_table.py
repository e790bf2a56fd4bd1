"""Cells as a table for spreadsheets: one line a cell, one header."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reports.causes import find_causes
from runner.display_text import one_line

if TYPE_CHECKING:
    from runner.model.results import CellResult, Results

COLUMNS = (
    *("cell", "saver", "recipe", "format", "loader", "verdict", "loaded as is", "reason"),
    *("remedy", "signatures", "cause", "stage", "error", "largest difference", "rtol", "atol"),
    *("weights equal", "weights saved", "seconds", "expected", "as expected"),
)
# A spreadsheet takes a text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(results: Results) -> str:
    """Return the table, by RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    causes = find_causes(results)
    for cell, place in zip(results.cells, causes.of_cell, strict=True):
        cause = "" if place is None else causes.causes[place].id
        writer.writerow([_field(value) for value in _values(cell, cause)])
    return text.getvalue()


def _values(cell: CellResult, cause: str) -> tuple[object, ...]:
    outputs, weights, expected = cell.outputs, cell.weights, cell.expectation
    name = cell.name
    return (
        *(cell.id, *name.parts, cell.verdict, cell.as_is, cell.reason),
        *(cell.remedy, " ".join(cell.signatures), cause, cell.stage),
        cell.failure and cell.failure.type,
        *((outputs.max_abs, outputs.rtol, outputs.atol) if outputs else (None, None, None)),
        *((weights.equal, weights.saved) if weights else (None, None)),
        f"{cell.seconds:.3f}",
        expected and " or ".join(expected.verdicts),
        expected and ("yes" if expected.met else "no"),
    )


def _field(value: object) -> object:
    if value is None or isinstance(value, float | int):
        return value
    text = one_line(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
