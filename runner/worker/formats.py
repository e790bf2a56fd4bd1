"""Every format: how a user writes it here.

A format that this Keras has no writer for raises ``NoWriter``; the host decides with a control
model whether it is the format or the model that failed.
"""

import inspect
import os
import shutil
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping

if TYPE_CHECKING:
    from .api import Keras


class NoWriter(Exception):
    """This Keras does not write the format; the message says how that was found."""


def parameters(function: Any) -> Mapping[str, Any]:
    """The parameters of a function; none where it does not tell."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def first_bytes(path: str, count: int = 8) -> bytes:
    """The beginning of a file."""
    with open(path, "rb") as stream:
        return stream.read(count)


# Savers


def save_h5(k: "Keras", model: Any, folder: str) -> None:
    """HDF5, by the name's ending."""
    model.save(os.path.join(folder, "model.h5"))


def save_keras(k: "Keras", model: Any, folder: str) -> None:
    """The zip format. Keras before 2.13 has to be asked for it, in one of two spellings."""
    path = os.path.join(folder, "model.keras")
    spellings = [] if k.is_keras3 else ["keras", "keras_v3"]
    attempts: List[Dict[str, str]] = [{"save_format": name} for name in spellings]
    said = []
    for options in [*attempts, {}]:
        try:
            model.save(path, **options)
        except (ValueError, TypeError, NotImplementedError) as error:
            if not _names_format(error):
                raise
            said.append(str(error))
            continue
        if os.path.isfile(path) and first_bytes(path, 2) == b"PK":
            return
        _remove(path)
        said.append("wrote something else than a zip under the name model.keras")
    raise NoWriter("; ".join(said))


def _names_format(error: Exception) -> bool:
    """Whether the refusal is about the format asked for, and not about the model."""
    text = str(error)
    return "save_format" in text or "`format`" in text or "unexpected keyword" in text


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def save_savedmodel(k: "Keras", model: Any, folder: str) -> None:
    """A path without an extension: what makes Keras 2 write a SavedModel folder."""
    path = os.path.join(folder, "model")
    options = {"save_format": "tf"} if _has_option(k, model.save) else {}
    model.save(path, **options)
    if not os.path.isdir(path):
        _remove(path)  # multi-backend Keras writes HDF5 under any name
        raise NoWriter("save() without an extension wrote no SavedModel folder")


def save_weights_h5(k: "Keras", model: Any, folder: str) -> None:
    """Weights alone, in HDF5."""
    model.save_weights(os.path.join(folder, "model.weights.h5"))


def save_checkpoint(k: "Keras", model: Any, folder: str) -> None:
    """Weights alone, in TensorFlow's format."""
    path = os.path.join(folder, "model")
    options = {"save_format": "tf"} if _has_option(k, model.save_weights) else {}
    model.save_weights(path, **options)
    if not os.path.exists(path + ".index"):
        _remove(path)
        raise NoWriter("save_weights() without an extension wrote no checkpoint")


def _has_option(k: "Keras", function: Any) -> bool:
    """Whether ``save_format`` means something here. Keras 3 names it only to refuse it."""
    return not k.is_keras3 and "save_format" in parameters(function)


def save_json(k: "Keras", model: Any, folder: str) -> None:
    """The configuration as text, and the weights beside it."""
    text = model.to_json()
    with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as stream:
        stream.write(text)
    model.save_weights(os.path.join(folder, "model.weights.h5"))


def save_export(k: "Keras", model: Any, folder: str) -> None:
    """A SavedModel for serving."""
    export = getattr(model, "export", None)
    if export is None:
        raise NoWriter("models have no export() here")
    if k.tf is None:
        raise NoWriter("export() needs TensorFlow, which is not installed here")
    path = os.path.join(folder, "model")
    options = {"verbose": False} if "verbose" in parameters(export) else {}
    export(path, **options)


Save = Callable[["Keras", Any, str], None]
FORMATS: Dict[str, Save] = {
    "h5": save_h5,
    "keras": save_keras,
    "savedmodel": save_savedmodel,
    "weights-h5": save_weights_h5,
    "checkpoint": save_checkpoint,
    "json": save_json,
    "export": save_export,
}
