"""How a verdict looks and what it says: one sign, one word, one line; colour is never alone."""

from __future__ import annotations

from dataclasses import dataclass

from runner.nouns.finding import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The signs of one verdict, the same on the page, the terminal and the badge."""

    verdict: Verdict
    symbol: str  # one character that common fonts have
    kind: str  # ``safe``, ``remedied``, ``red`` or ``aside`` (not a verdict of the pair)
    style: str  # of rich
    meaning: str


LOOKS = (
    Look(
        verdict=Verdict.IDENTICAL,
        symbol="✓",
        kind="safe",
        style="green",
        meaning="same predictions, weights, config and training state",
    ),
    Look(
        verdict=Verdict.DEGRADED,
        symbol="◐",
        kind="safe",
        style="yellow",
        meaning="same predictions, but something else was lost",
    ),
    Look(
        verdict=Verdict.REMEDIED,
        symbol="↻",
        kind="remedied",
        style="cyan",
        meaning="fails as is; another way of loading was run here and predicts the same",
    ),
    Look(
        verdict=Verdict.REFUSED,
        symbol="✕",
        kind="red",
        style="red",
        meaning="fails on every way of loading that was tried",
    ),
    Look(
        verdict=Verdict.DRIFTED,
        symbol="≠",
        kind="red",
        style="bold magenta",
        meaning="loads, and predicts something else: the worst, because silent",
    ),
    Look(
        verdict=Verdict.CRASHED,
        symbol="!",
        kind="red",
        style="bold red",
        meaning="the process died",
    ),
    Look(
        verdict=Verdict.HUNG,
        symbol="∞",
        kind="red",
        style="red",
        meaning="over its time limit, killed",
    ),
    Look(
        verdict=Verdict.UNSUPPORTED,
        symbol="–",
        kind="aside",
        style="dim",
        meaning="no writer in the saver or no reader in the loader, by design",
    ),
    Look(
        verdict=Verdict.UNAVAILABLE,
        symbol="○",
        kind="aside",
        style="dim",
        meaning="the environment could not be had; says nothing about the pair",
    ),
    Look(
        verdict=Verdict.BROKEN,
        symbol="⊘",
        kind="aside",
        style="yellow",
        meaning="the environment fails on its own artifact; nobody else had a part in it",
    ),
    Look(
        verdict=Verdict.MISSING,
        symbol="?",
        kind="aside",
        style="dim",
        meaning="not run: interrupted, or a shard that is not here",
    ),
)
LOOK = {look.verdict: look for look in LOOKS}
ORDER = {look.verdict: number for number, look in enumerate(LOOKS)}  # best to worst, then asides
