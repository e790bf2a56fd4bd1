"""Cells of the atlas as the results of a run, for everything that reads results. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.model.cell_id import ArtifactId
from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict
from runner.model.results import (
    ArtifactResult,
    AttemptResult,
    CellResult,
    EnvironmentResult,
    RecipeResult,
    Results,
    RouteResult,
    RunInfo,
    ScriptResult,
    SignatureResult,
)
from runner.model.routes import find_route

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from runner.model.atlas_data import Atlas, AtlasCell, AtlasEnvironment, Measurement

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownResults:
    """Results, the dates of their measurements, and what of the question is not known."""

    results: Results
    dates: tuple[str, ...]  # the oldest first
    gaps: tuple[str, ...]  # a line each
    enough: bool  # of each pair at least half of the reference models are known


def known_results(
    atlas: Atlas, pairs: Sequence[Pair], *, formats: Collection[str] | None = None
) -> KnownResults:
    """Return what the atlas knows of pairs of savers and loaders, in some formats or in all."""
    sources = {(*pair, recipe.name): atlas.measurement(*pair, recipe.name)
               for pair in _with_controls(pairs) for recipe in atlas.index.recipes}  # fmt: skip
    valid = {
        key: found
        for key, found in sources.items()
        if found is not None and _current(atlas, found, key[0], key[1])
    }
    shown = tuple(item for item in atlas.index.formats if formats is None or item in formats)
    cells = tuple(_cells(atlas, valid, shown))
    used = [found for (saver, loader, _), found in valid.items() if (saver, loader) in pairs]
    asked = {cell.name.recipe for cell in cells}
    results = Results(
        run=_run(used),
        environments=tuple(
            _environment(item)
            for item in atlas.index.environments
            if item.id in {name for pair in pairs for name in pair}
        ),
        recipes=tuple(
            RecipeResult(name=item.name, title=item.title, custom=False, exposes=(), file="")
            for item in atlas.index.recipes
            if item.name in asked
        ),
        formats=shown,
        artifacts=tuple(_artifacts(atlas, cells)),
        cells=cells,
        signatures=_signatures(atlas, cells),
        routes=_routes(cells),
        scripts=_scripts(atlas, cells),
    )
    return KnownResults(
        results=results,
        dates=tuple(sorted({item.date for item in used})),
        gaps=tuple(_gaps(atlas, pairs, valid)),
        enough=bool(cells)
        and all(
            2 * sum((*pair, item.name) in valid for item in atlas.index.recipes)
            >= len(atlas.index.recipes)
            for pair in pairs
        ),
    )


def _with_controls(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Return the pairs, and each side reading its own artifacts."""
    every = [(name, name) for pair in pairs for name in pair]
    return tuple(dict.fromkeys((*pairs, *every)))


def _current(atlas: Atlas, found: Measurement, saver: str, loader: str) -> bool:
    """Return whether a measurement was made with the environments that the atlas has now."""
    digests = dict(found.environments)
    return all(digests.get(name) == atlas.environments[name].digest for name in (saver, loader))


def _cells(
    atlas: Atlas, valid: Collection[tuple[str, str, str]], formats: Sequence[str]
) -> Iterator[CellResult]:
    for saver in dict.fromkeys(key[0] for key in valid):
        for cell in atlas.cells.get(saver, ()):
            name = cell.named(saver)
            if (saver, name.loader, name.recipe) in valid and name.format in formats:
                yield cell_result(cell, saver)


def cell_result(cell: AtlasCell, saver: str) -> CellResult:
    """Return a cell of the atlas as a run would tell it, without logs and tracebacks."""
    name = cell.named(saver)
    remedy = cell.remedy or (cell.route if cell.verdict is Verdict.REMEDIED else None)
    return CellResult(
        id=str(name),
        artifact=str(name.artifact),
        loader=name.loader,
        verdict=cell.verdict,
        reason=cell.reason or (cell.lost[0] if cell.lost else ""),
        route=cell.route,
        code=cell.code,
        as_is=cell.as_is or cell.verdict,
        signatures=cell.signatures,
        attempts=() if remedy is None else (_attempt(cell, remedy),),
        remedy=remedy,
        lost=cell.lost,
    )


def _attempt(cell: AtlasCell, remedy: str) -> AttemptResult:
    """Return the attempt that helped; of the others the atlas does not tell."""
    direct = cell.verdict is Verdict.REMEDIED
    return AttemptResult(
        route=remedy,
        verdict=cell.helped or Verdict.IDENTICAL,
        reason="",
        key="",  # its evidence is where the atlas was measured
        max_abs=cell.max_abs if direct else None,
        scripts=cell.scripts,
    )


def _environment(item: AtlasEnvironment) -> EnvironmentResult:
    versions = {"python": item.python, "keras": item.keras, "tensorflow": item.tensorflow}
    return EnvironmentResult(
        id=item.id,
        status=EnvironmentStatus.READY,
        reason=None,
        installation=item.installation,
        builder="nox",
        python=item.python,
        backend=item.backend,
        api=item.api,
        lock=item.lock,
        versions=tuple((name, version) for name, version in versions.items() if version),
        packages=item.packages,
        variables=item.variables,
    )


def _artifacts(atlas: Atlas, cells: Iterable[CellResult]) -> Iterator[ArtifactResult]:
    unsaved = {item.artifact: item for item in atlas.unsaved}
    for name in dict.fromkeys(cell.artifact for cell in cells):
        parts = ArtifactId.parse(name)
        failed = unsaved.get(name)
        yield ArtifactResult(
            id=name,
            saver=parts.saver,
            recipe=parts.recipe,
            format=parts.format,
            status=failed.status if failed is not None else ArtifactStatus.SAVED,
            reason=failed.reason if failed is not None else "",
            key="",
        )


def _signatures(atlas: Atlas, cells: Iterable[CellResult]) -> tuple[SignatureResult, ...]:
    shown = {name for cell in cells for name in cell.signatures}
    return tuple(
        SignatureResult(id=name, title=title, cause="")
        for name, title in atlas.index.signatures
        if name in shown
    )


def with_causes(results: Results) -> Results:
    """Return results with causes and links of their signatures; the atlas holds titles only."""
    from runner.signatures import load_signatures  # noqa: PLC0415 - YAML
    from runner.signatures.signature_results import signature_result  # noqa: PLC0415

    known = {item.id: item for item in load_signatures()}
    return replace(
        results,
        signatures=tuple(
            signature_result(known[item.id]) if item.id in known else item
            for item in results.signatures
        ),
    )


def _scripts(atlas: Atlas, cells: Iterable[CellResult]) -> tuple[ScriptResult, ...]:
    known = {item.id: item for item in atlas.scripts}
    named = {name for cell in cells for one in cell.attempts for name in one.scripts}
    files = {id_ for name in named if name in known for _, id_ in known[name].files}
    return tuple(known[name] for name in sorted(named | files) if name in known)


def _routes(cells: Iterable[CellResult]) -> tuple[RouteResult, ...]:
    names = {name for cell in cells for name in (cell.route, cell.remedy) if name is not None}
    return tuple(found for name in sorted(names) if (found := _route(name)) is not None)


def _route(name: str) -> RouteResult | None:
    try:
        found = find_route(name)
    except KeyError:  # a way of loading that this kmatrix does not have any more
        return None
    return RouteResult(id=found.id, title=found.title)


def _run(used: Sequence[Measurement]) -> RunInfo:
    newest = max(used, key=lambda item: item.date, default=None)
    return RunInfo(
        id="atlas",
        started=newest.date if newest is not None else "",
        finished=None,
        profile="atlas",
        matrix="atlas",
        kmatrix=newest.kmatrix if newest is not None else "",
        system=newest.system if newest is not None else "",
        complete=True,
        seconds=0.0,
    )


def _gaps(
    atlas: Atlas, pairs: Iterable[Pair], valid: Collection[tuple[str, str, str]]
) -> Iterator[str]:
    """Yield what of the pairs was not measured, or with environments that changed since."""
    for saver, loader in pairs:
        missing = [
            item.name for item in atlas.index.recipes if (saver, loader, item.name) not in valid
        ]
        if missing and len(missing) == len(atlas.index.recipes):
            yield f"{saver} -> {loader}: not measured"
        elif missing:
            yield f"{saver} -> {loader}: not measured with {', '.join(missing)}"
