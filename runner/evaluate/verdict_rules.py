"""The verdict of one cell from its evidence. Pure rules; the order is the meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from runner.display_text import cut, one_line
from runner.evaluate.losses import losses
from runner.evaluate.numbers import compare_outputs, compare_weights
from runner.evaluate.tool_limitations import own_limit
from runner.evaluate.usage_losses import other_nesting
from runner.model.evidence import Ending, Stage
from runner.model.finding import Finding, FindingCode, Verdict

if TYPE_CHECKING:
    from runner.model.evidence import Evidence, Failure, Observation
    from runner.model.finding import Comparison, WeightsComparison
    from runner.model.matrix import Format, Tolerance

UNBUILT = "it loads; it has no weights before it sees an input, so there is nothing to compare"
# Where the store keeps an artifact, or a saver's scratch folder: another place in every run, and
# no part of what happened. ``…/store/artifacts/ab/abcd…/model.h5`` becomes ``model.h5``.
OWN_FOLDERS = re.compile(
    r"[^\s'\"<>({\[]*/(?:[0-9a-f]{2}/[0-9a-f]{64}|batch-[0-9]+/[0-9]+/artifact)/"
    r"|\$(?:ARTIFACT|TASK)/"
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # Keras 3 writes some of its messages in bold
FAILED_AT = {
    Stage.PREDICT: (FindingCode.PREDICT_FAILED, "loads, then predict() fails: "),
    Stage.WEIGHTS: (FindingCode.WEIGHTS_FAILED, "the weights do not load: "),
    Stage.BUILD: (FindingCode.BUILD_FAILED, "cannot be built from its code: "),
}
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")  # of memory: HDF5 and default reprs name them


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The facts that a verdict is decided from."""

    format: Format
    tolerance: Tolerance
    save: Evidence
    load: Evidence
    reader: bool = True  # the loader reads this format at all; see ``has_reader``


def decide(question: Question) -> Finding:
    """Return the verdict of a cell whose artifact was saved and whose load ended somehow.

    What a saver's own load says of the others is decided in ``round_trips``.
    """
    load = question.load
    match load.ending:
        case Ending.CRASHED:
            name = f"signal {load.signal}" if load.signal else "exit without a word"
            return Finding(
                verdict=Verdict.CRASHED,
                code=FindingCode.PROCESS_DIED,
                reason=f"the process died ({name}) at stage {load.stage}{load.stood_in}",
            )
        case Ending.MEMORY:
            return Finding(
                verdict=Verdict.CRASHED,
                code=FindingCode.MEMORY_LIMIT,
                reason=f"over its memory limit at stage {load.stage}",
            )
        case Ending.HUNG:
            return Finding(
                verdict=Verdict.HUNG,
                code=FindingCode.TIME_LIMIT,
                reason=f"over its time limit at stage {load.stage}{load.stood_in}",
            )
        case Ending.DONE:
            return _judge_end(question)
        case _:
            assert_never(load.ending)


def _judge_end(question: Question) -> Finding:
    load = question.load
    if load.not_available is not None:
        return Finding(
            verdict=Verdict.UNSUPPORTED,
            code=FindingCode.NOT_AVAILABLE,
            reason=load.not_available,
        )
    limit = own_limit(load.failure)
    if limit is not None:
        return Finding(verdict=Verdict.UNSUPPORTED, code=FindingCode.TOOL_LIMIT, reason=limit)
    answered = load.observation is not None and bool(load.observation.outputs)
    if load.failure is not None and not answered:
        if not question.reader:
            return Finding(
                verdict=Verdict.UNSUPPORTED,
                code=FindingCode.NO_READER,
                reason=f"no reader for {question.format} here: {headline(load.failure)}",
            )
        code, where = FAILED_AT.get(load.stage, (FindingCode.LOAD_FAILED, ""))
        return Finding(
            verdict=Verdict.REFUSED,
            code=code,
            reason=where + headline(load.failure),
            weights=_weights(question),
        )
    saved = question.save.observation
    if load.failure is None and load.built is False and (saved is None or not saved.outputs):
        return Finding(verdict=Verdict.DEGRADED, code=FindingCode.UNBUILT, reason=UNBUILT)
    if saved is None or load.observation is None:
        return Finding(
            verdict=Verdict.REFUSED,
            code=FindingCode.NO_PREDICTIONS,
            reason="it ended without predictions",
        )
    return _compare_numbers(question, saved, load.observation)


def _compare_numbers(question: Question, saved: Observation, loaded: Observation) -> Finding:
    weights = _weights(question)
    outputs = compare_outputs(saved.outputs, loaded.outputs, question.tolerance)
    if _is_random(saved, question.tolerance):
        return _judge_random(outputs, weights)
    if outputs.equal and loaded.called is not None:
        reference = saved.called if saved.called is not None else saved.outputs
        called = compare_outputs(reference, loaded.called, question.tolerance)
        if not called.equal:
            return Finding(
                verdict=Verdict.DRIFTED,
                code=FindingCode.OTHER_CALL,
                reason="predict() is the same, model(x, training=False) is not: "
                + _difference(called),
                outputs=called,
                weights=weights,
            )
    if not outputs.equal:
        return Finding(
            verdict=Verdict.DRIFTED,
            code=FindingCode.OTHER_PREDICTIONS,
            reason=_drift(outputs, weights, random=_is_random(loaded, question.tolerance)),
            outputs=outputs,
            weights=weights,
        )
    lost = tuple(losses(question.format, saved, question.load, weights, question.tolerance))
    return Finding(
        verdict=Verdict.DEGRADED if lost else Verdict.IDENTICAL,
        code=_code_of(lost, saved, loaded),
        reason=lost[0] if lost else "predicts the same",
        outputs=outputs,
        weights=weights,
        lost=lost,
    )


def _code_of(lost: tuple[str, ...], saved: Observation, loaded: Observation) -> FindingCode:
    if not lost:
        return FindingCode.SAME_PREDICTIONS
    nesting = tuple(other_nesting(saved.usage, loaded.usage))
    return FindingCode.OTHER_NESTING if lost == nesting else FindingCode.LOST


def _judge_random(outputs: Comparison, weights: WeightsComparison | None) -> Finding:
    """Evaluate a model that is random by itself by its weights, not by its predictions.

    A route that gives a function in place of a model has no weights to compare.
    """
    if weights is not None and weights.all_equal:
        return Finding(
            verdict=Verdict.IDENTICAL,
            code=FindingCode.RANDOM_SAME_WEIGHTS,
            reason="random by itself (two predictions of the saver differ); all weights are equal",
            weights=weights,
        )
    if weights is None or not weights.loaded:
        return Finding(
            verdict=Verdict.DEGRADED,
            code=FindingCode.RANDOM_NOT_COMPARED,
            reason="random by itself (two predictions of the saver differ); it loads and "
            "predicts, and this way of loading shows no weights to compare",
            weights=weights,
        )
    return Finding(
        verdict=Verdict.DRIFTED,
        code=FindingCode.RANDOM_OTHER_WEIGHTS,
        reason="random by itself, and its weights are not the saver's",
        outputs=outputs,
        weights=weights,
    )


def _is_random(observation: Observation, tolerance: Tolerance) -> bool:
    if observation.again is None:
        return False
    return not compare_outputs(observation.outputs, observation.again, tolerance).equal


def _weights(question: Question) -> WeightsComparison | None:
    saved, loaded = question.save.observation, question.load.observation
    if saved is None or loaded is None or question.format.predictions_only:
        return None
    return compare_weights(saved.variables, loaded.variables)


def _drift(outputs: Comparison, weights: WeightsComparison | None, *, random: bool) -> str:
    if random:
        cause = "it predicts something else each time"
    elif weights is None:
        cause = "it predicts something else"
    elif weights.all_equal:
        cause = "all weights are equal, the arithmetic is not"
    elif weights.equal + weights.flipped == weights.saved:
        cause = f"{weights.flipped} kernels are flipped"
    elif weights.equal == 0:
        cause = "none of the weights is the saver's"
    else:
        cause = f"only {weights.equal} of {weights.saved} weight arrays are the saver's"
    return f"{_difference(outputs)}; {cause}"


def _difference(outputs: Comparison) -> str:
    if outputs.reason is not None:
        return outputs.reason
    return f"predictions differ by up to {outputs.max_abs:.3g}"


def headline(failure: Failure, limit: int = 200) -> str:
    """One line for people: the type's short name and the innermost text."""
    text = COLOUR.sub("", failure.innermost or failure.message)
    text = OWN_FOLDERS.sub("", one_line(text))
    text = cut(ADDRESS.sub("0x…", text), limit)
    return f"{failure.short_type}: {text}"


def has_reader(*, writes_control: bool, control_load: Evidence | None) -> bool:
    """Whether a loader has a reader for a format, by asking it.

    It has one when it writes the format itself, or when it loads the saver's control model. A
    control that was not run proves nothing, and the benefit of the doubt is for the reader: then
    a refusal stays a refusal.
    """
    if writes_control or control_load is None:
        return True
    if control_load.ending is not Ending.DONE:
        return True
    return control_load.failure is None and control_load.not_available is None
