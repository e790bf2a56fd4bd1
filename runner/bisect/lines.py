"""A bisection as lines for a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.display_text import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.bisect.bisected import Bisected, ReleaseAnswer, StepTaken

MOST_LINES = 12  # of an error
LONGEST = 200


def step_line(package: str, step: StepTaken, held_python: str) -> str:
    """One step while the search goes on."""
    where = f" (Python {step.python})" if step.python != held_python else ""
    known = "" if step.measured else ", known"
    reason = one_line(step.reason, LONGEST)
    return f"{package} {step.version}{where}: {step.mark} ({step.seconds:.1f} s{known}): {reason}"


def as_lines(found: Bisected) -> Iterator[str]:
    """Yield the answer first, then both sides, what else changed, and the command."""
    yield found.summary
    for side in (found.before, found.after):
        if side is not None:
            yield from _side(side)
    for one in found.skipped:
        yield f"  skipped {one.version}: {one_line(one.reason, LONGEST)}"
    if found.before is not None:
        yield f"  other packages: {_changed(found)}"
    asked = len(found.steps)
    yield f"  {asked} of {found.releases} releases asked, {found.seconds:.0f} s"
    if found.command is not None:
        yield f"  again: {found.command}"


def _side(side: ReleaseAnswer) -> Iterator[str]:
    day = side.date or "date unknown"
    yield f"  {side.version}, {day}, Python {side.python}: {side.mark}: {side.verdict}"
    yield f"      {one_line(side.reason, LONGEST)}"
    for line in (side.error or "").splitlines()[-MOST_LINES:]:
        yield f"      {cut(line, LONGEST)}"
    for line in side.numbers:
        yield f"      {line}"


def _changed(found: Bisected) -> str:
    if not found.changed:
        return "the same versions"
    shown = (f"{one.name} {one.before or '-'} -> {one.after or '-'}" for one in found.changed)
    return ", ".join(shown)
