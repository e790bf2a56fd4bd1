"""Merge the results of shards and machines into one grid, with a hole where a shard is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from runner.errors import ExitCode, ToolError
from runner.model.cell_id import ArtifactId
from runner.model.finding import ArtifactStatus, FindingCode, Verdict
from runner.model.results import (
    ArtifactResult,
    CellResult,
    EnvironmentResult,
    RecipeResult,
    Results,
    RouteResult,
    RunInfo,
    ScriptResult,
    SignatureResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.model.results import ExpectationStatus, SplitResult

Named = TypeVar("Named", RecipeResult, SignatureResult, RouteResult, ScriptResult)


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
        scripts=_each_once(item for one in every for item in one.scripts),
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

    def place(artifact: ArtifactId) -> tuple[int, int, int]:
        return places[artifact.saver], models[artifact.recipe], formats[artifact.format]

    return replace(
        results,
        environments=tuple(sorted(results.environments, key=lambda item: places[item.id])),
        artifacts=tuple(sorted(results.artifacts, key=lambda item: place(item.name))),
        cells=tuple(
            sorted(
                results.cells, key=lambda item: (*place(item.name.artifact), places[item.loader])
            )
        ),
    )


def _places(names: Iterable[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


NO_CELLS = frozenset({ArtifactStatus.FAILED, ArtifactStatus.UNSUPPORTED})


def fill_holes(results: Results, split: SplitResult) -> Results:
    """Results with a MISSING cell for whatever a missing shard would have answered."""
    missing = [shard for shard in split.shards if shard.name in results.run.missing_shards]
    if not missing:
        return results
    artifacts = {artifact.id: artifact for artifact in results.artifacts}
    cells = {cell.id: cell for cell in results.cells}
    for shard in missing:
        reason = f"shard {shard.name} is not here"
        for saver, loaders in shard.pairs:
            for artifact in _artifacts(results, saver, reason):
                known = artifacts.setdefault(artifact.id, artifact)
                if known.status in NO_CELLS:
                    continue
                for loader in loaders:
                    hole = _hole(known, loader, reason)
                    cells.setdefault(hole.id, hole)
    here = {item.id for item in results.environments}
    return replace(
        results,
        environments=(
            *results.environments,
            *(item for item in split.environments if item.id not in here),
        ),
        artifacts=tuple(artifacts.values()),
        cells=tuple(cells.values()),
    )


def _artifacts(results: Results, saver: str, reason: str) -> Iterator[ArtifactResult]:
    """Yield what this saver would save: whether it can, another shard may know."""
    for recipe in results.recipes:
        for format_ in results.formats:
            yield ArtifactResult(
                id=str(ArtifactId(saver=saver, recipe=recipe.name, format=format_)),
                saver=saver,
                recipe=recipe.name,
                format=format_,
                status=ArtifactStatus.MISSING,
                reason=reason,
                key="",
            )


def _hole(artifact: ArtifactResult, loader: str, reason: str) -> CellResult:
    return CellResult(
        id=str(artifact.name.read_by(loader)),
        artifact=artifact.id,
        loader=loader,
        verdict=Verdict.MISSING,
        code=FindingCode.NOT_RUN,
        reason=reason,
        route="as-is",
    )


VERDICTS = tuple(
    Verdict
)  # the later one of two that are equally bad: the order of parts is no matter
Item = TypeVar("Item", EnvironmentResult, ArtifactResult, CellResult)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found(Generic[Item]):
    """A result and where it was found."""

    item: Item
    source: str


def choose_all(found: Iterable[Found[Item]], notes: list[str]) -> tuple[Item, ...]:
    """Each id once, in the order in which it first came. Disagreements are added to ``notes``."""
    kept: dict[str, Found[Item]] = {}
    for one in found:
        before = kept.get(one.item.id)
        kept[one.item.id] = one if before is None else choose(before, one, notes)
    return tuple(one.item for one in kept.values())


def choose(one: Found[Item], other: Found[Item], notes: list[str]) -> Found[Item]:
    """Return the one to keep. Of two that say the same: the first, unless the second knows more."""
    worse, better = (other, one) if _rank(other.item) > _rank(one.item) else (one, other)
    if _word(worse.item) == _word(better.item) or _word(better.item) == Verdict.MISSING:
        return worse
    notes.append(
        f"{worse.item.id}: {_word(worse.item)} in {worse.source}, {_word(better.item)} in "
        f"{better.source}; {_word(worse.item)} is kept"
    )
    words = f"{_word(better.item)} in {better.source}"
    if isinstance(better.item, EnvironmentResult) and better.item.reason:
        words += f": {better.item.reason}"
    reason = f"{worse.item.reason}; {words}" if worse.item.reason else words
    return Found(item=replace(worse.item, reason=reason), source=worse.source)


def _word(item: EnvironmentResult | ArtifactResult | CellResult) -> str:
    return str(item.verdict if isinstance(item, CellResult) else item.status)


def _rank(item: EnvironmentResult | ArtifactResult | CellResult) -> tuple[int, int]:
    match item:
        case CellResult():
            return item.verdict.rank, VERDICTS.index(item.verdict)
        case ArtifactResult():
            return item.status.rank, 0
        case EnvironmentResult():
            return item.status.rank, int(bool(item.versions))


def unite_expectations(
    parts: Iterable[Iterable[ExpectationStatus]],
) -> tuple[ExpectationStatus, ...]:
    """Each expectation once, with the cells of all parts."""
    found: dict[tuple[object, ...], ExpectationStatus] = {}
    for part in parts:
        for one in part:
            key = (one.pattern, one.verdicts, one.reason, one.link, one.expires)
            before = found.get(key)
            found[key] = one if before is None else _both(before, one)
    return tuple(found.values())


def _both(one: ExpectationStatus, other: ExpectationStatus) -> ExpectationStatus:
    state = max(one.state, other.state, key=lambda state: state.rank)
    return replace(one, state=state, cells=one.cells + other.cells)
