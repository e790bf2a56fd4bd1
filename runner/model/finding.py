"""Our judgement of evidence. Derived whenever it is needed, never stored in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Of a cell, best to worst; the last three are not verdicts of the pair."""

    IDENTICAL = "identical"  # same predictions, weights, config; training state there too
    DEGRADED = "degraded"  # same predictions, but something was lost
    REMEDIED = "remedied"  # fails as is; a verified route works
    REFUSED = "refused"  # fails on every route tried
    DRIFTED = "drifted"  # loads, and predicts something else: the worst, because silent
    CRASHED = "crashed"
    HUNG = "hung"
    UNSUPPORTED = "unsupported"  # no writer in the saver, or no reader in the loader, by design
    UNAVAILABLE = "unavailable"  # the environment could not be had
    BROKEN = "broken"  # the environment fails on its own artifact
    MISSING = "missing"  # not run: interrupted, or a shard that is not here

    @property
    def safe(self) -> bool:
        """Whether a user's predictions are the same without doing anything."""
        return self in {Verdict.IDENTICAL, Verdict.DEGRADED}

    @property
    def failing(self) -> bool:
        """Whether this is red for the pair."""
        return self in {Verdict.REFUSED, Verdict.DRIFTED, Verdict.CRASHED, Verdict.HUNG}


class ArtifactStatus(StrEnum):
    """What became of a save."""

    SAVED = "saved"
    FAILED = "failed"  # this environment writes the format, but not this reference model
    UNSUPPORTED = "unsupported"  # it does not write the format, or lacks what the recipe needs
    UNAVAILABLE = "unavailable"
    MISSING = "missing"


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
    """A verdict and the words for it."""

    verdict: Verdict
    reason: str  # one line for people
    outputs: Comparison | None = None
    weights: WeightsComparison | None = None
    lost: tuple[str, ...] = ()  # what a degraded cell lost, one line each
    random: bool = False  # two predictions of the saver's own model differ
