"""Which environments a long run measures first, so that a first page is there early. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.model.steps import Why

if TYPE_CHECKING:
    from runner.model.matrix import Spec
    from runner.model.steps import Plan

LONG = 100  # saves and loads that are new
FIRST = 2  # environments


def first_environments(spec: Spec, plan: Plan) -> frozenset[str]:
    """The last two environments with the commonest backend, an upgrade; none in a short run."""
    new = {step.saver.id for step in plan.saves if step.why is not Why.KNOWN}
    if len(spec.environments) <= FIRST or plan.new < LONG:
        return frozenset()
    commonest = Counter(one.backend for one in spec.environments).most_common(1)[0][0]
    chosen = [one.id for one in spec.environments if one.backend is commonest][-FIRST:]
    return frozenset(chosen) if new & set(chosen) else frozenset()
