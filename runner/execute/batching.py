"""Which steps may share a process. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from runner.execute.pool import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.nouns.plan import LoadStep, SaveStep

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
