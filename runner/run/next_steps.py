"""What is asked next of a cell that failed, and which answers of shared processes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.evaluate.fallbacks import explaining_step, scenario_steps
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.steps import AS_IS, SAVE_AGAIN, LoadStep

if TYPE_CHECKING:
    from collections.abc import Container

    from runner.evaluate.evaluator import Evaluator
    from runner.model.evidence import Evidence
    from runner.model.steps import Plan, Step


def further_steps(
    plan: Plan, evaluator: Evaluator, *, down: Container[str], known: Container[str]
) -> list[LoadStep]:
    """Return what is to be asked next about the cells whose first answer is known.

    down: environments that cannot be asked. known: keys of evidence.
    """
    found: dict[str, LoadStep] = {}  # several loaders may wait for the same resave
    for load in plan.loads:
        if load.control or load.loader.id in down or load.save.saver.id in down:
            continue
        if evaluator.evaluate_save(load.save).status is not ArtifactStatus.SAVED:
            continue
        found |= {step.key: step for step in _next_steps(evaluator, load) if step.key not in known}
    return [step for step in found.values() if step.loader.id not in down]


def _next_steps(evaluator: Evaluator, load: LoadStep) -> list[LoadStep]:
    as_is = evaluator.as_is(load)
    if as_is is None:
        return []
    following = evaluator.fallbacks(load, as_is).following
    steps = [following] if following is not None else []
    if as_is.own:
        steps += scenario_steps(load)
        if as_is.finding.verdict is Verdict.DRIFTED and as_is.finding.outputs:
            steps.append(explaining_step(load))
    return steps


def trusted(evaluator: Evaluator, step: Step, evidence: Evidence) -> bool:
    """Return whether evidence from a shared process counts, or the step must run again alone.

    Only what is plainly identical is believed of a first load. Of another route every
    failure is believed too, except predictions that differ: at worst a remedy is missed,
    never one made up.
    """
    if not isinstance(step, LoadStep):
        return False
    if step.way.startswith(SAVE_AGAIN):
        return True  # what it wrote is evaluated where it is loaded
    verdict = evaluator.evaluate_load(step, evidence).verdict
    if step.way == AS_IS:
        return verdict is Verdict.IDENTICAL
    return verdict is not Verdict.DRIFTED
