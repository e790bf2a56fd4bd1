"""Binary search over releases, with releases that give no answer. Pure.

Releases are indexes, oldest first. A question about a release is answered by the side of the
change on which the release is, or by a skip.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    Ask = Callable[[int], "Answer"]


class Answer(StrEnum):
    """What a release answers."""

    OLD = "old"  # as the older end
    NEW = "new"  # as the newer end
    SKIP = "skip"  # it cannot be asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Bracket:
    """Two releases that differ. ``skipped``: those between them, none of which answered."""

    older: int
    newer: int
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """Where a search for the other side arrived: the two releases nearest to each other."""

    near: int  # the last that answered as the start does
    far: int  # the first that does not


def bisect(older: int, newer: int, ask: Ask) -> Bracket:
    """Narrow two releases that differ to two neighbours that differ.

    Each question goes to the middle one of the releases that are still open, so that a skip costs
    one question and nothing else: at most ``ceil(log2(newer - older))`` questions, and the skips.
    """
    skipped: set[int] = set()
    while (middle := middle_of(older, newer, skipped)) is not None:
        match ask(middle):
            case Answer.OLD:
                older = middle
            case Answer.NEW:
                newer = middle
            case Answer.SKIP:
                skipped.add(middle)
    between = tuple(index for index in sorted(skipped) if older < index < newer)
    return Bracket(older=older, newer=newer, skipped=between)


def middle_of(older: int, newer: int, skipped: Collection[int]) -> int | None:
    """Return the release to ask next; None where all between the two are known not to answer."""
    open_ = [index for index in range(older + 1, newer) if index not in skipped]
    return open_[len(open_) // 2] if open_ else None


def seek(start: int, path: Iterable[int], ask: Ask, *, same: Answer) -> End | None:
    """Follow a path to the first release that answers otherwise than ``same``."""
    near = start
    for index in path:
        answer = ask(index)
        if answer is same:
            near = index
        elif answer is not Answer.SKIP:
            return End(near=near, far=index)
    return None


def seek_last(start: int, path: Iterable[int], ask: Ask, *, same: Answer) -> End | None:
    """Ask the first release of a path that answers at all; None where it answers ``same``."""
    for index in path:
        answer = ask(index)
        if answer is not Answer.SKIP:
            return None if answer is same else End(near=start, far=index)
    return None


def away_from(start: int, stop: int) -> Iterator[int]:
    """From ``start`` to ``stop``, in steps that double: the nearest releases first."""
    direction = 1 if stop > start else -1
    step = 1
    while (step < abs(stop - start)) and start != stop:
        yield start + direction * step
        step *= 2
    if start != stop:
        yield stop


def back_from(stop: int, start: int) -> Iterator[int]:
    """``stop`` first, then towards ``start`` in steps that double; ``start`` itself is left out."""
    yield from (index for index in (stop, *away_from(stop, start)) if index != start)


def between(older: int, newer: int) -> Iterator[int]:
    """All releases between two, the middle first, then the middles of both halves, and so on."""
    spans = [(older, newer)]
    while spans:
        low, high = spans.pop(0)
        if high - low > 1:
            middle = (low + high) // 2
            yield middle
            spans += [(low, middle), (middle, high)]
