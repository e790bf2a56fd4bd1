"""From a Spec and what is known to a Plan. Pure: nothing is started, nothing is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.model.cell_id import ArtifactId, CellId
from runner.model.matrix import Format, PairRule
from runner.model.steps import AS_IS, LoadStep, Plan, SaveStep, Why
from runner.plan.evidence_keys import Parts, key_of, load_parts, save_parts
from runner.route_scripts.route_text import Loading, script_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from runner.model.matrix import Environment, RecipeInfo, Spec
    from runner.model.scripts import Script

CHANGES = (
    ("worker", Why.WORKER_CHANGED),
    ("recipe", Why.RECIPE_CHANGED),
    ("saver", Why.SAVER_CHANGED),
    ("artifact", Why.ARTIFACT_CHANGED),
    ("script", Why.SCRIPT_CHANGED),
    ("loader", Why.LOADER_CHANGED),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known before anything runs.

    digests: environment id to environment digest; environments without one are left out.
    worker: digest of the worker's code.
    evidence: evidence key to artifact digest (None for loads, and for saves that wrote nothing).
    last: subject to the parts of its newest key, to say what changed.
    """

    digests: Mapping[str, str]
    worker: str
    evidence: Mapping[str, str | None]
    last: Mapping[str, Mapping[str, str]]


def make_plan(
    spec: Spec, known: Known, *, control: RecipeInfo, cells: Collection[str] | None = None
) -> Plan:
    """Plan every save and load of ``spec``, and those of the control model.

    cells: only these cell ids, and the controls they need.
    """
    only = _Only.of(cells) if cells is not None else None
    saves: list[SaveStep] = []
    loads: list[LoadStep] = []
    later: list[tuple[SaveStep, Environment]] = []
    for saver, loaders in _loaders_of(spec, known).items():
        for save in _saves(spec, known, saver, control, only):
            saves.append(save)
            if save.key in known.evidence and known.evidence[save.key] is None:
                continue  # this save wrote nothing; there is nothing to load
            digest = known.evidence.get(save.key)
            for loader in loaders:
                if only is not None and not only.needs(save, loader):
                    continue
                if digest is None:
                    later.append((save, loader))
                else:
                    loads.append(_load(known, save, loader, digest))
    savers = {save.saver.id for save in saves}
    for environment in spec.environments:
        if environment.id not in savers and environment.id in known.digests:
            saves += _controls(spec, known, environment, control)
    return Plan(saves=tuple(saves), loads=tuple(loads), later=tuple(later))


def _controls(
    spec: Spec, known: Known, loader: Environment, control: RecipeInfo
) -> Iterator[SaveStep]:
    """Return the saves of an environment that only loads, which show the formats it has."""
    return _saves(spec, known, loader, control, _Only.of(()))


def _loaders_of(spec: Spec, known: Known) -> dict[Environment, list[Environment]]:
    found: dict[Environment, list[Environment]] = {}
    for saver, loader in wanted_pairs(spec):
        if saver.id in known.digests and loader.id in known.digests:
            found.setdefault(saver, []).append(loader)
    return found


def _saves(
    spec: Spec,
    known: Known,
    saver: Environment,
    control: RecipeInfo,
    only: _Only | None,
) -> Iterator[SaveStep]:
    for recipe, format_, extra in _subjects(spec, control):
        subject = str(ArtifactId(saver=saver.id, recipe=recipe.name, format=str(format_)))
        foreign = extra or recipe.package != saver.package
        hidden = foreign or (only is not None and subject not in only.artifacts)
        if hidden and recipe.name != control.name:
            continue
        parts = save_parts(
            saver=known.digests[saver.id], recipe=recipe, format_=format_, worker=known.worker
        )
        yield SaveStep(
            saver=saver,
            recipe=recipe,
            format=format_,
            key=key_of(parts),
            parts=parts,
            why=_why(known, subject, parts),
            control=hidden,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Only:
    """The cells that were asked for, and what of them a control model has to show first."""

    cells: frozenset[str]
    artifacts: frozenset[str]
    ends: frozenset[tuple[str, str, str]]  # saver, format, loader

    @classmethod
    def of(cls, cells: Collection[str]) -> _Only:
        names = [CellId.parse(cell) for cell in cells]
        return cls(
            cells=frozenset(cells),
            artifacts=frozenset(str(name.artifact) for name in names),
            ends=frozenset((name.saver, name.format, name.loader) for name in names),
        )

    def needs(self, save: SaveStep, loader: Environment) -> bool:
        """Whether this load belongs to one of the cells."""
        if save.control:
            return (save.saver.id, str(save.format), loader.id) in self.ends
        return str(save.artifact_id.read_by(loader.id)) in self.cells


def _load(known: Known, save: SaveStep, loader: Environment, artifact: str) -> LoadStep:
    loading = Loading(format=save.format, environment=loader, supplied=save.recipe.supplies)
    script = script_of(AS_IS, loading)
    parts = load_parts(
        artifact=artifact,
        loader=known.digests[loader.id],
        recipe=save.recipe,
        format_=save.format,
        worker=known.worker,
        way=AS_IS,
        script=script,
    )
    return LoadStep(
        save=save,
        loader=loader,
        artifact=artifact,
        script=script,
        key=key_of(parts),
        parts=parts,
        why=_why(known, str(save.artifact_id.read_by(loader.id)), parts),
        control=save.control,
    )


def in_another_way(load: LoadStep, way: str, script: Script | None = None) -> LoadStep:
    """Return the same load by another route or with other custom objects.

    script: None where the same one runs.
    """
    script = script or load.script
    new = {"route": way, "script": script.digest}
    parts = tuple((name, new.get(name, value)) for name, value in load.parts)
    return replace(
        load, way=way, script=script, parts=parts, key=key_of(parts), why=Why.NEW, control=False
    )


def of_resaved(
    load: LoadStep, way: str, format_: Format, artifact: str, script: Script
) -> LoadStep:
    """Return the same question about an artifact that was saved again. artifact: its digest.

    What the cell's own format keeps is asked of the new artifact as well.
    """
    new = {
        "route": way,
        "artifact": artifact,
        "format": str(format_),
        "script": script.digest,
    }
    parts = tuple((name, new.get(name, value)) for name, value in load.parts)
    return replace(
        load,
        resaved=format_,
        artifact=artifact,
        way=way,
        script=script,
        parts=parts,
        key=key_of(parts),
        why=Why.NEW,
        control=False,
    )


def _why(known: Known, subject: str, parts: Parts) -> Why:
    if key_of(parts) in known.evidence:
        return Why.KNOWN
    before = known.last.get(subject)
    if before is None:
        return Why.NEW
    now = dict(parts)
    for part, why in CHANGES:
        if part in now and now[part] != before.get(part):
            return why
    return Why.NEW


def _subjects(spec: Spec, control: RecipeInfo) -> Iterator[tuple[RecipeInfo, Format, bool]]:
    """Every reference model in every format; the control model first, hidden if not asked for."""
    names = {recipe.name for recipe in spec.recipes}
    recipes = sorted(spec.recipes, key=lambda recipe: recipe.name != control.name)
    if control.name not in names:
        recipes.insert(0, control)
    for recipe in recipes:
        for format_ in Format:
            if format_ in spec.formats and (recipe.formats is None or format_ in recipe.formats):
                yield recipe, format_, recipe.name not in names


def wanted_pairs(spec: Spec) -> tuple[tuple[Environment, Environment], ...]:
    """(saver, loader) by the rule of the matrix; the diagonal always belongs to it.

    Of a shard: its pairs and no others, the diagonal included. Environments with a library of
    layers meet those with the same library, of whatever release, since they alone know its models.
    """
    order = _places(spec.environments)
    found = []
    for saver in spec.environments:
        for loader in spec.environments:
            if saver.package != loader.package:
                continue
            near = abs(order[saver.id] - order[loader.id]) <= 1
            near = near or bool({saver.id, loader.id} & set(spec.pairs.everywhere))
            if spec.pairs.rule is PairRule.ADJACENT and not near:
                continue
            touched = {saver.id, loader.id} & set(spec.pairs.touching)
            if spec.pairs.touching and not touched and saver.id != loader.id:
                continue
            if spec.pairs.only is not None and (saver.id, loader.id) not in spec.pairs.only:
                continue
            found.append((saver, loader))
    return tuple(found)


def _places(environments: Sequence[Environment]) -> dict[str, int]:
    """Return each environment's place among those with the same library of layers, or none."""
    counts: Counter[str | None] = Counter()
    places = {}
    for environment in environments:
        places[environment.id] = counts[environment.package]
        counts[environment.package] += 1
    return places
