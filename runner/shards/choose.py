"""Two results of one question: which one a merge keeps.

An answer is kept before none; of two answers the worse one, and the other is said beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from runner.nouns.finding import ArtifactStatus, Verdict
from runner.nouns.results import ArtifactResult, CellResult, EnvironmentResult

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = TypeVar("Item", EnvironmentResult, ArtifactResult, CellResult)

# No answer first, then answers from best to worst. Drift is the worst, because it is silent.
CELLS = (
    *(Verdict.MISSING, Verdict.UNAVAILABLE, Verdict.UNSUPPORTED),
    *(Verdict.IDENTICAL, Verdict.DEGRADED, Verdict.REMEDIED, Verdict.REFUSED),
    *(Verdict.CRASHED, Verdict.HUNG, Verdict.BROKEN, Verdict.DRIFTED),
)
ARTIFACTS = (
    *(ArtifactStatus.MISSING, ArtifactStatus.UNAVAILABLE, ArtifactStatus.UNSUPPORTED),
    *(ArtifactStatus.SAVED, ArtifactStatus.FAILED),
)
ENVIRONMENTS = ("unavailable", "ready", "broken")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found(Generic[Item]):
    """A result and where it was found."""

    item: Item
    source: str


def choose_all(found: Iterable[Found[Item]], notes: list[str]) -> tuple[Item, ...]:
    """Each id once, in the order in which it first came. Disagreements are added to ``notes``."""
    kept: dict[str, Found[Item]] = {}
    for one in found:
        before = kept.get(one.item.id)
        kept[one.item.id] = one if before is None else choose(before, one, notes)
    return tuple(one.item for one in kept.values())


def choose(one: Found[Item], other: Found[Item], notes: list[str]) -> Found[Item]:
    """The one to keep. Of two that say the same: the first, unless the second knows more."""
    worse, better = (other, one) if _rank(other.item) > _rank(one.item) else (one, other)
    if _word(worse.item) == _word(better.item) or _word(better.item) == Verdict.MISSING:
        return worse
    notes.append(
        f"{worse.item.id}: {_word(worse.item)} in {worse.source}, {_word(better.item)} in "
        f"{better.source}; {_word(worse.item)} is kept"
    )
    words = f"{_word(better.item)} in {better.source}"
    if isinstance(better.item, EnvironmentResult) and better.item.reason:
        words += f": {better.item.reason}"
    reason = f"{worse.item.reason}; {words}" if worse.item.reason else words
    return Found(item=replace(worse.item, reason=reason), source=worse.source)


def _word(item: EnvironmentResult | ArtifactResult | CellResult) -> str:
    return str(item.verdict if isinstance(item, CellResult) else item.status)


def _rank(item: EnvironmentResult | ArtifactResult | CellResult) -> tuple[int, bool]:
    match item:
        case CellResult():
            return CELLS.index(item.verdict), False
        case ArtifactResult():
            return ARTIFACTS.index(item.status), False
        case EnvironmentResult():
            return ENVIRONMENTS.index(item.status), bool(item.versions)
