"""What of the atlas has to be measured: what is new, and what a change made stale. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.cell_id import ArtifactId
from runner.model.steps import Why
from runner.plan.planner import wanted_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.model.atlas_data import Atlas, Measurement
    from runner.model.matrix import Environment, RecipeInfo, Spec


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """What the atlas is compared with. digests: environment id to environment digest."""

    digests: Mapping[str, str]
    worker: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stale:
    """One reference model of one pair that has to be measured, and why."""

    saver: str
    loader: str
    recipe: str
    why: Why


def find_stale(
    atlas: Atlas, spec: Spec, present: Present, *, touching: Iterable[str] = ()
) -> tuple[Stale, ...]:
    """Return what of the spec's pairs the atlas does not know as of now.

    touching: only pairs with one of these environments on a side; all pairs without any.
    """
    near = frozenset(touching)
    return tuple(_stale(atlas, spec, present, near))


def _stale(atlas: Atlas, spec: Spec, present: Present, touching: frozenset[str]) -> Iterator[Stale]:
    for saver, loader in wanted_pairs(spec):
        if touching and not touching & {saver.id, loader.id}:
            continue
        for recipe in spec.recipes:
            found = atlas.measurement(saver.id, loader.id, recipe.name)
            why = Why.NEW if found is None else _changed(found, present, saver, loader, recipe)
            if why is not None:
                yield Stale(saver=saver.id, loader=loader.id, recipe=recipe.name, why=why)


def _changed(
    found: Measurement,
    present: Present,
    saver: Environment,
    loader: Environment,
    recipe: RecipeInfo,
) -> Why | None:
    digests = dict(found.environments)
    if found.worker != present.worker:
        return Why.WORKER_CHANGED
    if dict(found.recipes).get(recipe.name) != recipe.digest:
        return Why.RECIPE_CHANGED
    if digests.get(saver.id) != present.digests.get(saver.id):
        return Why.SAVER_CHANGED
    if digests.get(loader.id) != present.digests.get(loader.id):
        return Why.LOADER_CHANGED
    return None


def cells_of(stale: Iterable[Stale], spec: Spec) -> frozenset[str]:
    """Return the ids of the cells to measure, and of the controls that they need."""
    formats = {recipe.name: formats_of(recipe, spec) for recipe in spec.recipes}
    found: set[str] = set()
    for one in stale:
        for format_ in formats[one.recipe]:
            artifact = ArtifactId(saver=one.saver, recipe=one.recipe, format=format_)
            found |= {str(artifact.read_by(one.loader)), str(artifact.read_by(one.saver))}
    return frozenset(found)


def formats_of(recipe: RecipeInfo, spec: Spec) -> tuple[str, ...]:
    """Return the formats of the spec in which a reference model is saved."""
    return tuple(
        str(item) for item in spec.formats if recipe.formats is None or item in recipe.formats
    )
