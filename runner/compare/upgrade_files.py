"""A user's own saved files in an upgrade's answer: what becomes of each of them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.compare.upgrade_answer import safety_of
from runner.model.finding import Verdict
from runner.model.upgrade import Fate, Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.upgrade import Answer
    from runner.model.user_file import FileCell, FileResult


def with_files(answer: Answer, files: Iterable[FileResult]) -> Answer:
    """Return the answer with a group of files for each result and cause in its first direction."""
    first, *others = answer.directions
    groups: dict[tuple[Fate, str], list[tuple[FileResult, FileCell]]] = {}
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


def fate_of_file(before: FileCell | None, after: FileCell) -> Fate:
    """Return what becomes of a file. What fails already in the environment of today is not news."""
    if before is not None and before.verdict in UNKNOWN:
        return Fate.UNKNOWN
    if before is not None and before.verdict in FAILED:
        return Fate.BEFORE
    if after.verdict in UNKNOWN:
        return Fate.UNKNOWN
    if after.verdict.safe:
        return Fate.WORKS
    if after.verdict is Verdict.REMEDIED:
        return Fate.REMEDY
    return Fate.DRIFTS if after.verdict is Verdict.DRIFTED else Fate.BREAKS


FAILED = frozenset({Verdict.REFUSED, Verdict.UNSUPPORTED, Verdict.CRASHED, Verdict.HUNG})
UNKNOWN = frozenset({Verdict.UNAVAILABLE, Verdict.BROKEN, Verdict.MISSING})


def _in(one: FileResult, environment: str) -> FileCell | None:
    return next((item for item in one.environments if item.environment == environment), None)


def _group(fate: Fate, cause: str, many: list[tuple[FileResult, FileCell]]) -> Group:
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
        code=many[0][1].code if route is not None else None,
    )
