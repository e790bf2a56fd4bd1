"""The answer to "may I go from this environment to that one?", for saved models."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What an upgrade does to an artifact that was good before it. The order is that of reports."""

    WORKS = "keeps working"
    LOSES = "works, and loses something"
    REMEDY = "needs another way of loading"
    BREAKS = "breaks"
    GONE = "is of a format no longer read"
    DRIFTS = "loads, and predicts something else"
    BEFORE = "fails before the upgrade too"
    UNASKED = "does not exist here"  # not written, or made of what one side never had
    UNKNOWN = "could not be asked"

    @property
    def compared(self) -> bool:
        """Whether it says anything about the upgrade."""
        return self not in {Fate.BEFORE, Fate.UNASKED, Fate.UNKNOWN}

    @property
    def unsafe(self) -> bool:
        """Whether a user who does nothing, or even something, is hurt."""
        return self in {Fate.BREAKS, Fate.GONE, Fate.DRIFTS}


class Safety(StrEnum):
    """The answer in one word, and its exit code in ``kmatrix check``."""

    SAFE = "safe"
    CHANGES = "safe with changes"  # every artifact loads, some in another way than before
    UNSAFE = "not safe"
    UNKNOWN = "could not tell"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Artifacts that share a fate for one reason."""

    fate: Fate
    cause: str  # one line: a signature, a route, what is lost
    cells: tuple[str, ...]  # ids; of files their paths
    models: tuple[str, ...]
    formats: tuple[str, ...]
    files: bool = False  # saved files of the user's, not artifacts of reference models
    route: str | None = None  # the way of loading that works; also where a drift can be helped
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One environment, as the paragraph names it."""

    id: str
    words: str  # ``TensorFlow 2.15.1, Keras 2.15.0, Python 3.11``
    problem: str | None = None  # why it could not be asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Direction:
    """Files of one environment, read in the other."""

    saver: Side
    loader: Side
    safety: Safety
    groups: tuple[Group, ...]
    problem: str | None = None  # why nothing could be told
    since: str | None = None  # the command that finds the release since which one of them fails

    def count(self, fate: Fate) -> int:
        """How many artifacts have this fate."""
        return sum(len(group.cells) for group in self.groups if group.fate is fate)

    @property
    def files(self) -> int:
        """How many of them are the user's own."""
        return sum(len(group.cells) for group in self.groups if group.files)

    @property
    def compared(self) -> int:
        """How many artifacts tell something."""
        return sum(len(group.cells) for group in self.groups if group.fate.compared)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Of an answer that was not measured now: when it was, and what of the question was not."""

    dates: tuple[str, ...]  # of the measurements, the oldest first
    not_known: tuple[str, ...] = ()  # a line each
    taken_as: tuple[str, ...] = ()  # which environments the requirements were taken for


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Forward, and back where that was asked too."""

    directions: tuple[Direction, ...]
    models: int
    formats: tuple[str, ...]
    date: str
    kmatrix: str
    known: Known | None = None  # from the atlas; None: measured now

    @property
    def safety(self) -> Safety:
        """The worst of all directions; what is known to hurt outweighs what is not known."""
        found = {direction.safety for direction in self.directions}
        order = (Safety.UNSAFE, Safety.UNKNOWN, Safety.CHANGES)
        return next((safety for safety in order if safety in found), Safety.SAFE)
