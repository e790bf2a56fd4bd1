"""The page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.nouns.results import Results


def render(results: Results) -> str:
    """One self-contained page."""
    rows = "".join(
        f"<tr><td>{html.escape(cell.id)}<td>{cell.verdict}<td>{html.escape(cell.reason)}"
        for cell in results.cells
    )
    return f"<!doctype html><title>kmatrix</title><table>{rows}</table>"
