"""The results of a run into the atlas: what was measured replaces what was there. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from runner.atlas.lookup import PACKAGES
from runner.atlas.staleness import formats_of
from runner.display_text import LINE, one_line
from runner.model.atlas_data import (
    Atlas,
    AtlasCell,
    AtlasEnvironment,
    AtlasIndex,
    AtlasRecipe,
    Measurement,
    Provenance,
    Unsaved,
)
from runner.model.cell_id import SEPARATOR, ArtifactId
from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict
from runner.model.keras_identity import identity_from_modules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from runner.atlas.staleness import Present, Stale
    from runner.model.matrix import Environment, Spec
    from runner.model.results import (
        AttemptResult,
        CellResult,
        EnvironmentResult,
        Results,
        ScriptResult,
    )

NO_ARTIFACT = frozenset({ArtifactStatus.FAILED, ArtifactStatus.UNSUPPORTED})
Pair = tuple[str, str]


def renewed(
    atlas: Atlas, results: Results, asked: Collection[Stale], spec: Spec, present: Present
) -> Atlas:
    """Return the atlas with what a run found. asked: what it was to measure.

    What could not be answered stays as it was. Environments that the spec does not have any more
    go, with their cells.
    """
    done = _answered(results, asked, spec)
    measurement = _measurement(results, spec, present, done)
    known = {item.id for item in spec.environments}
    fresh = {(one.saver, one.loader, one.recipe) for one in done}
    cells = _cells(atlas, results, fresh, known)
    provenance = _provenance(atlas, done, measurement.id, known)
    used = {name for item in provenance for name in (item.by, *dict(item.but).values())}
    measurements = [item for item in atlas.index.measurements if item.id != measurement.id]
    titles = {**dict(atlas.index.signatures), **{x.id: x.title for x in results.signatures}}
    shown = {name for found in cells.values() for cell in found for name in cell.signatures}
    return Atlas(
        index=AtlasIndex(
            environments=_environments(atlas, results, spec, present, done),
            recipes=_recipes(atlas, results, spec),
            formats=tuple(map(str, spec.formats)),
            everywhere=spec.pairs.everywhere,
            measurements=tuple(
                sorted(
                    (item for item in (*measurements, measurement) if item.id in used),
                    key=lambda item: item.id,
                )
            ),
            signatures=tuple(sorted((name, titles.get(name, name)) for name in shown)),
        ),
        cells=cells,
        provenance=provenance,
        unsaved=_unsaved(atlas, results, fresh, known),
        scripts=_scripts(atlas, results, cells),
    )


def settled(atlas: Atlas, spec: Spec) -> Atlas:
    """Return the atlas in the order of a spec, where nothing had to be measured."""
    index = replace(
        atlas.index,
        environments=tuple(
            found
            for item in spec.environments
            if (found := atlas.environments.get(item.id)) is not None
        ),
        everywhere=spec.pairs.everywhere,
    )
    return replace(atlas, index=index)


def _answered(results: Results, asked: Iterable[Stale], spec: Spec) -> list[Stale]:
    """Return those with an answer for every format; that the saver does not write it is one."""
    ready = {item.id for item in results.environments if item.status is EnvironmentStatus.READY}
    cells = {cell.id for cell in results.cells if cell.verdict.answered}
    unsaved = {item.id for item in results.artifacts if item.status in NO_ARTIFACT}
    formats = {recipe.name: formats_of(recipe, spec) for recipe in spec.recipes}
    return [
        one
        for one in asked
        if {one.saver, one.loader} <= ready
        and all(
            str(artifact) in unsaved or str(artifact.read_by(one.loader)) in cells
            for format_ in formats[one.recipe]
            for artifact in (ArtifactId(saver=one.saver, recipe=one.recipe, format=format_),)
        )
    ]


def _measurement(
    results: Results, spec: Spec, present: Present, done: Iterable[Stale]
) -> Measurement:
    digests = {item.name: item.digest for item in spec.recipes}
    names = {name for one in done for name in (one.saver, one.loader)}
    found = Measurement(
        id="",
        date=results.run.started[:10],
        kmatrix=results.run.kmatrix,
        system=results.run.system,
        worker=present.worker,
        environments=tuple(sorted((name, present.digests[name]) for name in names)),
        recipes=tuple(sorted((name, digests[name]) for name in {one.recipe for one in done})),
    )
    digest = hashlib.sha256(json.dumps(asdict(found), sort_keys=True).encode()).hexdigest()
    return replace(found, id=f"{found.date}-{digest[:6]}")


def _environments(
    atlas: Atlas, results: Results, spec: Spec, present: Present, done: Iterable[Stale]
) -> tuple[AtlasEnvironment, ...]:
    """Return environments as measured now, else as they were, in the order of the spec."""
    measured = {name for one in done for name in (one.saver, one.loader)}
    found = {item.id: item for item in results.environments}
    chosen = (
        _environment(item, found[item.id], present)
        if item.id in measured
        else atlas.environments.get(item.id)
        for item in spec.environments
    )
    return tuple(item for item in chosen if item is not None)


def _environment(
    environment: Environment, result: EnvironmentResult, present: Present
) -> AtlasEnvironment:
    packages = dict(result.packages)
    identity = identity_from_modules(environment, dict(result.versions), packages)
    return AtlasEnvironment(
        id=environment.id,
        digest=present.digests[environment.id],
        lock=result.lock,
        installation=result.installation,
        python=dict(result.versions).get("python", result.python),
        backend=result.backend,
        api=result.api,
        generation=identity.generation,
        keras=identity.version,
        tensorflow=identity.tensorflow,
        legacy_keras=environment.legacy_keras,
        eager=environment.eager,
        packages=tuple(
            (name, version)
            for name, version in result.packages
            if canonicalize_name(name) in PACKAGES
        ),
        variables=environment.variables,
    )


def _recipes(atlas: Atlas, results: Results, spec: Spec) -> tuple[AtlasRecipe, ...]:
    found = {item.name: AtlasRecipe(name=item.name, title=item.title) for item in spec.recipes}
    asked = {item.name for item in results.recipes} | {item.name for item in atlas.index.recipes}
    return tuple(item for name, item in found.items() if name in asked)


def _cells(
    atlas: Atlas,
    results: Results,
    fresh: Collection[tuple[str, str, str]],
    known: Collection[str],
) -> dict[str, tuple[AtlasCell, ...]]:
    kept: dict[str, dict[str, AtlasCell]] = {}
    for saver, cells in atlas.cells.items():
        for cell in cells if saver in known else ():
            name = cell.named(saver)
            if name.loader in known and (saver, name.loader, name.recipe) not in fresh:
                kept.setdefault(saver, {})[cell.cell] = cell
    for one in results.cells:
        name = one.name
        if (name.saver, name.loader, name.recipe) in fresh:
            cell = atlas_cell(one)
            kept.setdefault(name.saver, {})[cell.cell] = cell
    return {saver: tuple(found[key] for key in sorted(found)) for saver, found in kept.items()}


def atlas_cell(cell: CellResult) -> AtlasCell:
    """Return a cell of a run as the atlas keeps it."""
    name = cell.name
    helping = _remedy(cell)
    told = bool(cell.signatures) or cell.verdict is Verdict.IDENTICAL or bool(cell.lost)
    return AtlasCell(
        cell=SEPARATOR.join((name.recipe, name.format, name.loader)),
        verdict=cell.verdict,
        as_is=cell.as_is if cell.as_is is not cell.verdict else None,
        code=cell.code,
        route=cell.route,
        remedy=cell.remedy if cell.remedy != cell.route else None,
        scripts=helping.scripts if helping is not None else (),
        helped=helping.verdict
        if helping is not None and helping.verdict is not Verdict.IDENTICAL
        else None,
        signatures=cell.signatures,
        max_abs=_difference(cell),
        lost=tuple(one_line(text, LINE) for text in cell.lost),
        reason="" if told else one_line(cell.reason, LINE),
    )


def _remedy(cell: CellResult) -> AttemptResult | None:
    """Return the attempt that helped."""
    return next((item for item in cell.attempts if item.route == cell.remedy), None)


def _scripts(
    atlas: Atlas, results: Results, cells: Mapping[str, Iterable[AtlasCell]]
) -> tuple[ScriptResult, ...]:
    """Return the scripts that the cells name, and the modules that these import."""
    known = {item.id: item for item in (*atlas.scripts, *results.scripts)}
    named = {name for found in cells.values() for cell in found for name in cell.scripts}
    chosen = [known[name] for name in named if name in known]
    files = {id_ for script in chosen for _, id_ in script.files}
    return tuple(known[name] for name in sorted(named | files) if name in known)


def _difference(cell: CellResult) -> float | None:
    """Return the largest difference of predictions: of the first load, else of the remedy."""
    if cell.outputs is not None:
        found = cell.outputs.max_abs
    else:
        chosen = _remedy(cell)
        if chosen is None or chosen.max_abs is None:
            return None
        found = chosen.max_abs
    return float(f"{found:.2g}")


def _provenance(
    atlas: Atlas, done: Iterable[Stale], by: str, known: Collection[str]
) -> tuple[Provenance, ...]:
    recipes: dict[Pair, dict[str, str]] = {}
    names = [item.name for item in atlas.index.recipes]
    for item in atlas.provenance:
        if {item.saver, item.loader} <= set(known):
            measured = {name: item.of(name) for name in names if item.of(name)}
            recipes[item.saver, item.loader] = measured
    for one in done:
        recipes.setdefault((one.saver, one.loader), {})[one.recipe] = by
    every = sorted({name for found in recipes.values() for name in found})
    return tuple(
        _compact(pair, {name: found.get(name, "") for name in every})
        for pair, found in sorted(recipes.items())
    )


def _compact(pair: Pair, measured: Mapping[str, str]) -> Provenance:
    """Give a pair its most frequent measurement; a reference model without one has ""."""
    ids = sorted(measured.values())
    by = max(dict.fromkeys(ids), key=ids.count)
    but = tuple((name, item) for name, item in measured.items() if item != by)
    return Provenance(saver=pair[0], loader=pair[1], by=by, but=but)


def _unsaved(
    atlas: Atlas,
    results: Results,
    fresh: Collection[tuple[str, str, str]],
    known: Collection[str],
) -> tuple[Unsaved, ...]:
    found = {item.artifact: item for item in atlas.unsaved}
    for artifact in results.artifacts:
        name = artifact.name
        if (name.saver, name.saver, name.recipe) in fresh:
            found.pop(artifact.id, None)
            if artifact.status in NO_ARTIFACT:
                found[artifact.id] = Unsaved(
                    artifact=artifact.id,
                    status=artifact.status,
                    reason=one_line(artifact.reason, LINE),
                )
    return tuple(found[key] for key in sorted(found) if key.split(SEPARATOR)[0] in known)
