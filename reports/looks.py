"""How a verdict looks and what it says: one sign, one word, one line; colour is never alone."""

from __future__ import annotations

from dataclasses import dataclass

from runner.model.finding import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The signs of one verdict, the same on the page, the terminal and the badge."""

    verdict: Verdict
    symbol: str  # one character that common fonts have
    plain: str  # the same for terminals that know ASCII only
    kind: str  # ``safe``, ``remedied``, ``red`` or ``aside`` (not a verdict of the pair)
    style: str  # of rich
    meaning: str


LOOKS = (
    Look(
        verdict=Verdict.IDENTICAL,
        symbol="✓",
        plain=".",
        kind="safe",
        style="green",
        meaning="same predictions, weights, config and training state",
    ),
    Look(
        verdict=Verdict.DEGRADED,
        symbol="◐",
        plain="d",
        kind="safe",
        style="yellow",
        meaning="same predictions, but something else was lost",
    ),
    Look(
        verdict=Verdict.REMEDIED,
        symbol="↻",
        plain="r",
        kind="remedied",
        style="cyan",
        meaning="fails as is; another way of loading was verified",
    ),
    Look(
        verdict=Verdict.REFUSED,
        symbol="✕",
        plain="x",
        kind="red",
        style="red",
        meaning="fails on every way of loading that was tried",
    ),
    Look(
        verdict=Verdict.DRIFTED,
        symbol="≠",
        plain="~",
        kind="red",
        style="bold magenta",
        meaning="loads, and predicts something else: silently wrong",
    ),
    Look(
        verdict=Verdict.CRASHED,
        symbol="!",
        plain="!",
        kind="red",
        style="bold red",
        meaning="the process died",
    ),
    Look(
        verdict=Verdict.HUNG,
        symbol="∞",
        plain="h",
        kind="red",
        style="red",
        meaning="over its time limit, killed",
    ),
    Look(
        verdict=Verdict.UNSUPPORTED,
        symbol="–",
        plain="-",
        kind="aside",
        style="dim",
        meaning="no writer or no reader for the format, by design",
    ),
    Look(
        verdict=Verdict.UNAVAILABLE,
        symbol="○",
        plain="o",
        kind="aside",
        style="dim",
        meaning="the environment could not be had",
    ),
    Look(
        verdict=Verdict.BROKEN,
        symbol="⊘",
        plain="b",
        kind="aside",
        style="yellow",
        meaning="fails on its own artifact; nobody else had a part in it",
    ),
    Look(
        verdict=Verdict.MISSING,
        symbol="?",
        plain="?",
        kind="aside",
        style="dim",
        meaning="not run: interrupted, or a shard that is not here",
    ),
)
LOOK = {look.verdict: look for look in LOOKS}
ORDER = {look.verdict: number for number, look in enumerate(LOOKS)}  # best to worst, then asides
