"""The shortest true answer to "why does it not load?". Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.model.finding import Verdict
from runner.model.routes import find_route
from runner.signatures import load_signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.inspection import Inspection
    from runner.model.user_file import FileCell

MOST = 3  # environments that are named


def answer(inspection: Inspection, loads: Sequence[FileCell]) -> str:
    """One line, what works first."""
    if not loads:
        return inspection.problems[0].text if inspection.problems else "no Keras reads it"
    parts = []
    as_is = [one for one in loads if one.verdict.safe]
    if as_is:
        parts.append(f"loads as is in {names(as_is)}")
    for route, members in _by_route(loads, Verdict.REMEDIED):
        parts.append(f"in {names(members)} load it{_with(route)}")
    for route, members in _by_route(loads, Verdict.DRIFTED):
        unless = f", unless you load it{_with(route)}" if route is not None else ""
        parts.append(f"in {names(members)} it loads and predicts something else{unless}")
    failed = [one for one in loads if one.verdict in FAILED]
    if failed and parts:
        parts.append(f"fails in {names(failed)}")
    elif failed:
        parts.append(f"loads in none of {len(failed)} environments: {cause(failed)}")
    untried = [one for one in loads if one.verdict in UNTRIED]
    if untried and not (parts and not failed):
        parts.append(f"not tried in {names(untried)}: {untried[0].reason}")
    return "; ".join(parts) or "nothing was tried"


def _by_route(
    loads: Sequence[FileCell], verdict: Verdict
) -> Iterable[tuple[str | None, list[FileCell]]]:
    found: dict[str | None, list[FileCell]] = {}
    for one in loads:
        if one.verdict is verdict:
            found.setdefault(one.route, []).append(one)
    return found.items()


FAILED = (Verdict.REFUSED, Verdict.UNSUPPORTED, Verdict.CRASHED, Verdict.HUNG)
UNTRIED = (Verdict.UNAVAILABLE, Verdict.BROKEN, Verdict.MISSING)


def names(loads: Sequence[FileCell]) -> str:
    """Join names: ``a``, ``a and b``, ``a, b, c and 4 more``."""
    ids = [one.environment for one in loads]
    if len(ids) > MOST + 1:
        return f"{', '.join(ids[:MOST])} and {len(ids) - MOST} more"
    return " and ".join(filter(None, [", ".join(ids[:-1]), ids[-1]]))


def _with(route: str | None) -> str:
    if route is None:
        return ""
    known = {"compile-false": " with compile=False", "safe-mode-off": " with safe_mode=False"}
    return known.get(route) or f" by {route} ({find_route(route).title})"


def cause(loads: Sequence[FileCell]) -> str:
    """Return the known failure that most of them show, else the first one's own words."""
    shown = Counter(
        attempt.signatures[0] for one in loads for attempt in one.attempts[:1] if attempt.signatures
    )
    if shown:
        best = shown.most_common(1)[0][0]
        title = next((one.title for one in load_signatures() if one.id == best), best)
        return f"{title} ({best})"
    return loads[0].reason
