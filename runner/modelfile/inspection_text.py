"""The answer in a line: what the file is, who saved it, and the first thing that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.inspection import FileFormat, Level
from runner.modelfile.addons import owners_of
from runner.modelfile.architecture.minimum import tensorflow_of
from runner.modelfile.printable import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.model.inspection import (
        Architecture,
        CustomName,
        Inspection,
        Saver,
        TensorFacts,
        Weights,
    )
    from runner.modelfile.addons import AddOn
    from runner.modelfile.draft import Draft

WHAT = {
    FileFormat.H5: "a whole model in HDF5",
    FileFormat.LEGACY_WEIGHTS: "weights in HDF5, by layer names",
    FileFormat.WEIGHTS_H5: "weights in HDF5, by object paths",
    FileFormat.KERAS: "a whole model in the .keras format",
    FileFormat.SAVEDMODEL: "a SavedModel",
    FileFormat.CHECKPOINT: "a TensorFlow checkpoint",
    FileFormat.JSON: "an architecture in JSON",
    FileFormat.YAML: "an architecture in YAML",
    FileFormat.GRAPH: "a frozen TensorFlow graph",
    FileFormat.META_GRAPH: "a TensorFlow 1 meta graph",
    FileFormat.TFJS: "a TensorFlow.js model",
    FileFormat.TFLITE: "a TensorFlow Lite model",
    FileFormat.ONNX: "an ONNX model",
    FileFormat.PICKLE: "a pickle",
    FileFormat.TORCH: "a PyTorch file",
    FileFormat.NUMPY: "NumPy arrays",
    FileFormat.HDF5: "an HDF5 file",
    FileFormat.ARCHIVE: "an archive",
    FileFormat.LFS_POINTER: "a Git LFS pointer",
    FileFormat.HTML: "a web page",
    FileFormat.EMPTY: "an empty file",
    FileFormat.TEXT: "a text",
    FileFormat.FOLDER: "a folder without a model",
    FileFormat.UNKNOWN: "a file of no known format",
}


def title_of(draft: Draft) -> str:
    """Return the line."""
    what = WHAT[draft.format]
    broken = any(
        remark.level is Level.PROBLEM and remark.id in ("truncated", "damaged")
        for remark in draft.remarks
    )
    if broken:
        what += ", truncated or damaged"
    return f"{what}{saved_by(draft.saver)}"


def saved_by(saver: Saver) -> str:
    """``, saved by Keras 2.9.0 (TensorFlow 2.9)``; empty where nothing is known."""
    told = saver.tensorflow or tensorflow_of(saver.keras)
    if saver.keras is not None and told is not None:
        return f", saved by Keras {saver.keras} (TensorFlow {told})"
    if saver.keras is not None:
        on = f" on {saver.backend.capitalize()}" if saver.backend == "theano" else ""
        return f", saved by Keras {saver.keras}{on}"
    if saver.tensorflow is not None:
        return f", saved by TensorFlow {saver.tensorflow}"
    if saver.generation is not None:
        return f", written by Keras {saver.generation}{'.x' if saver.generation < 3 else ''}"
    return ""


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
    for name in found.custom:
        for owner in _owners(name):
            yield "add-on", f"{name.key}: a name of {owner.package} ({owner.requires})"
    for one in found.code[:MOST]:
        yield "runs code", f"{one.where}: {one.detail}"
    if len(found.code) > MOST:
        yield "runs code", f"and {len(found.code) - MOST} more"


def _owners(name: CustomName) -> tuple[AddOn, ...]:
    """Return the add-on libraries that have this class, by its module where the file says it."""
    if name.module and (owners := owners_of(name.module)):
        return owners
    return owners_of(name.key)


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
    """Return the names, the last of many left out."""
    shown = ", ".join(names[:MOST])
    return shown if len(names) <= MOST else f"{shown} and {len(names) - MOST} more"
