"""An inspection for a person: labelled lines, the most telling first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.inspect.text import counted, size
from runner.nouns.inspection import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.nouns.inspection import Architecture, Inspection, TensorFacts, Weights

MOST = 12  # names in one line
PACKAGES = {"keras": "Keras", "tensorflow": "TensorFlow"}


def lines_of(found: Inspection) -> Iterator[tuple[str, str]]:
    """Label and words."""
    for level in (Level.PROBLEM, Level.TRAP):
        for remark in found.remarks:
            if remark.level is level:
                yield str(level), remark.text
    yield from _needs(found)
    if found.architecture is not None:
        yield from _model(found.architecture)
    if found.training is not None and (found.training.optimizer or found.training.loss):
        yield "training", _training(found)
    if found.weights is not None:
        yield "weights", weights(found.weights)
    yield "size", _size(found)
    for remark in found.remarks:
        if remark.level is Level.NOTE:
            yield "note", remark.text


def _needs(found: Inspection) -> Iterator[tuple[str, str]]:
    if found.minimum:
        least = found.minimum[0]
        package = PACKAGES.get(least.package, least.package)
        yield "needs", f"{package} {least.version} or later ({least.because})"
    if found.custom:
        names = [f"{one.key} ({one.kind})" for one in found.custom]
        yield "asks for", f"{some(names)}: not Keras's own, give them in custom_objects"
    for one in found.code[:MOST]:
        yield "runs code", f"{one.where}: {one.detail}"
    if len(found.code) > MOST:
        yield "runs code", f"and {len(found.code) - MOST} more"


def _model(model: Architecture) -> Iterator[tuple[str, str]]:
    inner = sum(count for name, count in model.layers)
    name = f" {model.name}" if model.name else ""
    if model.layers:
        listed = [f"{count} {name}" if count > 1 else name for name, count in model.layers]
        yield "model", f"{model.class_name}{name}, {counted(inner, 'object')}: {some(listed)}"
    else:
        yield "model", f"{model.class_name}{name}"
    if model.inputs:
        yield "input", some([tensor(one) for one in model.inputs])
    if model.outputs:
        yield "output", some([tensor(one) for one in model.outputs])
    if any(one != "float32" for one in model.dtypes):
        yield "dtypes", some(list(model.dtypes))


def _training(found: Inspection) -> str:
    training = found.training
    assert training is not None  # noqa: S101 - the caller looked
    parts = [training.optimizer or "no optimizer", f"loss {training.loss or 'unknown'}"]
    if training.metrics:
        parts.append(f"metrics {some(training.metrics)}")
    state = "its state is there" if training.state else "without its state"
    return f"{', '.join(parts)}; {state}" if training.optimizer else ", ".join(parts)


def weights(found: Weights) -> str:
    """``10,786 parameters in 8 arrays, float32``."""
    if not found.present:
        return "none"
    kinds = f", {some(found.dtypes)}" if found.dtypes else ""
    return f"{counted(found.parameters, 'parameter')} in {counted(found.arrays, 'array')}{kinds}"


def _size(found: Inspection) -> str:
    files = f" in {counted(found.files, 'file')}" if found.files > 1 else ""
    date = f", saved {found.saver.saved}" if found.saver.saved else ""
    return f"{size(found.bytes)}{files}{date}"


def tensor(one: TensorFacts) -> str:
    """``images (None, 28, 28, 1) float32``."""
    shape = "shape unknown"
    if one.shape is not None:
        inner = ", ".join("None" if number is None else str(number) for number in one.shape)
        shape = f"({inner},)" if len(one.shape) == 1 else f"({inner})"
    parts = [one.name, shape, one.dtype or ""]
    below = f" integers below {one.below:,}" if one.below is not None else ""
    return " ".join(part for part in parts if part) + below


def some(names: Sequence[str]) -> str:
    """The names, the last of many left out."""
    shown = ", ".join(names[:MOST])
    return shown if len(names) <= MOST else f"{shown} and {len(names) - MOST} more"
