"""Evidence about users' files to findings, by the same rules as a cell of the matrix. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.evaluate.numbers import compare_outputs, compare_weights
from runner.evaluate.verdict_rules import Question, decide
from runner.model.evidence import Ending, Evidence, Failure, Observation, Stage
from runner.model.finding import Finding, FindingCode, Verdict
from runner.model.routes import find_route
from runner.model.signature import EnvironmentVersions, Symptoms
from runner.model.steps import AS_IS
from runner.model.user_file import FileAttempt, FileCell
from runner.signatures import load_signatures, recognise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.model.evidence import Array
    from runner.model.inspection import Inspection
    from runner.model.matrix import Format, Tolerance
    from runner.plan.candidates import Candidate

EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEvidence:
    """Evidence of one route, with what only users' files have."""

    evidence: Evidence
    key: str = ""  # of the step that asked for it
    inputs: tuple[Array, ...] = ()

    @property
    def outputs(self) -> tuple[Array, ...]:
        """What was predicted; empty where nothing was."""
        observation = self.evidence.observation
        return observation.outputs if observation is not None else ()

    @property
    def loaded(self) -> bool:
        """Whether the load, and everything after it, succeeded."""
        evidence = self.evidence
        return (
            evidence.ending is Ending.DONE
            and evidence.failure is None
            and evidence.not_available is None
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What predictions are compared with. ``name``: an environment, or ``expected``.

    ``inputs``: what they were predicted from; empty where the user gave inputs.
    ``model``: what an environment observed; outputs that a user expects come alone.
    """

    name: str
    outputs: tuple[Array, ...]
    inputs: tuple[Array, ...] = ()
    model: Observation | None = None


def choose_reference(
    order: Sequence[Candidate], answers: Mapping[str, Mapping[str, FileEvidence]]
) -> Reference | None:
    """Take the environment nearest to the saver that loads the file, as is if any does."""
    for as_is in (True, False):
        for candidate in order:
            name = candidate.environment.id
            for route, one in answers.get(name, {}).items():
                if (route == AS_IS) is as_is and one.loaded and one.outputs:
                    return Reference(
                        name=name,
                        outputs=one.outputs,
                        inputs=one.inputs,
                        model=one.evidence.observation,
                    )
    return None


def attempt_of(
    route: str,
    answer: FileEvidence,
    *,
    format_: Format,
    inspection: Inspection,
    candidate: Candidate,
    reference: Reference | None,
    tolerance: Tolerance,
    code: str = "",
) -> FileAttempt:
    """Evaluate one route. Without a reference nothing is compared, and a load counts as one."""
    evidence = answer.evidence
    own = reference is not None and reference.name == candidate.environment.id
    finding, compared = _finding(answer, format_, reference, tolerance)
    if compared and reference is not None and finding.verdict.safe:
        finding = replace(finding, reason=_agreement(finding, reference, own=own))
    elif compared and reference is not None and finding.verdict is Verdict.DRIFTED:
        reason = f"predicts something else than {reference.name}: {finding.reason}"
        finding = replace(finding, reason=reason)
    symptoms = _symptoms(evidence, inspection, candidate, finding, reference)
    shown = () if finding.verdict.safe else recognise(symptoms, load_signatures())
    agrees = reference is not None and finding.outputs is not None and finding.outputs.equal
    return FileAttempt(
        route=route,
        verdict=finding.verdict,
        reason=finding.reason,
        compared=compared,
        signatures=shown,
        stage=str(evidence.stage),
        error=evidence.failure.type if evidence.failure else None,
        outputs=finding.outputs,
        agrees_with=reference.name if agrees and reference is not None else None,
        lost=finding.lost,
        seconds=evidence.seconds,
        code=code,
    )


def _finding(
    answer: FileEvidence, format_: Format, reference: Reference | None, tolerance: Tolerance
) -> tuple[Finding, bool]:
    """Return the finding, and whether anything could be compared."""
    if not answer.loaded:
        return _judged(answer, answer.evidence, format_, tolerance), True
    if answer.evidence.no_inputs is not None or not answer.outputs:
        why = f": {answer.evidence.no_inputs}" if answer.evidence.no_inputs is not None else ""
        reason = f"loads; nothing was predicted{why}"
        return _loaded(FindingCode.NOT_PREDICTED, reason), False
    if reference is None or _is_random(answer, tolerance):
        if reference is None:
            return _loaded(FindingCode.NO_REFERENCE, "loads and predicts"), False
        reason = "loads; it is random by itself: two predictions differ"
        return _loaded(FindingCode.RANDOM_NOT_COMPARED, reason), False
    if reference.model is not None:
        saved = replace(answer.evidence, observation=reference.model)
        return _judged(answer, saved, format_, tolerance), True
    outputs = compare_outputs(reference.outputs, answer.outputs, tolerance)
    verdict = Verdict.IDENTICAL if outputs.equal else Verdict.DRIFTED
    code = FindingCode.SAME_PREDICTIONS if outputs.equal else FindingCode.OTHER_PREDICTIONS
    reason = outputs.reason or f"predictions differ by up to {outputs.max_abs:.3g}"
    return Finding(verdict=verdict, code=code, reason=reason, outputs=outputs), True


def _loaded(code: FindingCode, reason: str) -> Finding:
    """Return the finding for a model that loads and has nothing to compare."""
    return Finding(verdict=Verdict.DEGRADED, code=code, reason=reason)


def _judged(
    answer: FileEvidence, saved: Evidence, format_: Format, tolerance: Tolerance
) -> Finding:
    return decide(
        Question(
            format=format_,
            tolerance=tolerance,
            save=saved,
            load=answer.evidence,
        )
    )


def _is_random(answer: FileEvidence, tolerance: Tolerance) -> bool:
    observation = answer.evidence.observation
    if observation is None or observation.again is None:
        return False
    return not compare_outputs(answer.outputs, observation.again, tolerance).equal


def _agreement(finding: Finding, reference: Reference, *, own: bool) -> str:
    if own:
        return "loads and predicts (the reference)"
    lost = f"; {finding.lost[0]}" if finding.lost else ""
    return f"predicts the same as {reference.name}{lost}"


def _symptoms(
    evidence: Evidence,
    inspection: Inspection,
    candidate: Candidate,
    finding: Finding,
    reference: Reference | None,
) -> Symptoms:
    """Use what the reference holds as what was saved, because the saver is unknown."""
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
        outputs=finding.outputs,
        weights=compare_weights(saved.variables, loaded.variables)
        if saved is not None and loaded is not None
        else None,
    )


def _in_words(not_available: str | None) -> Failure | None:
    """Recognise what a loader lacks as a failure, though nothing was raised."""
    if not_available is None:
        return None
    return Failure(type="", message=not_available, traceback=not_available)


def predict_failed(answer: FileEvidence) -> bool:
    """Whether the model was loaded, and predicting failed."""
    return answer.evidence.failure is not None and answer.evidence.stage is Stage.PREDICT


def cell_of(name: str, attempts: Sequence[FileAttempt], *, sandbox: bool) -> FileCell:
    """Return an environment's verdict: as is, or what helped.

    What drifts as is stays drifted, whatever helps: nobody who loads it is told to look for help.
    """
    as_is = attempts[0]
    works = next((one for one in attempts if one.verdict.safe), None)
    verdict, reason = as_is.verdict, as_is.reason
    if works is not None and works is not as_is and verdict is not Verdict.DRIFTED:
        verdict = Verdict.REMEDIED
        reason = f"{find_route(works.route).title}: {works.reason}"
    return FileCell(
        environment=name,
        verdict=verdict,
        route=works.route if works is not None else None,
        reason=reason,
        attempts=tuple(attempts),
        sandbox=sandbox,
    )
