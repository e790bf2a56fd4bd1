"""What a run was asked to do, and its state at one moment, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.builds import Lock
    from runner.model.finding import Verdict
    from runner.model.matrix import Spec


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to run, apart from what."""

    jobs: int
    isolate: bool = False  # a process for every cell, none shared, none forked
    group: bool = True  # harmless cells may share a process
    cells: frozenset[str] | None = None  # only these cell ids
    fresh: bool = False  # forget the evidence of the chosen cells first
    fallbacks: bool = True  # try other routes where the first fails, and scenarios


@dataclass(frozen=True, kw_only=True, slots=True)
class RunState:
    """A run at one moment, apart from its evidence.

    down: environment id to why it could not be asked. facts: environment id to what it reported
    of itself. logs: installation to its build log. measured: keys of the evidence that this run
    recorded. whole: nothing that was asked in this run stays without an answer.
    """

    id: str
    started: str
    seconds: float
    spec: Spec
    locks: Mapping[str, Lock]
    down: Mapping[str, tuple[Verdict, str]]
    facts: Mapping[str, Mapping[str, Any]]
    logs: Mapping[str, str | None]
    measured: frozenset[str]
    whole: bool
