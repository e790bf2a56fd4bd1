"""Every format: how a user writes it here, and how a user first tries to read it.

A format that this Keras has no writer for raises ``NoWriter``; the host decides with a control
model whether it is the format or the model that failed.
"""

import inspect
import os
import shutil
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from . import configs, nesting, observe
from .aliases import Arrays
from .load_context import Load, LoadedModel
from .recipes.base import NotAvailable

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


# Loaders


def load_h5(load: Load) -> LoadedModel:
    """A whole model in HDF5."""
    return load_whole(load, load.path("model.h5"))


def load_keras(load: Load) -> LoadedModel:
    """A whole model in the zip format."""
    return load_whole(load, load.path("model.keras"))


def load_savedmodel(load: Load) -> LoadedModel:
    """A whole model in a folder."""
    return load_whole(load, load.path("model"))


def load_whole(load: Load, path: str, **options: Any) -> LoadedModel:
    """``load_model`` with the custom objects that are known."""
    load.mark("read")
    objects = load.objects()
    if objects:
        options["custom_objects"] = objects
    return LoadedModel(load.k.models.load_model(path, **options))


def load_weights_h5(load: Load) -> LoadedModel:
    """Weights from HDF5 into a model from its code."""
    model = load.build()
    load.mark("weights")
    model.load_weights(load.path("model.weights.h5"))
    return LoadedModel(model)


def load_checkpoint(load: Load) -> LoadedModel:
    """Weights from a checkpoint into a model from its code."""
    model = load.build()
    load.mark("weights")
    status = model.load_weights(load.path("model"))
    if hasattr(status, "expect_partial"):
        status.expect_partial()
    return LoadedModel(model)


def load_json(load: Load) -> LoadedModel:
    """A model from its configuration as text, then its weights."""
    load.mark("read")
    with open(load.path("model.json"), encoding="utf-8") as stream:
        text = stream.read()
    model = model_from_text(load, text)
    if not observe.is_built(model):
        load.mark("build")
        configs.build(load, model)
    load.mark("weights")
    model.load_weights(load.path("model.weights.h5"))
    return LoadedModel(model)


def model_from_text(load: Load, text: str, reader: str = "model_from_json") -> Any:
    """The architecture in a text. Raises NotAvailable where this Keras has no such reader."""
    read = getattr(load.k.models, reader, None)
    if read is None:
        raise NotAvailable(f"this Keras has no {reader}")
    objects = load.objects()
    return read(text, **({"custom_objects": objects} if objects else {}))


def load_export(load: Load) -> LoadedModel:
    """As the documentation says: load the SavedModel and call its ``serve`` endpoint."""
    load.mark("read")
    k = load.k
    if k.tf is None:
        raise ImportError("reading a SavedModel needs TensorFlow, which is not installed here")
    loaded = k.tf.saved_model.load(load.path("model"))
    serve = getattr(loaded, "serve", None)
    if serve is None:
        serve = loaded.signatures["serving_default"]

    def call(inputs: Any) -> Arrays:
        tensors = [k.tf.convert_to_tensor(value) for value in nesting.leaves(inputs)]
        return observe.as_list(_call_endpoint(serve, tensors, nesting.packed(inputs, tensors)))

    return LoadedModel(loaded, call)  # holds ``loaded``: its variables are freed with it


def _call_endpoint(serve: Any, tensors: List[Any], structure: Any) -> Any:
    if isinstance(structure, dict):
        return serve(structure)
    if not hasattr(serve, "structured_input_signature") or len(tensors) == 1:
        return serve(*tensors)
    try:
        return serve(*tensors)
    except TypeError:
        return serve(list(tensors))  # Keras 3.0 to 3.6 export several inputs as one list


def call_signature(k: "Keras", signature: Any, inputs: Any, owner: Any = None) -> Arrays:
    """Outputs of a SavedModel's signature: one array bare, several by their names' order.

    ``owner``: what holds the variables; named so that it lives as long as the call.
    """
    described = getattr(signature, "structured_input_signature", None)
    tensors = [k.tf.convert_to_tensor(value) for value in nesting.leaves(inputs)]
    if described and described[1]:
        names = sorted(described[1])
        tensors = [
            k.tf.cast(tensor, described[1][name].dtype) for tensor, name in zip(tensors, names)
        ]
        found = signature(**dict(zip(names, tensors)))
    else:
        found = signature(*tensors)
    del owner
    return observe.as_list(found)


def call_layer(k: "Keras", layer: Any, inputs: Any) -> Arrays:
    """A ``TFSMLayer``, which takes one tensor, or several by name."""
    tensors = [k.tf.convert_to_tensor(value) for value in nesting.leaves(inputs)]
    if len(tensors) == 1:
        return observe.as_list(layer(tensors[0]))
    described: Any = getattr(layer.call_endpoint_fn, "structured_input_signature", ((), {}))
    return observe.as_list(layer(dict(zip(sorted(described[1]), tensors))))


class Format(NamedTuple):
    """One way of writing a model to disk. ``file``: its name in the artifact's folder."""

    file: str
    save: Callable[["Keras", Any, str], None]
    load: Callable[[Load], LoadedModel]
    whole: bool = False  # configuration, weights and training state
    weights: Optional[str] = None  # the HDF5 file with the weights; in a zip its member
    checkpoint: Tuple[str, ...] = ()  # the path of the checkpoint in it
    graph: bool = False  # TensorFlow reads it without Keras


WEIGHTS = "model.weights.h5"
VARIABLES = ("model", "variables", "variables")
FORMATS: Dict[str, Format] = {
    "h5": Format("model.h5", save_h5, load_h5, whole=True, weights="model.h5"),
    "keras": Format("model.keras", save_keras, load_keras, whole=True, weights=WEIGHTS),
    "savedmodel": Format(
        "model", save_savedmodel, load_savedmodel, whole=True, checkpoint=VARIABLES, graph=True
    ),
    "weights-h5": Format(WEIGHTS, save_weights_h5, load_weights_h5, weights=WEIGHTS),
    "checkpoint": Format("model", save_checkpoint, load_checkpoint, checkpoint=("model",)),
    "json": Format("model.json", save_json, load_json, weights=WEIGHTS),
    "export": Format("model", save_export, load_export, checkpoint=VARIABLES, graph=True),
}
