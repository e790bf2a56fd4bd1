"""What a missing shard would have measured: cells that are there to be seen, with no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.nouns.finding import ArtifactStatus, Verdict
from runner.nouns.results import ArtifactResult, CellResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.nouns.results import Results, SplitResult

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
                    hole = _hole(known.id, loader, reason)
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
    """What this saver would save: whether it can, another shard may know."""
    for recipe in results.recipes:
        for format_ in results.formats:
            yield ArtifactResult(
                id=f"{saver}/{recipe.name}/{format_}",
                saver=saver,
                recipe=recipe.name,
                format=format_,
                status=ArtifactStatus.MISSING,
                reason=reason,
                key="",
            )


def _hole(artifact: str, loader: str, reason: str) -> CellResult:
    return CellResult(
        id=f"{artifact}/{loader}",
        artifact=artifact,
        loader=loader,
        verdict=Verdict.MISSING,
        reason=reason,
        route="as-is",
    )
