"""How a verdict looks and what it says: one sign, one word, one line; colour is never alone."""

from __future__ import annotations

from dataclasses import dataclass

from runner.model.finding import Verdict, VerdictKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The signs of one verdict, the same on the page, the terminal and the badge."""

    verdict: Verdict
    symbol: str  # one character that common fonts have
    plain: str  # the same for terminals that know ASCII only
    style: str  # of rich
    meaning: str

    @property
    def kind(self) -> VerdictKind:
        """Of the verdict."""
        return self.verdict.kind


LOOKS = (
    Look(
        verdict=Verdict.IDENTICAL,
        symbol="✓",
        plain=".",
        style="green",
        meaning="same predictions, weights, config and training state",
    ),
    Look(
        verdict=Verdict.DEGRADED,
        symbol="◐",
        plain="d",
        style="yellow",
        meaning="same predictions, but something else was lost",
    ),
    Look(
        verdict=Verdict.REMEDIED,
        symbol="↻",
        plain="r",
        style="cyan",
        meaning="fails as is; another way of loading was verified",
    ),
    Look(
        verdict=Verdict.REFUSED,
        symbol="✕",
        plain="x",
        style="red",
        meaning="fails on every way of loading that was tried",
    ),
    Look(
        verdict=Verdict.CRASHED,
        symbol="!",
        plain="!",
        style="bold red",
        meaning="the process died",
    ),
    Look(
        verdict=Verdict.HUNG,
        symbol="∞",
        plain="h",
        style="red",
        meaning="over its time limit, killed",
    ),
    Look(
        verdict=Verdict.DRIFTED,
        symbol="≠",
        plain="~",
        style="bold magenta",
        meaning="loads, and predicts something else: silently wrong",
    ),
    Look(
        verdict=Verdict.UNSUPPORTED,
        symbol="–",
        plain="-",
        style="dim",
        meaning="no writer or no reader for the format, or the file lacks the model",
    ),
    Look(
        verdict=Verdict.UNAVAILABLE,
        symbol="○",
        plain="o",
        style="dim",
        meaning="the environment could not be installed or started",
    ),
    Look(
        verdict=Verdict.BROKEN,
        symbol="⊘",
        plain="b",
        style="yellow",
        meaning="the environment loads nothing that it saved itself in this format",
    ),
    Look(
        verdict=Verdict.MISSING,
        symbol="?",
        plain="?",
        style="dim",
        meaning="not run: interrupted, or a shard that is not here",
    ),
)
LOOK = {look.verdict: look for look in LOOKS}
ORDER = {verdict: number for number, verdict in enumerate(Verdict)}
