"""What a long run measures first, so that there is a page with answers early. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.steps import SaveStep, Why

if TYPE_CHECKING:
    from runner.model.matrix import Spec
    from runner.model.steps import LoadStep, Plan

LONG = 100  # saves and loads that are new
ENVIRONMENTS = 2
MODELS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstPart:
    """A few environments, by id, and a few reference models, by name."""

    environments: frozenset[str]
    models: frozenset[str]

    def __contains__(self, step: SaveStep | LoadStep) -> bool:
        save = step if isinstance(step, SaveStep) else step.save
        ids = {save.saver.id} if isinstance(step, SaveStep) else {save.saver.id, step.loader.id}
        # The control model shows which formats an environment reads: it is always among them.
        return ids <= self.environments and (save.control or save.recipe.name in self.models)


def first_part(spec: Spec, plan: Plan) -> FirstPart | None:
    """The first models in the last two environments with the commonest backend: an upgrade.

    None in a short run, and where these environments have nothing new to save.
    """
    if len(spec.environments) <= ENVIRONMENTS or plan.new < LONG:
        return None
    commonest = Counter(one.backend for one in spec.environments).most_common(1)[0][0]
    alike = [one.id for one in spec.environments if one.backend is commonest]
    every = [one.id for one in spec.environments]
    chosen = (alike if len(alike) >= ENVIRONMENTS else every)[-ENVIRONMENTS:]
    part = FirstPart(
        environments=frozenset(chosen),
        models=frozenset(one.name for one in spec.recipes[:MODELS]),
    )
    new = any(step in part for step in plan.saves if step.why is not Why.KNOWN)
    return part if new else None
