"""Unites the results of shards and of machines: one grid, with a hole where a shard is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from runner.nouns.errors import ExitCode, ToolError
from runner.nouns.finding import Verdict
from runner.nouns.results import RecipeResult, Results, RouteResult, RunInfo, SignatureResult
from runner.shards.choose import Found, choose_all
from runner.shards.expected import unite_expectations
from runner.shards.holes import fill_holes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.nouns.results import SplitResult

Named = TypeVar("Named", RecipeResult, SignatureResult, RouteResult)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Results, and the file that they were read from."""

    source: str
    results: Results

    @property
    def name(self) -> str:
        """``shard 2/5``, or the file."""
        shard = self.results.run.shard
        return f"shard {shard}" if shard else self.source


def unite(parts: Sequence[Part], *, run_id: str) -> tuple[Results, tuple[str, ...]]:
    """One result, and what a person should know about how it came to be, a line each.

    Raises ToolError (exit code 2) where the parts are no parts of one whole.
    """
    split = _common_split(parts)
    notes: list[str] = []
    every = [part.results for part in parts]
    united = Results(
        run=_run(parts, split, run_id),
        environments=choose_all(
            (Found(item=item, source=p.name) for p in parts for item in p.results.environments),
            notes,
        ),
        recipes=_each_once(item for one in every for item in one.recipes),
        formats=tuple(dict.fromkeys(name for one in every for name in one.formats)),
        artifacts=choose_all(
            (Found(item=item, source=p.name) for p in parts for item in p.results.artifacts), notes
        ),
        cells=choose_all(
            (Found(item=item, source=p.name) for p in parts for item in p.results.cells), notes
        ),
        signatures=_each_once(item for one in every for item in one.signatures),
        routes=_each_once(item for one in every for item in one.routes),
        scenarios=_each_once(item for one in every for item in one.scenarios),
        expectations=unite_expectations(one.expectations for one in every),
        split=split,
    )
    if split is not None:
        united = fill_holes(united, split)
    united = _in_order(united)
    whole = united.run.complete and all(c.verdict is not Verdict.MISSING for c in united.cells)
    return replace(united, run=replace(united.run, complete=whole)), tuple(notes)


def _common_split(parts: Sequence[Part]) -> SplitResult | None:
    splits: dict[SplitResult, Part] = {}
    for part in parts:
        if part.results.split is not None:
            splits.setdefault(part.results.split, part)
    if len(splits) > 1:
        one, other, *_ = splits.values()
        raise ToolError(
            f"{one.source} ({one.name}) and {other.source} ({other.name}) are parts of different "
            "wholes. Merge shards of the same matrix file, locks, options and number of shards",
            exit_code=ExitCode.USAGE,
        )
    return next(iter(splits), None)


def _run(parts: Sequence[Part], split: SplitResult | None, run_id: str) -> RunInfo:
    runs = [part.results.run for part in parts]
    ends = [run.finished for run in runs if run.finished is not None]
    missing = _missing(parts, split)
    return RunInfo(
        id=run_id,
        started=min(run.started for run in runs),
        finished=max(ends) if len(ends) == len(runs) else None,
        profile=_joined(run.profile for run in runs),
        matrix=_joined(run.matrix for run in runs),
        kmatrix=_joined(run.kmatrix for run in runs),
        system=_joined(run.system for run in runs),
        complete=len(ends) == len(runs) and not missing,
        seconds=round(sum(run.seconds for run in runs), 1),  # of machines, not of a clock
        ran=sum(run.ran for run in runs),
        known=sum(run.known for run in runs),
        missing_shards=missing,
    )


def _missing(parts: Sequence[Part], split: SplitResult | None) -> tuple[str, ...]:
    """Shards that no part has. A part may itself be a merge that lacked some."""
    if split is None:
        return tuple(dict.fromkeys(n for p in parts for n in p.results.run.missing_shards))
    names = {shard.name for shard in split.shards}
    here: set[str] = set()
    for part in parts:
        run = part.results.run
        if run.shard is not None:
            here.add(run.shard)
        elif part.results.split is not None:
            here |= names - set(run.missing_shards)
    return tuple(shard.name for shard in split.shards if shard.name not in here)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _each_once(items: Iterable[Named]) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for item in items:
        found.setdefault(item.name if isinstance(item, RecipeResult) else item.id, item)
    return tuple(found.values())


def _in_order(results: Results) -> Results:
    """Environments as in the matrix; artifacts and cells by saver, model, format, loader."""
    split = results.split.environments if results.split is not None else ()
    known = [*(item.id for item in split), *(item.id for item in results.environments)]
    places = _places(known)
    models = _places(recipe.name for recipe in results.recipes)
    formats = _places(results.formats)

    def place(artifact: str) -> tuple[int, int, int]:
        saver, recipe, format_ = artifact.split("/")
        return places[saver], models[recipe], formats[format_]

    return replace(
        results,
        environments=tuple(sorted(results.environments, key=lambda item: places[item.id])),
        artifacts=tuple(sorted(results.artifacts, key=lambda item: place(item.id))),
        cells=tuple(
            sorted(results.cells, key=lambda item: (*place(item.artifact), places[item.loader]))
        ),
    )


def _places(names: Iterable[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}
