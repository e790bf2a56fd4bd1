"""What came of loading one saved file in several environments, by several routes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.finding import Comparison
    from runner.model.inspection import Inspection


class Outcome(StrEnum):
    """Of one route in one environment, or of an environment as a whole."""

    LOADS = "loads"  # and predicts what is expected, or what the others predict
    UNCHECKED = "loads, unchecked"  # it loads, and no prediction could be compared
    DRIFTED = "drifted"  # it loads, and predicts something else
    REMEDIED = "remedied"  # fails as is; a route works
    REFUSED = "refused"
    CRASHED = "crashed"
    HUNG = "hung"
    UNAVAILABLE = "unavailable"  # the environment could not be had
    UNTRUSTED = "untrusted"  # it would run code, and there is no sandbox

    @property
    def good(self) -> bool:
        """Whether a user can go on with that."""
        return self in {Outcome.LOADS, Outcome.UNCHECKED, Outcome.REMEDIED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One route, tried in one environment."""

    route: str
    outcome: Outcome
    reason: str  # one line
    signatures: tuple[str, ...] = ()  # ids of known failures that it shows
    stage: str | None = None
    error: str | None = None  # the exception's type
    outputs: Comparison | None = None  # against the reference
    agrees_with: str | None = None  # the environment whose predictions are the reference
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentLoad:
    """One file in one environment: as is first, then what was tried after it failed."""

    environment: str
    outcome: Outcome
    route: str | None  # the one that works
    reason: str
    attempts: tuple[Attempt, ...] = ()
    sandbox: bool = False  # it ran in a container


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLoads:
    """One file in all environments asked, and the answer."""

    path: str
    inspection: Inspection
    answer: str
    reference: str | None  # ``expected``, or the environment that the others are compared with
    environments: tuple[EnvironmentLoad, ...]

    @property
    def loads(self) -> bool:
        """Whether it loads anywhere."""
        return any(one.route is not None for one in self.environments)

    @property
    def drifts(self) -> bool:
        """Whether two environments predict different things."""
        return any(
            attempt.outcome is Outcome.DRIFTED
            for one in self.environments
            for attempt in one.attempts
        )
