"""Observe a model: outputs, variables, layers, training state."""

import json
from typing import TYPE_CHECKING, Any, List, Optional

import numpy as np

from . import codec, nesting
from .aliases import Array, Arrays, Json

if TYPE_CHECKING:
    from .api import Keras

CALL_LIMIT = 64  # layers named in a summary
CONFIG_LIMIT = 200000  # characters of a configuration
OUTPUT_LIMIT = 64  # numbers of a layer's output


def as_list(value: Any) -> Arrays:
    """Outputs of a model as a list of arrays, whatever container they came in."""
    return [to_numpy(leaf) for leaf in nesting.leaves(value)]


def to_numpy(value: Any) -> Array:
    """A tensor of any backend as an array."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "numpy"):
        value = value.numpy()
    return np.asarray(value)


def feed(inputs: Any) -> Any:
    """A model takes one array bare, several as a list, and named ones as a dict."""
    if isinstance(inputs, dict):
        return inputs
    return inputs[0] if len(inputs) == 1 else list(inputs)


def predicted(k: "Keras", model: Any, inputs: Any) -> Any:
    """``model.predict``: the way most users ask. Nested as the model answers."""
    rows = len(nesting.leaves(inputs)[0])
    outputs = model.predict(feed(readable(k, inputs)), batch_size=rows, verbose=0)
    forget_state(model)
    return outputs


def predict(k: "Keras", model: Any, inputs: Any) -> Arrays:
    """The arrays of ``predicted``."""
    return as_list(predicted(k, model, inputs))


def readable(k: "Keras", inputs: Any) -> Any:
    """Text as tensors for Keras 3, which refuses arrays of it ("Invalid dtype: str128")."""
    values = nesting.leaves(inputs)
    if not k.is_keras3 or k.tf is None or not any(_is_text(value) for value in values):
        return inputs
    made = [k.tf.constant(value) if _is_text(value) else value for value in values]
    return nesting.packed(inputs, made)


def _is_text(value: Array) -> bool:
    return bool(value.dtype.kind == "U")


def called(k: "Keras", model: Any, inputs: Any, training: bool = False) -> Any:
    """``model(x, training=False)``, nested as the model answers; None in graph mode."""
    if not k.eager():
        return None
    tensors = [_tensor(k, value) for value in nesting.leaves(inputs)]
    outputs = model(feed(nesting.packed(inputs, tensors)), training=training)
    forget_state(model)
    return outputs


def is_built(model: Any) -> bool:
    """Whether the model has its weights. A Sequential saved before it saw an input has none."""
    try:
        weights = list(model.weights)
    except ValueError:  # Keras 2: "Weights for model sequential have not yet been created"
        return False
    return bool(weights) or bool(getattr(model, "built", True))


def forget_state(model: Any) -> None:
    """Stateful layers back to zero: the next prediction starts alike, and a file holds no traces.

    Their state is a weight in Keras 3, and makes two predictions differ everywhere.
    """
    for layer in getattr(model, "layers", []):
        # What adapts to data is called stateful as well, and would forget what it has learnt.
        recurrent = hasattr(layer, "states") or hasattr(layer, "forward_layer")
        if getattr(layer, "stateful", False) and recurrent:
            try:
                (getattr(layer, "reset_states", None) or layer.reset_state)()
            except TypeError:
                # Keras 2.3 asks for the shape of an input it does not know, where the state is
                # given with every call; such a layer has none to forget.
                pass


def _tensor(k: "Keras", value: Array) -> Any:
    if k.is_keras3 and not _is_text(value):
        return k.keras.ops.convert_to_tensor(value)
    return k.tf.convert_to_tensor(value)


def variables(model: Any) -> List[Json]:
    """Every array of the model: name, shape, dtype and digest, in the model's own order."""
    found: List[Json] = []
    values = model.get_weights()
    names = [_variable_name(item) for item in model.weights]
    for index, value in enumerate(values):
        value = np.asarray(value)
        item: Json = {
            "name": names[index] if index < len(names) else str(index),
            "shape": [int(n) for n in value.shape],
            "dtype": str(value.dtype),
            "sha256": codec.digest(value),
        }
        if value.ndim >= 3 and value.dtype.kind == "f":
            # A convolution kernel: spatial axes first, then channels.
            spatial = tuple(slice(None, None, -1) for _ in range(value.ndim - 2))
            item["flipped"] = codec.digest(value[spatial])
        found.append(item)
    return found


def _variable_name(variable: Any) -> str:
    return str(getattr(variable, "path", None) or getattr(variable, "name", ""))


def layers(model: Any) -> List[Json]:
    """The model's own layers, nested models not entered."""
    found = []
    for layer in list(getattr(model, "layers", []))[:CALL_LIMIT]:
        found.append(
            {
                "name": str(layer.name),
                "class": type(layer).__name__,
                "trainable": bool(getattr(layer, "trainable", True)),
                "weights": len(layer.get_weights()),
            }
        )
    return found


def config(model: Any) -> Optional[str]:
    """The model's configuration as JSON text; None where it has none that can be written."""
    try:
        text = json.dumps(model.get_config(), sort_keys=True, default=repr)
    except Exception:
        return None
    return text if len(text) <= CONFIG_LIMIT else None


def layer_outputs(k: "Keras", model: Any, inputs: Any) -> Optional[List[Json]]:
    """The beginning of every layer's output, in order; None where layers have no outputs."""
    try:
        named = [layer for layer in model.layers[:CALL_LIMIT] if _has_one_output(layer)]
        probe = k.Model(model.inputs, [layer.output for layer in named])
        values = as_list(predict(k, probe, inputs))
    except Exception:
        return None
    if len(values) != len(named):
        return None
    return [
        {
            "name": str(layer.name),
            "class": type(layer).__name__,
            "values": codec.encode(np.asarray(value).ravel()[:OUTPUT_LIMIT]),
        }
        for layer, value in zip(named, values)
    ]


def _has_one_output(layer: Any) -> bool:
    if type(layer).__name__ == "InputLayer":
        return False
    try:
        return not isinstance(layer.output, (list, tuple, dict))
    except Exception:
        return False  # called more than once, or never


def train_state(k: "Keras", model: Any) -> Json:
    """Optimizer, loss, step count and the optimizer's arrays; ``compiled`` False without."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return {"compiled": False}
    _create_slots(model, optimizer)
    arrays = _optimizer_arrays(k, optimizer)
    # One number alone is a placeholder: Keras on Theano keeps such for an unused AMSGrad.
    slots = [codec.digest(value) for value in arrays if value.size > 1]
    counts = [int(value) for value in arrays if value.ndim == 0 and value.dtype.kind in "iu"]
    return {
        "compiled": True,
        "optimizer": _plain_name(optimizer),
        "loss": _plain_name(getattr(model, "loss", None)),
        "iterations": counts[0] if counts else None,
        "slots": sorted(slots),
    }


def _create_slots(model: Any, optimizer: Any) -> None:
    """Make the optimizer's variables, which is when a SavedModel or checkpoint restores them."""
    variables = list(getattr(model, "trainable_variables", None) or [])
    for name in ("build", "_create_all_weights", "_create_slots"):
        create = getattr(optimizer, name, None)
        if create is not None and not getattr(optimizer, "built", False):
            try:
                create(variables)
            except Exception:
                continue
            return


def _plain_name(thing: Any) -> Optional[str]:
    if thing is None or isinstance(thing, str):
        return thing
    if isinstance(thing, (list, tuple)):
        return ", ".join(str(_plain_name(item)) for item in thing)
    if isinstance(thing, dict):
        return ", ".join(f"{key}: {_plain_name(thing[key])}" for key in sorted(thing))
    inner = getattr(thing, "optimizer", None)
    if inner is not None and not callable(inner):  # TensorFlow 1's wrapper
        return _plain_name(inner)
    name = getattr(thing, "__name__", None) or type(thing).__name__
    return str(name)


def _optimizer_arrays(k: "Keras", optimizer: Any) -> Arrays:
    get_weights = getattr(optimizer, "get_weights", None)
    if get_weights is not None:
        return [np.asarray(value) for value in get_weights()]
    listed = getattr(optimizer, "variables", [])
    listed = listed() if callable(listed) else listed
    arrays = []
    for variable in listed:
        name = str(getattr(variable, "path", None) or getattr(variable, "name", ""))
        if "learning_rate" in name:
            continue
        arrays.append(to_numpy(variable.value if k.is_keras3 else variable))
    return arrays
