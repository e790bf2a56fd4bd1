"""The search itself: ends first, then the middle; environments are made as they are needed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from runner.bisect.bisected import Mark, StepTaken
from runner.bisect.bisection import (
    Answer,
    Bracket,
    away_from,
    back_from,
    between,
    bisect,
    seek,
    seek_last,
)
from runner.bisect.import_check import import_fault
from runner.bisect.outcomes import NoAnswer, Outcome
from runner.bisect.questions import RunCommand, command_variables
from runner.bisect.release_environments import OURS, Held, Locked, locked
from runner.errors import ExitCode, ToolError
from runner.model.builds import Built
from runner.model.keras_identity import KERAS_PACKAGES, LEGACY_PACKAGES, TENSORFLOW_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.bisect.questions import Engine, Question
    from runner.bisect.releases import Releases

MOST_BETWEEN = 16  # releases that are asked between two ends that do not differ
# A worker imports these before it is asked anything.
STARTED_WITH = frozenset({*KERAS_PACKAGES, *LEGACY_PACKAGES, *TENSORFLOW_PACKAGES})


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """Indexes of releases that the user named; None: to be found."""

    good: int | None = None
    bad: int | None = None
    held: int = 0  # where to start if none is named
    fixed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """Two releases that differ. None for ``bracket``: there are none, and ``why``."""

    good: int
    bracket: Bracket | None
    why: str = ""


@dataclass(slots=True)
class Search:
    """Asks releases, each once. ``told`` is called after each step."""

    engine: Engine
    held: Held
    releases: Releases
    question: Question
    told: Callable[[StepTaken], None]
    steps: list[StepTaken] = field(default_factory=list)
    locked: dict[int, Locked] = field(default_factory=dict)
    outcomes: dict[tuple[int, int | None], Outcome | NoAnswer] = field(default_factory=dict)

    def run(self, ends: Ends) -> Arrived:
        """Find two neighbours that differ. Raises ToolError where an end gives no answer."""
        found = self._ends(ends)
        if isinstance(found, Arrived):
            return found
        good, bad = found
        baseline = self._end(good, good, "good")
        other = self._end(bad, good, "bad")
        if other.same_as(baseline):
            far = self._between(good, bad)
            if far is None:
                return Arrived(good=good, bracket=None, why=self._same(good, bad, baseline))
            bad, other = far, self._end(far, good, "bad")
        if not baseline.works and other.works:
            raise ToolError(
                f"{self._name(good)}, the good end, fails ({baseline.reason}), and "
                f"{self._name(bad)}, the bad end, works; exchange the two",
                exit_code=ExitCode.USAGE,
            )

        def ask(index: int) -> Answer:
            return self._side(index, good, older_is_good=good < bad)

        bracket = bisect(min(good, bad), max(good, bad), ask)
        return Arrived(good=good, bracket=bracket)

    def outcome(self, index: int, good: int | None) -> Outcome | NoAnswer:
        """Return what a release answers, compared with a good one."""
        key = (index, good)
        if key not in self.outcomes:
            self.outcomes[key] = self._measured(index, good)
        return self.outcomes[key]

    # Ends

    def _ends(self, ends: Ends) -> tuple[int, int] | Arrived:
        """Return the good and the bad release; those that are not named are looked for."""
        if ends.good is not None and ends.bad is not None:
            return ends.good, ends.bad
        if ends.good is not None:
            return self._other(ends.good, good=True, fixed=ends.fixed)
        if ends.bad is not None:
            return self._other(ends.bad, good=False, fixed=ends.fixed)
        first = self._end(ends.held, None, "held")
        return self._other(ends.held, good=first.works, fixed=ends.fixed)

    def _other(self, start: int, *, good: bool, fixed: bool) -> tuple[int, int] | Arrived:
        """Look for the other end: the nearest first among older releases, else the newest."""
        baseline = self._end(start, start if good else None, "good" if good else "bad")
        if baseline.works and not good:
            words = f"--bad: it works with {self._name(start)}; name a release with --good as well"
            raise ToolError(words, exit_code=ExitCode.USAGE)

        def ask(index: int) -> Answer:
            found = self.outcome(index, start if good else None)
            if isinstance(found, NoAnswer):
                return Answer.SKIP
            same = found.same_as(baseline) if good else not found.works
            return Answer.NEW if same else Answer.OLD

        older = good is fixed
        if older:
            end = seek(start, away_from(start, 0), ask, same=Answer.NEW)
        else:
            path = back_from(len(self.releases.all) - 1, start)
            end = seek_last(start, path, ask, same=Answer.NEW)
        if end is None:
            return Arrived(good=start, bracket=None, why=self._not_found(start, good, older))
        return (end.near, end.far) if good else (end.far, end.near)

    def _between(self, good: int, bad: int) -> int | None:
        """Return a release between two that do not differ, which differs from both."""

        def ask(index: int) -> Answer:
            return self._side(index, good, older_is_good=True)

        path = islice(between(min(good, bad), max(good, bad)), MOST_BETWEEN)
        end = seek(good, path, ask, same=Answer.OLD)
        return end.far if end is not None else None

    def _same(self, good: int, bad: int, baseline: Outcome) -> str:
        low, high = min(good, bad), max(good, bad)
        asked = sum(1 for index, _ in self.outcomes if low < index < high)
        some = f", nor do {asked} of the {high - low - 1} releases between them" if asked else ""
        return f"{self._name(low)} and {self._name(high)} do not differ{some}: {baseline.reason}"

    def _not_found(self, start: int, good: bool, older: bool) -> str:  # noqa: FBT001 - private
        does = "works" if good else "fails"
        other = "fails" if good else "works"
        which = "older" if older else "newer"
        last = 0 if older else len(self.releases.all) - 1
        if start == last:
            return f"it {does} with {self._name(start)}, and there is no {which} release"
        asked = ", ".join(dict.fromkeys(one.version for one in self.steps))
        return (
            f"it {does} with {self._name(start)}, and {other} with no {which} release that was "
            f"asked ({asked}); name one: --{'bad' if good else 'good'} VERSION"
        )

    def _end(self, index: int, good: int | None, name: str) -> Outcome:
        found = self.outcome(index, good)
        if isinstance(found, NoAnswer):
            raise ToolError(f"{self._name(index)}, the {name} end, gives no answer: {found.reason}")
        return found

    def _name(self, index: int) -> str:
        return f"{self.releases.package} {self.releases.all[index]}"

    # Asking

    def _side(self, index: int, good: int, *, older_is_good: bool) -> Answer:
        found = self.outcome(index, good)
        if isinstance(found, NoAnswer):
            return Answer.SKIP
        baseline = self._end(good, good, "good")
        return Answer.OLD if found.same_as(baseline) is older_is_good else Answer.NEW

    def _measured(self, index: int, good: int | None) -> Outcome | NoAnswer:
        database = self.engine.session.database
        clock, before = time.monotonic(), database.state()
        found = self._asked(index, good)
        release = self.releases.all[index]
        known = database.state() == before and not isinstance(self.question, RunCommand)
        step = StepTaken(
            version=str(release),
            python=release.python,
            mark=self._mark(found, good, index),
            reason=found.reason,
            seconds=round(time.monotonic() - clock, 1),
            measured=not known,
        )
        self._keep(step)
        return found

    def _mark(self, found: Outcome | NoAnswer, good: int | None, index: int) -> Mark:
        if isinstance(found, NoAnswer):
            return Mark.SKIP
        baseline = self.outcomes.get((good, good)) if good is not None else None
        if index == good or not isinstance(baseline, Outcome):
            same = found.works or index == good
        else:
            same = found.same_as(baseline)
        return Mark.GOOD if same else Mark.BAD

    def _keep(self, step: StepTaken) -> None:
        """Keep an answer; a release that is compared again does not count as another step."""
        for place, one in enumerate(self.steps):
            if one.version == step.version:
                if one.mark is not step.mark:
                    self.steps[place] = step
                    self.told(step)
                return
        self.steps.append(step)
        self.told(step)

    def _asked(self, index: int, good: int | None) -> Outcome | NoAnswer:
        if good is not None and good != index and isinstance(self.question, RunCommand):
            known = self.outcomes.get((index, None)) or self.outcomes.get((index, index))
            if known is not None:
                return known
        if good == index and (index, None) in self.outcomes:
            return self.outcomes[index, None]
        release = self._locked(index)
        if isinstance(release, NoAnswer):
            return release
        installation = release.environment.installation
        builder = self.engine.builder_for(installation)
        built = builder.build(installation, release.lock, self.engine.matrix.limits)
        if not isinstance(built, Built):
            if built.fault in OURS:
                raise ToolError(f"{installation.name}: cannot be built: {built.reason}")
            return NoAnswer(reason=f"cannot be built: {built.reason}")
        reference = self.locked.get(good) if good is not None else None
        found = self.question.ask(release, built, reference)
        return self._started(found, release, built)

    def _locked(self, index: int) -> Locked | NoAnswer:
        if index not in self.locked:
            found = locked(self.held, self.releases.all[index], self.engine.session.build)
            if isinstance(found, NoAnswer):
                return found
            self.locked[index] = found
        return self.locked[index]

    def _started(
        self, found: Outcome | NoAnswer, release: Locked, built: Built
    ) -> Outcome | NoAnswer:
        """Return a failure of a release that cannot even be imported is no answer."""
        if isinstance(found, NoAnswer) or found.works or built.image is not None:
            return found
        by_worker = not isinstance(self.question, RunCommand)
        if not found.died and not (by_worker and self.held.package not in STARTED_WITH):
            return found
        variables = command_variables(release, built, self.engine.session.scratch / "home")
        fault = import_fault(built.python, self.held.package, variables)
        return NoAnswer(reason=fault) if fault is not None else found
