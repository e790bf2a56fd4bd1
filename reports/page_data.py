"""The view model as the page's two blocks of JSON: what it shows at once, and what it opens later.

The first block has a column for each thing that filters, counts and sorts; ``templates/data.js``
reads it. The second has everything else of each cell, in tables (see ``pack``). How a block is
written, ``block`` says.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reports.block import Block
from reports.details import (
    ArtifactDetail,
    CellDetail,
    artifact_detail,
    cell_detail,
)
from reports.looks import LOOKS, ORDER
from reports.pack import Pool
from runner.compare.since_when import flips
from runner.display_text import one_line
from runner.model.cell_id import ArtifactId
from runner.model.comparison import ChangeKind
from runner.model.finding import ArtifactStatus
from runner.model.results import ArtifactResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.view import View
    from runner.model.comparison import RunComparison
    from runner.model.finding import Verdict
    from runner.model.results import CellResult, Results

NONE = -1  # no cause, no verdict before, no such cell in a run
# What a cell's column holds is a place in these; the first is for most cells.
CHANGES = ("", *(str(kind) for kind in ChangeKind if kind is not ChangeKind.REMOVED))
EXPECTED = ("", "met", "unmet")
STATUSES = tuple(ArtifactStatus)


def first_block(view: View) -> Block:
    """Return what the first look, the grid, the filters and the lists need."""
    results = view.results
    pool = Pool()
    columns, names = _columns(view, pool)
    data = {
        "run": asdict(results.run),
        "looks": [
            {
                "verdict": str(look.verdict),
                "symbol": look.symbol,
                "kind": look.kind,
                "meaning": look.meaning,
            }
            for look in LOOKS
        ],
        "environments": [asdict(one) for one in results.environments],
        "recipes": [asdict(one) for one in results.recipes],
        "formats": list(results.formats),
        "signatures": [asdict(one) for one in results.signatures],
        "routes": [asdict(one) for one in results.routes],
        "scenarios": [asdict(one) for one in results.scenarios],
        "expectations": [asdict(one) for one in results.expectations],
        "causes": [asdict(one) for one in view.causes.causes],
        "causesSentence": view.causes.sentence,
        "remedies": view.remedies.sentence,
        "attributions": [{**asdict(one), "sentence": one.sentence} for one in view.attributions],
        "changes": _changes(view.changes),
        "trend": [
            {
                "id": point.id,
                "started": point.started,
                "complete": point.complete,
                "counts": point.mix.counts,
            }
            for point in view.trend
        ],
        **names,
        "changeNames": CHANGES,
        "expectedNames": EXPECTED,
        "strings": pool.strings,
    }
    return Block(data=data, columns=columns)


def second_block(view: View) -> Block:
    """Return what a cell shows when it is opened."""
    pool = Pool()
    results = view.results
    since = flips(results)
    scripts = {one.id: one for one in results.scripts}
    columns: dict[str, Sequence[int]] = {
        "cells": [
            pool.add(CellDetail, cell_detail(cell, scripts, since.get(cell.id)))
            for cell in results.cells
        ],
        "artifacts": [
            pool.add(ArtifactDetail, artifact_detail(artifact)) for artifact in artifacts(results)
        ],
    }
    for number, run in enumerate(view.history.runs):
        columns[f"history {number}"] = [_place(run.verdicts.get(cell.id)) for cell in results.cells]
    return Block(data=pool.to_json(), columns={**columns, **pool.columns()})


def artifacts(results: Results) -> tuple[ArtifactResult, ...]:
    """Those of the results, and a stand-in for each that only a cell speaks of."""
    known = {artifact.id for artifact in results.artifacts}
    others = dict.fromkeys(cell.artifact for cell in results.cells if cell.artifact not in known)
    return (*results.artifacts, *map(_stand_in, others))


def _stand_in(text: str) -> ArtifactResult:
    name = ArtifactId.parse(text)
    return ArtifactResult(
        id=text,
        saver=name.saver,
        recipe=name.recipe,
        format=name.format,
        status=ArtifactStatus.MISSING,
        reason="not in these results",
        key="",
    )


def _columns(view: View, pool: Pool) -> tuple[dict[str, Sequence[int]], dict[str, list[str]]]:
    """Columns of artifacts and of cells, and the names that they count in."""
    results = view.results
    saved = artifacts(results)
    environments = _places(
        [one.id for one in results.environments],
        [*(one.saver for one in saved), *(cell.loader for cell in results.cells)],
    )
    models = _places([one.name for one in results.recipes], [one.recipe for one in saved])
    formats = _places(results.formats, [one.format for one in saved])
    columns: dict[str, Sequence[int]] = {
        "artifact saver": [environments[one.saver] for one in saved],
        "artifact model": [models[one.recipe] for one in saved],
        "artifact format": [formats[one.format] for one in saved],
        "artifact status": [STATUSES.index(one.status) for one in saved],
        "artifact reason": [pool.string(one_line(one.reason)) for one in saved],
        "loader": [environments[cell.loader] for cell in results.cells],
        **_cell_columns(view, saved, pool),
    }
    names = {
        "environmentNames": list(environments),
        "modelNames": list(models),
        "formatNames": list(formats),
        "statusNames": [str(status) for status in STATUSES],
    }
    return columns, names


def _cell_columns(
    view: View, saved: Sequence[ArtifactResult], pool: Pool
) -> dict[str, Sequence[int]]:
    cells = view.results.cells
    place = {artifact.id: number for number, artifact in enumerate(saved)}
    changes = view.changes.cells if view.changes is not None else ()
    kinds = {change.id: CHANGES.index(change.kind) for change in changes if change.after}
    before = {change.id: _place(change.before) for change in changes}
    because = {change.id: pool.string(change.because or None) for change in changes}
    return {
        "artifact": [place[cell.artifact] for cell in cells],
        "verdict": [ORDER[cell.verdict] for cell in cells],
        "reason": [pool.string(one_line(cell.reason)) for cell in cells],
        "cause": [NONE if one is None else one for one in view.causes.of_cell],
        "change": [kinds.get(cell.id, 0) for cell in cells],
        "before": [before.get(cell.id, NONE) for cell in cells],
        "because": [because.get(cell.id, 0) for cell in cells],
        "expected": [EXPECTED.index(_expected(cell)) for cell in cells],
        "helped": [int(cell.remedy is not None) for cell in cells],
    }


def _place(verdict: Verdict | None) -> int:
    return NONE if verdict is None else ORDER[verdict]


def _places(first: Sequence[str], others: Sequence[str]) -> dict[str, int]:
    """Name to number, in the matrix's order; names that only cells know come last."""
    return {name: number for number, name in enumerate(dict.fromkeys([*first, *others]))}


def _expected(cell: CellResult) -> str:
    if cell.expectation is None:
        return ""
    return "met" if cell.expectation.met else "unmet"


def _changes(changes: RunComparison | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    return {
        "since": changes.before.id,
        "started": changes.before.started,
        "sentence": changes.sentence,
        "removed": [[one.id, str(one.before)] for one in changes.cells if one.after is None],
        "packages": changes.packages,
    }
