"""The answer in a line: what the file is, who saved it, and the first thing that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.inspect.model.minimum import tensorflow_of
from runner.nouns.inspection import FileFormat, Level

if TYPE_CHECKING:
    from runner.inspect.draft import Draft
    from runner.nouns.inspection import Saver

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
    """The line."""
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
