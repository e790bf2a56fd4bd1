"""Our judgement of evidence. Derived whenever it is needed, never stored in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """What a verdict says about the pair of saver and loader."""

    SAFE = "safe"  # the predictions are the same, the user does nothing
    REMEDIED = "remedied"
    FAILING = "red"
    ASIDE = "aside"  # not a verdict of the pair


class Verdict(StrEnum):
    """The verdict of a cell.

    The order is that of reports: verdicts of the pair from best to worst, then the four that
    say nothing about the pair.
    """

    IDENTICAL = "identical"  # same predictions, weights, config; training state there too
    DEGRADED = "degraded"  # same predictions, but something was lost
    REMEDIED = "remedied"  # fails as is; a verified route works
    REFUSED = "refused"  # fails on every route tried
    CRASHED = "crashed"
    HUNG = "hung"
    DRIFTED = "drifted"  # loads, and predicts something else: the worst, because silent
    UNSUPPORTED = "unsupported"  # no reader in the loader, or the file lacks the model
    UNAVAILABLE = "unavailable"  # the environment could not be installed or started
    BROKEN = "broken"  # the environment reads back nothing that it saves in this format
    MISSING = "missing"  # not run: interrupted, or a shard that is not here

    @property
    def rank(self) -> int:
        """How bad the verdict is for a user who loads the file; the same rank is equally bad.

        Verdicts without an answer have the lowest ranks: any answer is preferred to them.
        """
        return _RANKS[self]

    @property
    def kind(self) -> VerdictKind:
        """What it says about the pair."""
        return _KINDS[self]

    @property
    def safe(self) -> bool:
        """Whether a user's predictions are the same without doing anything."""
        return self.kind is VerdictKind.SAFE

    @property
    def failing(self) -> bool:
        """Whether the pair fails."""
        return self.kind is VerdictKind.FAILING

    @property
    def red(self) -> bool:
        """Whether this is a failure that somebody has to expect: of the pair, or of the control."""
        return self.failing or self is Verdict.BROKEN

    @property
    def answered(self) -> bool:
        """Whether the cell was measured, whatever the result."""
        return self not in {Verdict.UNAVAILABLE, Verdict.MISSING}


_RANKS = {
    Verdict.MISSING: 0,
    Verdict.UNAVAILABLE: 1,
    Verdict.IDENTICAL: 2,
    Verdict.DEGRADED: 3,
    Verdict.REMEDIED: 4,
    Verdict.UNSUPPORTED: 5,
    Verdict.REFUSED: 6,
    Verdict.CRASHED: 6,
    Verdict.HUNG: 6,
    Verdict.BROKEN: 6,
    Verdict.DRIFTED: 7,  # nothing tells the user about it
}
_KINDS = {
    Verdict.IDENTICAL: VerdictKind.SAFE,
    Verdict.DEGRADED: VerdictKind.SAFE,
    Verdict.REMEDIED: VerdictKind.REMEDIED,
    Verdict.REFUSED: VerdictKind.FAILING,
    Verdict.CRASHED: VerdictKind.FAILING,
    Verdict.HUNG: VerdictKind.FAILING,
    Verdict.DRIFTED: VerdictKind.FAILING,
    Verdict.UNSUPPORTED: VerdictKind.ASIDE,
    Verdict.UNAVAILABLE: VerdictKind.ASIDE,
    Verdict.BROKEN: VerdictKind.ASIDE,
    Verdict.MISSING: VerdictKind.ASIDE,
}


class FindingCode(StrEnum):
    """The rule that gave a verdict. Decisions are taken from it, never from the reason's text."""

    SAME_PREDICTIONS = "same-predictions"
    LOST = "lost"  # the same predictions; see ``Finding.lost``
    OTHER_NESTING = "other-nesting"  # the same, but in a list where there was none, or none
    RANDOM_SAME_WEIGHTS = "random-same-weights"  # the saver's own predictions differ each time
    RANDOM_OTHER_WEIGHTS = "random-other-weights"
    OTHER_PREDICTIONS = "other-predictions"
    OTHER_CALL = "other-call"  # predict() agrees, calling the model does not
    LOAD_FAILED = "load-failed"
    BUILD_FAILED = "build-failed"  # the code that builds the model
    WEIGHTS_FAILED = "weights-failed"
    PREDICT_FAILED = "predict-failed"
    NOT_PREDICTED = "not-predicted"  # it loads; inputs for it are not known
    NO_REFERENCE = "no-reference"  # it loads; no predictions of another load to compare with
    RANDOM_NOT_COMPARED = "random-not-compared"
    UNBUILT = "unbuilt"  # it loads; it has no weights before it sees an input
    NO_PREDICTIONS = "no-predictions"
    PROCESS_DIED = "process-died"
    MEMORY_LIMIT = "memory-limit"
    TIME_LIMIT = "time-limit"
    NO_READER = "no-reader"  # the loader does not read this format at all
    NOT_AVAILABLE = "not-available"  # what the route or the recipe needs is not in the environment
    TOOL_LIMIT = "tool-limit"  # kmatrix's own doing
    NOT_SAVED = "not-saved"  # the saver cannot save this model
    FILE_LACKS_IT = "file-lacks-it"  # fails here, and in the environment that saved it
    ARTIFACT_GONE = "artifact-gone"
    ENVIRONMENT_DOWN = "environment-down"
    NOT_RUN = "not-run"

    @property
    def random(self) -> bool:
        """Whether two predictions of the saver's own model differ."""
        return self in {
            FindingCode.RANDOM_SAME_WEIGHTS,
            FindingCode.RANDOM_OTHER_WEIGHTS,
            FindingCode.RANDOM_NOT_COMPARED,
        }


class ArtifactStatus(StrEnum):
    """What became of a save."""

    SAVED = "saved"
    FAILED = "failed"  # this environment writes the format, but not this reference model
    UNSUPPORTED = "unsupported"  # it does not write the format, or lacks what the recipe needs
    UNAVAILABLE = "unavailable"
    MISSING = "missing"

    @property
    def rank(self) -> int:
        """Of two answers about one artifact the higher one is kept."""
        return _ARTIFACT_RANKS[self]


_ARTIFACT_RANKS = {
    ArtifactStatus.MISSING: 0,
    ArtifactStatus.UNAVAILABLE: 1,
    ArtifactStatus.UNSUPPORTED: 2,
    ArtifactStatus.SAVED: 3,
    ArtifactStatus.FAILED: 4,
}


class EnvironmentStatus(StrEnum):
    """Whether an environment could be used in a run."""

    READY = "ready"
    UNAVAILABLE = "unavailable"  # it could not be installed or started
    BROKEN = "broken"  # it starts, and cannot import its Keras

    @property
    def rank(self) -> int:
        """Of two answers about one environment the higher one is kept."""
        return _STATUS_RANKS[self]


_STATUS_RANKS = {
    EnvironmentStatus.UNAVAILABLE: 0,
    EnvironmentStatus.READY: 1,
    EnvironmentStatus.BROKEN: 2,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two sets of outputs, element by element."""

    equal: bool  # within the tolerance
    rtol: float
    atol: float
    elements: int
    mismatched: int
    max_abs: float  # the largest absolute difference; inf where shapes or NaNs differ
    worst_saved: float | None = None  # the element that is furthest over its tolerance
    worst_loaded: float | None = None
    worst_index: tuple[int, ...] | None = None  # output number first
    reason: str | None = None  # where no numbers could be compared: shapes, counts, NaN


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightsComparison:
    """The loaded model's arrays against the saver's, matched by shape and digest."""

    saved: int
    loaded: int
    equal: int
    flipped: int = 0  # equal after reversing the spatial axes

    @property
    def all_equal(self) -> bool:
        """Whether every array of the saver's is there, bit for bit, and nothing else."""
        return self.saved == self.loaded == self.equal


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A verdict, the rule that gave it, and the words for it."""

    verdict: Verdict
    code: FindingCode
    reason: str  # one line for people
    outputs: Comparison | None = None
    weights: WeightsComparison | None = None
    lost: tuple[str, ...] = ()  # what a degraded cell lost, one line each
