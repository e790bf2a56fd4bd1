"""The fallbacks of one cell: what was tried, what came of it, and what is to be tried next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.evaluate.route_order import next_route
from runner.evaluate.verdict_rules import headline
from runner.model.finding import Verdict
from runner.model.results import AttemptResult
from runner.model.routes import SCENARIOS, Situation
from runner.model.steps import EXPLAIN, SCENARIO
from runner.plan.planner import in_another_way

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.evidence import Evidence
    from runner.model.finding import Finding
    from runner.model.keras_identity import KerasIdentity
    from runner.model.matrix import Environment
    from runner.model.scripts import Script
    from runner.model.steps import LoadStep

    Look = Callable[[str], Evidence | None]  # the evidence under a key
    Evaluate = Callable[[LoadStep, Evidence], Finding]
    ScriptOf = Callable[[str], Script]  # the script of a route

NEEDS_FALLBACK = frozenset(
    {Verdict.REFUSED, Verdict.DRIFTED, Verdict.CRASHED, Verdict.HUNG, Verdict.UNSUPPORTED}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallbacks:
    """The attempts of a cell so far. ``following``: the step to run next, None at the end."""

    attempts: tuple[AttemptResult, ...] = ()
    following: LoadStep | None = None

    @property
    def remedy(self) -> str | None:
        """The route that was verified."""
        return next((attempt.route for attempt in self.attempts if attempt.verified), None)


def follow(
    load: LoadStep, situation: Situation, look: Look, evaluate: Evaluate, script: ScriptOf
) -> Fallbacks:
    """List the attempts that have evidence, and the step that comes next."""
    tried: dict[str, Verdict] = {}
    attempts: list[AttemptResult] = []
    while (route := next_route(situation, tried)) is not None:
        step = in_another_way(load, route, script(route))
        evidence = look(step.key)
        if evidence is None:
            return Fallbacks(attempts=tuple(attempts), following=step)
        attempt = attempt_result(route, step, evidence, evaluate(step, evidence))
        attempts.append(attempt)
        tried[route] = attempt.verdict
    return Fallbacks(attempts=tuple(attempts))


def attempt_result(
    route: str, step: LoadStep, evidence: Evidence, finding: Finding, before: Script | None = None
) -> AttemptResult:
    """Return one attempt for reports. before: what ran in another environment first."""
    outputs = finding.outputs
    return AttemptResult(
        route=route,
        verdict=finding.verdict,
        reason=finding.reason,
        key=step.key,
        error=headline(evidence.failure) if evidence.failure is not None else None,
        max_abs=outputs.max_abs if outputs is not None else None,
        seconds=evidence.seconds,
        scripts=tuple(one.id for one in (before, step.script) if one is not None),
    )


def scenario_steps(load: LoadStep) -> tuple[LoadStep, ...]:
    """Return the same load with custom objects supplied in every other way."""
    if not load.save.recipe.scenarios or not load.save.format.takes_custom_objects:
        return ()
    return tuple(in_another_way(load, SCENARIO + scenario.id) for scenario in SCENARIOS)


def explaining_step(load: LoadStep) -> LoadStep:
    """Return the same load once more, every layer's output taken down."""
    return in_another_way(load, EXPLAIN)


def situation_of(
    load: LoadStep,
    as_is: Verdict,
    saved: Evidence,
    identity_of: Callable[[Environment], KerasIdentity],
    suggested: tuple[str, ...] = (),
) -> Situation:
    """Return what decides which fallbacks are tried.

    suggested: routes of the signatures seen.
    """
    observed = saved.observation
    config = (observed.config if observed is not None else None) or ""
    state = observed.train_state if observed is not None else None
    saver, loader = load.save.saver, load.loader
    written, read = identity_of(saver), identity_of(loader)
    return Situation(
        format=load.save.format,
        as_is=as_is,
        custom=load.save.recipe.custom,
        runs_code='"Lambda"' in config,
        compiled=state is not None and state.compiled,
        hard_sigmoid="hard_sigmoid" in config,
        convolution="Conv" in config,
        saver_backend=saver.backend,
        loader_backend=loader.backend,
        saver_keras3=written.keras3,
        loader_keras3=read.keras3,
        legacy_weights=written.writes_legacy_weights,
        saver_defaults=_other_defaults(config, written, read),
        tf_keras=read.legacy is not None and read.keras3,
        suggested=suggested,
        loader_tensorflow=read.tensorflow is not None,
    )


def _other_defaults(config: str, saver: KerasIdentity, loader: KerasIdentity) -> str | None:
    """Return the saver's defaults of recurrent layers where the model's differ here."""
    if not re.search(r"\b(?:LSTM|GRU)\b", config):
        return None
    found = saver.recurrent_defaults
    return str(found) if found is not loader.recurrent_defaults else None
