"""The view model as the page's two blocks of JSON: what it shows at once, and what it opens later.

The first block has a column for each thing that filters, counts and sorts; ``templates/data.js``
reads it. The second has everything else of each cell, in tables (see ``pack``).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reports.details import (
    ArtifactDetail,
    CellDetail,
    artifact_detail,
    cell_detail,
)
from reports.looks import LOOKS, ORDER
from reports.pack import Pool
from runner.nouns.finding import ArtifactStatus
from runner.nouns.results import ArtifactResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.changes import Changes
    from reports.view import View
    from runner.nouns.results import CellResult, Results

# A verdict as one character, for the history of each cell; a dot where a run had no such cell.
LETTERS = "abcdefghijk"
NO_CELL = "."


def first_block(view: View) -> dict[str, Any]:
    """What the first look, the grid, the filters and the lists need."""
    results = view.results
    return {
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
        **_columns(view),
    }


def second_block(view: View) -> dict[str, Any]:
    """What a cell shows when it is opened."""
    pool = Pool()
    results = view.results
    return {
        "cells": [pool.add(CellDetail, cell_detail(cell)) for cell in results.cells],
        "artifacts": [
            pool.add(ArtifactDetail, artifact_detail(artifact)) for artifact in artifacts(results)
        ],
        "history": [_verdicts(view, number) for number in range(len(view.history.runs))],
        **pool.to_json(),
    }


def artifacts(results: Results) -> tuple[ArtifactResult, ...]:
    """Those of the results, and a stand-in for each that only a cell speaks of."""
    known = {artifact.id for artifact in results.artifacts}
    others = dict.fromkeys(cell.artifact for cell in results.cells if cell.artifact not in known)
    return (*results.artifacts, *map(_stand_in, others))


def _stand_in(name: str) -> ArtifactResult:
    saver, recipe, format_ = (*name.split("/"), "?", "?")[:3]
    return ArtifactResult(
        id=name,
        saver=saver,
        recipe=recipe,
        format=format_,
        status=ArtifactStatus.MISSING,
        reason="not in these results",
        key="",
    )


def _columns(view: View) -> dict[str, Any]:
    pool = Pool()
    results = view.results
    saved = artifacts(results)
    names = {
        "savers": dict.fromkeys(artifact.saver for artifact in saved),
        "loaders": dict.fromkeys(cell.loader for cell in results.cells),
        "models": dict.fromkeys(artifact.recipe for artifact in saved),
        "formats": dict.fromkeys(artifact.format for artifact in saved),
    }
    environments = _places(
        [one.id for one in results.environments], [*names["savers"], *names["loaders"]]
    )
    models = _places([one.name for one in results.recipes], [*names["models"]])
    formats = _places(results.formats, [*names["formats"]])
    place = {artifact.id: number for number, artifact in enumerate(saved)}
    changed = {change.id: str(change.kind) for change in view.changes.cells} if view.changes else {}
    before = _before(view.changes)
    cells = results.cells
    columns = {
        "environmentNames": list(environments),
        "modelNames": list(models),
        "formatNames": list(formats),
        "artifacts": {
            "saver": [environments[one.saver] for one in saved],
            "model": [models[one.recipe] for one in saved],
            "format": [formats[one.format] for one in saved],
            "status": [str(one.status) for one in saved],
            "reason": [pool.string(_one_line(one.reason)) for one in saved],
        },
        "cells": {
            "artifact": [place[cell.artifact] for cell in cells],
            "loader": [environments[cell.loader] for cell in cells],
            "verdict": [ORDER[cell.verdict] for cell in cells],
            "reason": [pool.string(_one_line(cell.reason)) for cell in cells],
            "cause": [-1 if one is None else one for one in view.causes.of_cell],
            "change": [changed.get(cell.id, "") for cell in cells],
            "before": [before.get(cell.id, -1) for cell in cells],
            "expected": [_expected(cell) for cell in cells],
            "helped": [int(cell.remedy is not None) for cell in cells],
        },
    }
    return {**columns, "strings": pool.to_json()["strings"]}


def _places(first: Sequence[str], others: Sequence[str]) -> dict[str, int]:
    """Name to number, in the matrix's order; names that only cells know come last."""
    return {name: number for number, name in enumerate(dict.fromkeys([*first, *others]))}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _before(changes: Changes | None) -> dict[str, int]:
    """The place of the verdict that each changed cell had."""
    cells = changes.cells if changes is not None else ()
    return {one.id: ORDER[one.before] for one in cells if one.before is not None}


def _expected(cell: CellResult) -> str:
    if cell.expectation is None:
        return ""
    return "met" if cell.expectation.met else "unmet"


def _changes(changes: Changes | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    return {
        "since": changes.since,
        "started": changes.started,
        "sentence": changes.sentence,
        "removed": [[one.id, str(one.before)] for one in changes.cells if one.after is None],
        "packages": [asdict(one) for one in changes.packages],
    }


def _verdicts(view: View, number: int) -> str:
    verdicts = view.history.runs[number].verdicts
    return "".join(
        LETTERS[ORDER[verdicts[cell.id]]] if cell.id in verdicts else NO_CELL
        for cell in view.results.cells
    )
