"""The answer of a bisection, as a value; docs/bisect.schema.json is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# The types of fields, at run time too: the JSON Schema reads them.
from runner.bisect.releases import PackageChange  # noqa: TC001

SCHEMA = 1


class Mark(StrEnum):
    """What a release was found to be."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseAnswer:
    """One of the two releases between which it changed."""

    version: str
    python: str
    mark: Mark
    verdict: str
    reason: str
    date: str | None = None  # of its first file on the index; None where the index does not tell
    cause: str | None = None  # a signature, or the exception's type
    error: str | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepTaken:
    """One release that was asked, in the order of asking."""

    version: str
    python: str
    mark: Mark
    reason: str
    seconds: float
    measured: bool  # False: the store knew the answer


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedRelease:
    """A release between the two that could not be asked."""

    version: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bisected:
    """The release of a package with which a file, a cell or a command changed."""

    package: str
    environment: str  # the one that is held, apart from the package
    held: str | None  # the version that it has itself
    subject: str  # the file, the cell or the command
    fixed: bool  # whether the first good release was asked for
    found: bool  # one release is named
    summary: str
    releases: int  # how many there are on the index
    before: ReleaseAnswer | None = None  # the older of the two
    after: ReleaseAnswer | None = None  # the newer
    skipped: tuple[SkippedRelease, ...] = ()
    changed: tuple[PackageChange, ...] = ()  # other packages that differ between the two
    steps: tuple[StepTaken, ...] = ()
    seconds: float = 0.0
    command: str | None = None  # that shows it again
    kmatrix: str = ""
