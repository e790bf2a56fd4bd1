"""A user's own saved files in an upgrade's answer: what becomes of each of them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.compare.upgrade_answer import safety_of
from runner.model.routes import find_route
from runner.model.upgrade import Fate, Group
from runner.nouns.loading import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.upgrade import Answer
    from runner.nouns.loading import EnvironmentLoad, FileLoads

FATES = {
    Outcome.LOADS: Fate.WORKS,
    Outcome.UNCHECKED: Fate.WORKS,
    Outcome.REMEDIED: Fate.REMEDY,
    Outcome.DRIFTED: Fate.DRIFTS,
    Outcome.REFUSED: Fate.BREAKS,
    Outcome.CRASHED: Fate.BREAKS,
    Outcome.HUNG: Fate.BREAKS,
    Outcome.UNAVAILABLE: Fate.UNKNOWN,
    Outcome.UNTRUSTED: Fate.UNKNOWN,
}


def with_files(answer: Answer, files: Iterable[FileLoads]) -> Answer:
    """The answer's first direction with a group for each fate and cause of the files."""
    first, *others = answer.directions
    groups: dict[tuple[Fate, str], list[tuple[FileLoads, EnvironmentLoad]]] = {}
    for one in files:
        before, after = (_in(one, side.id) for side in (first.saver, first.loader))
        if after is None:
            continue
        fate = fate_of_file(before, after)
        cause = "" if fate is Fate.WORKS else after.reason
        groups.setdefault((fate, cause), []).append((one, after))
    found = (*first.groups, *(_group(fate, cause, many) for (fate, cause), many in groups.items()))
    direction = replace(first, groups=found, safety=safety_of(found, first.problem))
    return replace(answer, directions=(direction, *others))


def fate_of_file(before: EnvironmentLoad | None, after: EnvironmentLoad) -> Fate:
    """What fails already where it comes from is no news."""
    if before is not None and not before.outcome.good and before.outcome is not Outcome.DRIFTED:
        unknown = before.outcome in {Outcome.UNAVAILABLE, Outcome.UNTRUSTED}
        return Fate.UNKNOWN if unknown else Fate.BEFORE
    return FATES[after.outcome]


def _in(one: FileLoads, environment: str) -> EnvironmentLoad | None:
    return next((item for item in one.environments if item.environment == environment), None)


def _group(fate: Fate, cause: str, many: list[tuple[FileLoads, EnvironmentLoad]]) -> Group:
    routes = {after.route for _, after in many if after.route is not None}
    route = next(iter(routes)) if fate in {Fate.REMEDY, Fate.DRIFTS} and len(routes) == 1 else None
    return Group(
        fate=fate,
        cause=cause,
        cells=tuple(one.path for one, _ in many),
        models=(),
        files=True,
        formats=tuple(dict.fromkeys(str(one.inspection.format) for one, _ in many)),
        route=route,
        code=find_route(route).code if route is not None else None,
    )
