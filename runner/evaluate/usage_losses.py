"""What using a loaded model shows, although it predicts the same. Pure; one line for each loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runner.display_text import cut, one_line
from runner.evaluate.numbers import compare_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.evidence import SecondTrip, Usage
    from runner.model.matrix import Tolerance

SINGLE, LISTED = "*", "[*]"
METRICS_RTOL = 1e-3  # losses are sums of squares: what is small in predictions grows


def other_nesting(saved: Usage | None, loaded: Usage | None) -> Iterator[str]:
    """What is nested otherwise than in the saver: a program that takes it apart fails."""
    if saved is None or loaded is None:
        return
    after = dict(loaded.nested)
    for name, before in saved.nested:
        now = after.get(name, before)
        if now == before:
            continue
        if (before, now) == (SINGLE, LISTED):
            yield f"{name} is a list of one, and was no list"
        elif (before, now) == (LISTED, SINGLE):
            yield f"{name} is no list, and was a list of one"
        else:
            yield f"{name} is nested as {now}, and was {before}"


def usage_losses(saved: Usage | None, loaded: Usage | None, tolerance: Tolerance) -> Iterator[str]:
    """Training and metrics."""
    if saved is None or loaded is None:
        return
    if None not in {saved.trainable, loaded.trainable} and saved.trainable != loaded.trainable:
        yield f"training changes {loaded.trainable} weight arrays, and changed {saved.trainable}"
    yield from _training(saved, loaded, tolerance)
    yield from _metrics(saved, loaded)


def _training(saved: Usage, loaded: Usage, tolerance: Tolerance) -> Iterator[str]:
    if saved.training_random is None or loaded.training_random is None:
        return
    if saved.training_random != loaded.training_random:
        now = "is random, and was not" if loaded.training_random else "is not random, and was"
        yield f"model(x, training=True) {now}"
    elif saved.training is not None and loaded.training is not None:
        found = compare_outputs(saved.training, loaded.training, tolerance)
        if not found.equal:
            how = found.reason or f"differs by up to {found.max_abs:.3g}"
            yield f"model(x, training=True) {how}"


def _metrics(saved: Usage, loaded: Usage) -> Iterator[str]:
    if saved.metrics is None or loaded.metrics is None:
        return
    before, after = dict(saved.metrics), dict(loaded.metrics)
    gone = [name for name in before if name not in after]
    if gone:
        yield f"metrics are gone: {', '.join(gone)}; there are {', '.join(after) or 'none'}"
    for name, value in before.items():
        now = after.get(name, value)
        if not math.isclose(value, now, rel_tol=METRICS_RTOL):
            yield f"{name} is {now:.4g} on the same data, and was {value:.4g}"


def second_trip_losses(trip: SecondTrip | None) -> Iterator[str]:
    """What is lost when the loaded model is saved and loaded once more."""
    if trip is None:
        return
    if trip.failure is not None:
        yield f"saved again, it does not load: {cut(one_line(trip.failure.innermost), 160)}"
    elif not trip.weights:
        yield "saved again and loaded, its weights are other ones"
    elif not trip.config:
        yield "saved again and loaded, its configuration is another one"
