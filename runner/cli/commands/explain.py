"""Explain one cell: what happened, why, and what helps."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reports.explanation import explain
from runner.atlas.atlas_files import read_atlas
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.compare.upgrade_target import resolve
from runner.errors import ExitCode, ToolError
from runner.json_values import to_plain
from runner.model.cell_id import CellId

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runner.compare.upgrade_target import Named
    from runner.model.results import CellResult, Results

EXAMPLES = """\
examples:
  kmatrix explain tf2.15/lstm/h5/tf2.21
  kmatrix explain tf2.15/lstm/h5/tf2.21 --format json

exit codes:
  0  it was explained
  2  no such environment, reference model or format
  3  the cell was not measured
"""


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix explain``."""

    cell: str = option(
        metavar="CELL", help="saver/model/format/loader; environments can be shortened"
    )
    atlas: bool = option(
        "--atlas", action="store_true", help="from the atlas, whatever the last run says"
    )
    format: str = option(
        "--format", choices=("text", "json"), default="text", help="default: %(default)s"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A cell, the results that it is part of, and where these are from."""

    results: Results
    cell: CellResult
    source: str
    difference: float | None = None  # of predictions, where the cell does not have it


def run(options: Options) -> ExitCode:
    """``kmatrix explain``."""
    try:
        wanted = CellId.parse(options.cell)
    except ValueError as error:
        raise ToolError(
            f"{options.cell}: a cell is named saver/model/format/loader, "
            "for example tf2.15/lstm/h5/tf2.21",
            exit_code=ExitCode.USAGE,
        ) from error
    found = None if options.atlas else _of_last_run(options, wanted)
    found = found or _of_atlas(wanted)
    if options.format == "json":
        print(json.dumps(_plain(found), indent=1))
        return ExitCode.AS_EXPECTED
    for line in explain(found.results, found.cell, found.source, difference=found.difference):
        print(line)
    return ExitCode.AS_EXPECTED


def _plain(found: _Found) -> dict[str, Any]:
    """Return the cell, and what of the results belongs to it."""
    cell, results = found.cell, found.results
    known = {item.id: item for item in results.scripts}
    executed = {name for one in cell.attempts for name in one.scripts}
    executed |= {id_ for name in executed if name in known for _, id_ in known[name].files}
    sides = {cell.name.saver, cell.name.loader}
    parts = {
        "cell": cell,
        "environments": [item for item in results.environments if item.id in sides],
        "signatures": [item for item in results.signatures if item.id in cell.signatures],
        "routes": [item for item in results.routes if item.id == cell.remedy],
        "scripts": [known[name] for name in sorted(executed) if name in known],
    }
    plain = {name: to_plain(part) for name, part in parts.items()}
    return {"schema": 1, "source": found.source, **plain}


def _of_last_run(options: Options, wanted: CellId) -> _Found | None:
    """Return the cell of the last run in the build folder; None if it has none."""
    if not (options.build / "store" / "evidence.sqlite").exists():
        return None
    from runner.cli.stored_runs import LAST, load_results  # noqa: PLC0415 - opens SQLite

    try:
        results = load_results(options.build, LAST)
        name = _named(wanted, results.environments, (), "the last run")
    except ToolError:
        return None  # no run yet, or none with these environments: the atlas may have them
    cell = next((item for item in results.cells if item.id == str(name)), None)
    if cell is None or not cell.verdict.answered:
        return None
    run = results.run
    return _Found(results=results, cell=cell, source=f"of run {run.id}, {run.started[:10]}")


def _of_atlas(wanted: CellId) -> _Found:
    """Return the cell of the atlas. Raises ToolError."""
    from runner.atlas.known_results import known_results, with_causes  # noqa: PLC0415

    index = read_atlas(savers=()).index
    name = _named(wanted, index.environments, index.everywhere, "the atlas")
    for word, known in (
        (name.recipe, [item.name for item in index.recipes]),
        (name.format, list(index.formats)),
    ):
        if word not in known:
            raise ToolError(
                f"{word!r} is not in the atlas, which has {', '.join(known)}; "
                f"measure it: kmatrix run --cell {name}",
                exit_code=ExitCode.USAGE,
            )
    atlas = read_atlas(savers=(name.saver,))
    found = known_results(atlas, [(name.saver, name.loader)], formats=(name.format,))
    cell = next((item for item in found.results.cells if item.id == str(name)), None)
    if cell is None:
        unsaved = {item.artifact: item for item in atlas.unsaved}.get(str(name.artifact))
        if unsaved is not None:
            raise ToolError(f"{unsaved.artifact}: {unsaved.status}: {unsaved.reason}")
        raise ToolError(f"{name} was not measured yet; measure it: kmatrix run --cell {name}")
    measured = atlas.measurement(name.saver, name.loader, name.recipe)
    assert measured is not None  # noqa: S101 - the cell is from it
    short = str(name).removeprefix(f"{name.saver}/")
    kept = next(item for item in atlas.cells[name.saver] if item.cell == short)
    return _Found(
        difference=kept.max_abs,
        results=with_causes(found.results),
        cell=cell,
        source=f"from kmatrix's atlas, measured {measured.date} with kmatrix {measured.kmatrix}",
    )


def _named(
    wanted: CellId, known: Sequence[Named], preferred: Collection[str], where: str
) -> CellId:
    """Return the cell with whole ids. Raises ToolError (exit code 2)."""
    ids = frozenset(preferred)
    return replace(
        wanted,
        saver=resolve(wanted.saver, known, ids, where).id,
        loader=resolve(wanted.loader, known, ids, where).id,
    )


COMMAND = Command(
    options=Options,
    run=run,
    description="Print one cell of the last run, or of the atlas where no run has it: the "
    "evidence, the cause, and the code that helps.",
    examples=EXAMPLES,
)
