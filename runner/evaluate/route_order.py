"""Which route comes next for a cell that fails as is: the cheapest first that can apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.finding import Verdict
from runner.model.routes import PATCHES, routes_for
from runner.model.steps import AS_IS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.model.routes import Route, Situation


def next_route(situation: Situation, tried: Mapping[str, Verdict]) -> str | None:
    """Return the route to try after those tried, None where none is left or one of them worked.

    tried: route to the verdict of its attempt, in order.
    """
    if any(verdict.safe for verdict in tried.values()):
        return None
    for route in _candidates(situation, tried):
        if route not in tried:
            return route
    return None


def patches_for(situation: Situation) -> str:
    """Return what corrects silent differences here, ready to be appended to a route's id."""
    return "".join(f"+{patch.id}" for patch in PATCHES if patch.applies(situation))


def _candidates(situation: Situation, tried: Mapping[str, Verdict]) -> Iterator[str]:
    patches = patches_for(situation)
    drifts = situation.as_is is Verdict.DRIFTED
    if drifts and patches and not situation.format.predictions_only:
        yield AS_IS + patches
    applying = [route for route in routes_for(situation.format) if route.applies(situation)]
    # Both parts in the order of cost; a route that is known to help spares the cheaper guesses.
    for route in sorted(applying, key=lambda route: not _known_to_help(route, situation)):
        yield route.id
        if patches and not route.graph_only and tried.get(route.id) is Verdict.DRIFTED:
            yield route.id + patches


def _known_to_help(route: Route, situation: Situation) -> bool:
    drifts = route.corrects_drift and situation.as_is is Verdict.DRIFTED
    return drifts or route.id in situation.suggested
