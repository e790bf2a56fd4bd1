"""Writes the tables in docs/routes.md: ``python -m runner.evaluate.routes_page``.

With --check it writes nothing and ends with 1 where the page is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.model.routes import PATCHES, ROUTES

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = Path(__file__).parents[2] / "docs" / "routes.md"
TABLE = re.compile(r"(<!-- table: (routes|patches)[^>]*-->\n\n)(?:\|.*\n)*")


def document(page: str) -> str:
    """Return the page with its tables as they are declared."""
    tables = {"routes": _routes(), "patches": _patches()}
    return TABLE.sub(lambda found: found[1] + tables[found[2]], page)


def _routes() -> str:
    rows = [
        (f"`{route.id}`", route.title, route.suits, "yes" if route.needs_code else "")
        for route in sorted(ROUTES, key=lambda route: route.cost)
    ]
    return _table(("route", "what it does", "for", "needs the model's code"), rows)


def _patches() -> str:
    return _table(
        ("patch", "what it does", "for"),
        [(f"`{patch.id}`", patch.title, patch.suits) for patch in PATCHES],
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it."""
    page = PATH.read_text("utf-8")
    text = document(page)
    if "--check" in arguments:
        return int(page != text)
    PATH.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
