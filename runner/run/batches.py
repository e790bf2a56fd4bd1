"""Which steps may share a process. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from runner.run.pool import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.steps import LoadStep, SaveStep

MOST_TOGETHER = 16


def save_batches(steps: Iterable[SaveStep]) -> list[Batch]:
    """One process for each reference model: what it predicts is observed once for all formats."""
    ordered = sorted(steps, key=lambda step: step.recipe.name)
    return [Batch(steps=tuple(group)) for _, group in groupby(ordered, key=lambda s: s.recipe.name)]


def load_batches(steps: Iterable[LoadStep], *, isolate: bool = False) -> list[Batch]:
    """Cells without custom objects share processes; the others have one each.

    A shared process is a guess that nothing leaks from one cell to the next. The guess is only
    trusted where it comes out plainly identical: everything else runs again alone.
    """
    together: list[LoadStep] = []
    alone: list[LoadStep] = []
    for step in steps:
        (alone if isolate or step.save.recipe.custom else together).append(step)
    starts = range(0, len(together), MOST_TOGETHER)
    groups = [Batch(steps=tuple(together[start : start + MOST_TOGETHER])) for start in starts]
    return groups + [Batch(steps=(step,)) for step in alone]


def saves_by_environment(steps: Sequence[SaveStep]) -> dict[str, list[Batch]]:
    """Return the batches of every saver, in the order of the steps."""
    return {
        name: save_batches(step for step in steps if step.saver.id == name)
        for name in dict.fromkeys(step.saver.id for step in steps)
    }


def loads_by_environment(
    steps: Sequence[LoadStep], *, isolate: bool = False
) -> dict[str, list[Batch]]:
    """Return the batches of every loader, in the order of the steps."""
    return {
        name: load_batches((step for step in steps if step.loader.id == name), isolate=isolate)
        for name in dict.fromkeys(step.loader.id for step in steps)
    }
