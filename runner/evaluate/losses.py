"""What a cell lost although it predicts the same. Pure; one line for each loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.display_text import cut
from runner.evaluate.usage_losses import other_nesting, second_trip_losses, usage_losses
from runner.model.evidence import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.evidence import Evidence, Observation, TrainState
    from runner.model.finding import WeightsComparison
    from runner.model.matrix import Format, Tolerance

MATTERS = ("no matching group found", "could not be loaded")
MATTERS_FOR_TRAINING = (
    "freshly initialized optimizer",
    "Skipping variable loading for optimizer",
)
NO_WRITER = "NoWriter"  # the exception of the worker


def losses(
    format_: Format,
    saved: Observation,
    load: Evidence,
    weights: WeightsComparison | None,
    tolerance: Tolerance,
) -> Iterator[str]:
    """Everything that is not as it was saved, apart from predictions."""
    found = load.observation
    if found is None or format_.predictions_only:
        return  # an exported graph promises predictions, and nothing else
    if weights is not None and weights.equal + weights.flipped < weights.saved:
        missing = weights.saved - weights.equal - weights.flipped
        yield f"{missing} of {weights.saved} weight arrays hold other values"
    if format_.whole:
        yield from _training(saved.train_state, found.train_state)
        yield from _frozen(saved, found)
        yield from other_nesting(saved.usage, found.usage)
        yield from usage_losses(saved.usage, found.usage, tolerance)
        yield from second_trip_losses(load.second_trip)
        if load.save_again is not None and load.save_again.short_type != NO_WRITER:
            yield f"cannot be saved again: {_short(load.save_again.innermost)}"
    if load.failure is not None and load.stage in {Stage.COMPARE, Stage.TRAIN_STATE}:
        yield f"its {load.stage} could not be read: {_short(load.failure.innermost)}"
    words_that_matter = MATTERS + (MATTERS_FOR_TRAINING if format_.whole else ())
    for warning in load.warnings:
        if any(words in warning for words in words_that_matter):
            yield f"warning: {_short(warning)}"


def _training(saved: TrainState | None, loaded: TrainState | None) -> Iterator[str]:
    if saved is None or not saved.compiled:
        return
    if loaded is None or not loaded.compiled:
        yield "the model is not compiled any more: optimizer, loss and metrics are gone"
        return
    if (saved.optimizer or "").lower() != (loaded.optimizer or "").lower():
        yield f"the optimizer is {loaded.optimizer}, and was {saved.optimizer}"
    if saved.slots and not set(saved.slots) <= set(loaded.slots):
        kept = len(set(saved.slots) & set(loaded.slots))
        yield f"the optimizer's state is lost: {kept} of {len(set(saved.slots))} arrays are there"
    elif saved.iterations and saved.iterations != loaded.iterations:
        yield f"the optimizer counts {loaded.iterations} steps, and had made {saved.iterations}"


def _frozen(saved: Observation, loaded: Observation) -> Iterator[str]:
    before = {layer.name: layer.trainable for layer in saved.layers}
    changed = [
        layer.name
        for layer in loaded.layers
        if layer.weights and before.get(layer.name, layer.trainable) != layer.trainable
    ]
    if changed:
        yield f"layers changed between frozen and trainable: {', '.join(changed[:5])}"


def _short(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else "no message"
    return cut(first, 160)
