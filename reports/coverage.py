"""Which known failure is reached by which cell: the coverage of the signatures. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.results import CellResult, Results

HEAD = """\
# Which signature is reached by which cell

Made by `kmatrix signatures --output FILE` after a run; {runs}. {reached} of {all}
signatures are reached by a cell of that run. The others need versions, files or mistakes that no
cell of it has; docs/signatures.md says of each whether its sample was recorded or is quoted.

| signature | class | cells | one of them |
|---|---|---:|---|
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A signature as this table needs it. ``code``: its failure class, ``F04``."""

    id: str
    code: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A signature and the cells that show it, in the order of the results."""

    known: Known
    cells: tuple[CellResult, ...]


def coverage(results: Results, known: Iterable[Known]) -> tuple[Reached, ...]:
    """Every known signature with its cells; those nobody reaches have none."""
    shown: dict[str, list[CellResult]] = {}
    for cell in results.cells:
        for name in cell.signatures:
            shown.setdefault(name, []).append(cell)
    return tuple(Reached(known=item, cells=tuple(shown.get(item.id, ()))) for item in known)


def coverage_table(results: Results, found: Sequence[Reached]) -> str:
    """Return the table as Markdown. A cell is named by its id, to be run again with ``--cell``."""
    run = results.run
    text = HEAD.format(
        runs=f"this one is of profile {run.profile}, {len(results.cells)} cells",
        reached=sum(bool(item.cells) for item in found),
        all=len(found),
    )
    lines = [
        f"| `{item.known.id}` {item.known.title} | {item.known.code} | {len(item.cells)} | "
        + (f"`{_plainest(item.cells).id}` |" if item.cells else "|")
        for item in found
    ]
    return text + "\n".join(lines) + "\n"


def _plainest(cells: Sequence[CellResult]) -> CellResult:
    """Return the cell that shows the least besides: the best example."""
    return min(cells, key=lambda cell: (len(cell.signatures), cell.id))
