"""Expectations over several shards: one that matches nothing in a shard need not be stale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.nouns.results import ExpectationStatus

STATES = ("stale", "met", "unmet", "expired")  # the later one speaks for all


def unite_expectations(
    parts: Iterable[Iterable[ExpectationStatus]],
) -> tuple[ExpectationStatus, ...]:
    """Each expectation once, with the cells of all parts."""
    found: dict[tuple[object, ...], ExpectationStatus] = {}
    for part in parts:
        for one in part:
            key = (one.pattern, one.verdicts, one.reason, one.link, one.expires)
            before = found.get(key)
            found[key] = one if before is None else _both(before, one)
    return tuple(found.values())


def _both(one: ExpectationStatus, other: ExpectationStatus) -> ExpectationStatus:
    state = max(one.state, other.state, key=STATES.index)
    return replace(one, state=state, cells=one.cells + other.cells)
