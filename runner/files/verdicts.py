"""What came of each attempt on a foreign file, and which environments agree. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.evaluate.numbers import compare_outputs, compare_weights
from runner.evaluate.routes import find_route
from runner.model.evidence import Ending, Failure
from runner.model.signature import EnvironmentVersions, Symptoms
from runner.model.steps import AS_IS
from runner.nouns.loading import Attempt, EnvironmentLoad, Outcome
from runner.signatures import load_signatures, recognise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.files.likely import Candidate
    from runner.model.evidence import Array, Evidence, Observation
    from runner.model.finding import Comparison
    from runner.model.inspection import Inspection
    from runner.model.matrix import Tolerance

REASON = 240  # characters of a reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """Evidence of one route, with what only foreign files have."""

    evidence: Evidence
    inputs: tuple[Array, ...] = ()
    no_inputs: str | None = None  # why nothing could be predicted

    @property
    def outputs(self) -> tuple[Array, ...]:
        """What was predicted; empty where nothing was."""
        observation = self.evidence.observation
        return observation.outputs if observation is not None else ()

    @property
    def whole(self) -> bool:
        """Whether the load, and everything after it, went well."""
        evidence = self.evidence
        return (
            evidence.ending is Ending.DONE
            and evidence.failure is None
            and evidence.not_available is None
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What predictions are compared with. ``name``: an environment, or ``expected``.

    ``model``: what an environment saw of its own; what a user expects is outputs alone.
    """

    name: str
    outputs: tuple[Array, ...]
    model: Observation | None = None


def choose_reference(
    order: Sequence[Candidate], tried: Mapping[str, Mapping[str, Tried]]
) -> Reference | None:
    """Predictions of the environment nearest to the saver that loads the file, as is at best."""
    for as_is in (True, False):
        for candidate in order:
            name = candidate.environment.id
            for route, one in tried.get(name, {}).items():
                if (route == AS_IS) is as_is and one.whole and one.outputs:
                    return Reference(name=name, outputs=one.outputs, model=one.evidence.observation)
    return None


def attempt_of(
    route: str,
    tried: Tried,
    *,
    inspection: Inspection,
    candidate: Candidate,
    reference: Reference | None,
    tolerance: Tolerance,
) -> Attempt:
    """One route's outcome. Without a reference a load that predicts is taken for good."""
    evidence = tried.evidence
    outcome, reason = _ended(tried)
    comparison = None
    if outcome is Outcome.LOADS and _random(tried, tolerance):
        outcome, reason = Outcome.UNCHECKED, "it is random by itself: two predictions differ"
    elif outcome is Outcome.LOADS and reference is not None:
        comparison = compare_outputs(reference.outputs, tried.outputs, tolerance)
        if comparison.equal and reference.name == candidate.environment.id:
            reason = "loads and predicts (the reference)"
        elif comparison.equal:
            reason = f"predicts what {reference.name} predicts"
        else:
            outcome = Outcome.DRIFTED
            reason = comparison.reason or (
                f"predicts something else than {reference.name}: largest difference "
                f"{comparison.max_abs:.3g}"
            )
    symptoms = _symptoms(evidence, inspection, candidate, comparison, reference)
    shown = () if outcome.good else recognise(symptoms, load_signatures())
    return Attempt(
        route=route,
        outcome=outcome,
        reason=reason,
        signatures=shown,
        stage=str(evidence.stage),
        error=evidence.failure.type if evidence.failure else None,
        outputs=comparison,
        agrees_with=reference.name if comparison is not None and comparison.equal else None,  # type: ignore[union-attr]
        seconds=evidence.seconds,
    )


def _ended(tried: Tried) -> tuple[Outcome, str]:
    evidence = tried.evidence
    match evidence.ending:
        case Ending.CRASHED:
            name = f"signal {evidence.signal}" if evidence.signal else "no word"
            return Outcome.CRASHED, (
                f"the process died ({name}) at stage {evidence.stage}{evidence.stood_in}"
            )
        case Ending.MEMORY:
            return Outcome.CRASHED, f"over its memory limit at stage {evidence.stage}"
        case Ending.HUNG:
            return Outcome.HUNG, (
                f"over its time limit at stage {evidence.stage}{evidence.stood_in}"
            )
        case Ending.DONE:
            pass
    if evidence.not_available is not None:
        return Outcome.REFUSED, evidence.not_available
    if evidence.failure is not None:
        text = evidence.failure.innermost or evidence.failure.message
        where = "loads, and fails to predict: " if evidence.stage == "predict" else ""
        kind = evidence.failure.type.rpartition(".")[2]
        return Outcome.REFUSED, f"{where}{kind}: {_one_line(text)}"
    if tried.no_inputs is not None:
        return Outcome.UNCHECKED, f"loads; nothing was predicted: {tried.no_inputs}"
    return Outcome.LOADS, "loads and predicts"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= REASON else f"{line[:REASON]}…"


def _random(tried: Tried, tolerance: Tolerance) -> bool:
    observation = tried.evidence.observation
    if observation is None or observation.again is None:
        return False
    return not compare_outputs(tried.outputs, observation.again, tolerance).equal


def _symptoms(
    evidence: Evidence,
    inspection: Inspection,
    candidate: Candidate,
    outputs: Comparison | None,
    reference: Reference | None,
) -> Symptoms:
    """The saver is not here: what the reference holds stands for what was saved."""
    saver, loaded = inspection.saver, evidence.observation
    saved = reference.model if reference is not None else None
    return Symptoms(
        format=str(inspection.format),
        stage=str(evidence.stage),
        failure=evidence.failure or _in_words(evidence.not_available),
        signal=evidence.signal,
        stack=evidence.stack,
        warnings=evidence.warnings,
        saver=EnvironmentVersions(
            keras=saver.keras, tensorflow=saver.tensorflow, backend=saver.backend
        ),
        loader=EnvironmentVersions(
            keras=candidate.keras,
            tensorflow=candidate.tensorflow,
            backend=str(candidate.environment.backend),
            python=candidate.environment.installation.python,
            api=str(candidate.environment.api),
        ),
        saved_config=saved.config if saved is not None else None,
        loaded_config=loaded.config if loaded is not None else None,
        outputs=outputs,
        weights=compare_weights(saved.variables, loaded.variables)
        if saved is not None and loaded is not None
        else None,
    )


def _in_words(not_available: str | None) -> Failure | None:
    """What a loader lacks is a failure that can be recognised, though nothing was raised."""
    if not_available is None:
        return None
    return Failure(type="", message=not_available, traceback=not_available)


def environment_load(name: str, attempts: Sequence[Attempt], *, sandbox: bool) -> EnvironmentLoad:
    """An environment's outcome: as is, or what helped.

    What drifts as is stays drifted, whatever helps: nobody who loads it is told that help is due.
    """
    as_is = attempts[0]
    works = next((one for one in attempts if one.outcome.good), None)
    if works is None:
        return EnvironmentLoad(
            environment=name,
            outcome=as_is.outcome,
            route=None,
            reason=as_is.reason,
            attempts=tuple(attempts),
            sandbox=sandbox,
        )
    outcome, reason = as_is.outcome, as_is.reason
    if works is not as_is and outcome is not Outcome.DRIFTED:
        outcome = Outcome.REMEDIED
        reason = f"{find_route(works.route).title}: {works.reason}"
    return EnvironmentLoad(
        environment=name,
        outcome=outcome,
        route=works.route,
        reason=reason,
        attempts=tuple(attempts),
        sandbox=sandbox,
    )
