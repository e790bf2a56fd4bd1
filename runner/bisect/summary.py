"""From a search to its answer: the two releases, what else changed, the command again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.bisect.bisected import Bisected, Mark, ReleaseAnswer, SkippedRelease
from runner.bisect.outcomes import NoAnswer, Outcome
from runner.bisect.release_dates import release_date
from runner.bisect.releases import changes
from runner.environments.interpreters import find_interpreter

if TYPE_CHECKING:
    from runner.bisect.bisection import Bracket
    from runner.bisect.releases import PackageChange
    from runner.bisect.search import Arrived, Search


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the user asked, for the answer."""

    subject: str  # the file, the cell or the command
    arguments: tuple[str, ...]  # of the command line, apart from the ends
    fixed: bool


def summarise(search: Search, arrived: Arrived, asked: Asked, seconds: float) -> Bisected:
    """Return the answer. Asks the index for the days of the two releases."""
    held, releases = search.held, search.releases
    nothing = Bisected(
        package=held.package,
        environment=held.environment.id,
        held=held.packages.get(held.package),
        subject=asked.subject,
        fixed=asked.fixed,
        found=False,
        summary=arrived.why,
        releases=len(releases.all),
        steps=tuple(search.steps),
        seconds=round(seconds, 1),
        kmatrix=__version__,
    )
    bracket = arrived.bracket
    if bracket is None:
        return nothing
    before = _answer(search, bracket.older, arrived.good)
    after = _answer(search, bracket.newer, arrived.good)
    fixed = after.mark is Mark.GOOD
    skipped = tuple(_skipped(search, index, arrived.good) for index in bracket.skipped)
    return replace(
        nothing,
        fixed=fixed,
        found=not skipped,
        summary=words(held.package, before, after, skipped),
        before=before,
        after=after,
        skipped=skipped,
        changed=_changed(search, bracket),
        command=_command(asked, before, after, held.package, fixed=fixed),
    )


def words(
    package: str,
    before: ReleaseAnswer,
    after: ReleaseAnswer,
    skipped: tuple[SkippedRelease, ...],
) -> str:
    """Return the answer in one sentence. Pure."""
    fixed = after.mark is Mark.GOOD
    first = "the first good release" if fixed else "the first bad release"
    last = "the last bad one" if fixed else "the last good one"
    if not skipped:
        return f"{package} {after.version} is {first}; {before.version} is {last}"
    many = ", ".join(one.version for one in skipped)
    return (
        f"{first} of {package} is one of {many}, {after.version}: only {after.version} could be "
        f"asked; {before.version} is {last} that could"
    )


def _answer(search: Search, index: int, good: int) -> ReleaseAnswer:
    found = search.outcome(index, good)
    baseline = search.outcome(good, good)
    assert isinstance(found, Outcome) and isinstance(baseline, Outcome)  # noqa: S101, PT018 - ends
    release = search.releases.all[index]
    python = find_interpreter(release.python) or release.python
    return ReleaseAnswer(
        version=str(release),
        python=release.python,
        mark=Mark.GOOD if index == good or found.same_as(baseline) else Mark.BAD,
        verdict=found.verdict,
        reason=found.reason,
        date=release_date(search.held.package, str(release), python, search.held.find_links),
        cause=found.cause,
        error=found.error,
        numbers=found.numbers,
    )


def _skipped(search: Search, index: int, good: int) -> SkippedRelease:
    found = search.outcome(index, good)
    assert isinstance(found, NoAnswer)  # noqa: S101 - it was skipped
    return SkippedRelease(version=str(search.releases.all[index]), reason=found.reason)


def _changed(search: Search, bracket: Bracket) -> tuple[PackageChange, ...]:
    before, after = (
        dict(search.locked[index].lock.packages) for index in (bracket.older, bracket.newer)
    )
    return changes(before, after, apart_from=[search.held.package])


def _command(
    asked: Asked, before: ReleaseAnswer, after: ReleaseAnswer, package: str, *, fixed: bool
) -> str:
    good, bad = (after, before) if fixed else (before, after)
    argv = ["kmatrix", "bisect", *asked.arguments, "--package", package]
    return shlex.join([*argv, "--good", good.version, "--bad", bad.version])
