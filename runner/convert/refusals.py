"""Files that no conversion can help, decided from what inspection found. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.inspection import FileFormat

if TYPE_CHECKING:
    from runner.model.inspection import Inspection

ARCHITECTURES = frozenset({FileFormat.JSON, FileFormat.YAML})
WEIGHTS = frozenset({FileFormat.LEGACY_WEIGHTS, FileFormat.WEIGHTS_H5})
OTHERS = frozenset({FileFormat.CHECKPOINT, FileFormat.TFJS})
MODELS = frozenset({FileFormat.H5, FileFormat.KERAS, FileFormat.SAVEDMODEL})
REASONS = {
    FileFormat.PICKLE: (
        "a pickle runs code when it is read and needs the very classes that wrote it; "
        "load it where it was written and save the model from there"
    ),
    FileFormat.META_GRAPH: "a graph of TensorFlow 1 without a Keras model in it",
    FileFormat.GRAPH: "a frozen graph without a Keras model in it",
    FileFormat.TFLITE: "TensorFlow Lite keeps no Keras model",
    FileFormat.ONNX: "ONNX keeps no Keras model",
    FileFormat.TORCH: "a PyTorch file, not a Keras model",
    FileFormat.LFS_POINTER: "a Git LFS pointer instead of the file: run git lfs pull",
    FileFormat.HTML: "a web page instead of the file: download it again",
    FileFormat.EMPTY: "an empty file",
}


def refusal(inspection: Inspection, *, trusted: bool) -> str | None:
    """Why a file is not converted at all; None where a conversion is tried."""
    found = inspection.format
    if found in REASONS:
        return REASONS[found]
    if found not in MODELS | ARCHITECTURES | WEIGHTS | OTHERS:
        return f"not a saved Keras model: {inspection.title}"
    if inspection.code and not trusted:
        what = ", ".join(sorted({one.kind for one in inspection.code}))
        return (
            f"loading it runs code of the file ({what}); --trust allows that, for a file whose "
            "author you know"
        )
    return None
