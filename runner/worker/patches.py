"""What mends a model that loads and computes something else than its saver."""

from typing import TYPE_CHECKING, Any, List

import numpy as np

from . import configs

if TYPE_CHECKING:
    from .api import Keras

ACTIVATIONS = ("activation", "recurrent_activation")
# Their kernels are spatial axes first; Theano convolves where the others correlate.
FLIPPED = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose")
SEPARABLE = ("SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D")


def every_layer(model: Any) -> List[Any]:
    """Layers at every depth: nested models, wrappers, cells."""
    found: List[Any] = []
    waiting = list(getattr(model, "layers", []))
    while waiting:
        layer = waiting.pop(0)
        if any(layer is other for other in found):
            continue
        found.append(layer)
        waiting += list(getattr(layer, "layers", None) or [])
        for name in ("layer", "cell", "forward_layer", "backward_layer"):
            inner = getattr(layer, name, None)
            if inner is not None and hasattr(inner, "get_config"):
                waiting.append(inner)
        waiting += list(getattr(layer, "cells", None) or [])
    return found


def old_hard_sigmoid(k: "Keras", model: Any) -> None:
    """Keras 2's ``hard_sigmoid``, ``clip(0.2 x + 0.5, 0, 1)``, in a Keras 3."""
    clip = k.ops.clip
    _replace(model, "hard_sigmoid", lambda x: clip(0.2 * x + 0.5, 0.0, 1.0))


def new_hard_sigmoid(k: "Keras", model: Any) -> Any:
    """Keras 3's ``hard_sigmoid``, ``relu6(x + 3) / 6``, in a Keras 2."""
    clip = k.ops.clip

    def function(x: Any) -> Any:
        return clip(x + 3.0, 0.0, 6.0) / 6.0

    _replace(model, "hard_sigmoid", function)
    return None if k.eager() else _made_again(k, model, "hard_sigmoid", function)


def _made_again(k: "Keras", model: Any, name: str, function: Any) -> Any:
    """The same model from its configuration, ``name`` meaning ``function``.

    A graph that stands already does not look at a layer's activation again.
    """
    function.__name__ = name  # as the configuration calls it
    with configs.object_scope(k, {name: function}):
        fresh = type(model).from_config(model.get_config())
    fresh.set_weights(model.get_weights())
    return fresh


def _replace(model: Any, name: str, function: Any) -> None:
    changed = 0
    for layer in every_layer(model):
        for attribute in ACTIVATIONS:
            if getattr(getattr(layer, attribute, None), "__name__", "") == name:
                try:
                    setattr(layer, attribute, function)
                except AttributeError:
                    continue  # an RNN shows its cell's, which is visited as well
                changed += 1
    if not changed:
        raise ValueError(f"no layer of this model has the activation {name}")


def flipped_kernels(k: "Keras", model: Any) -> None:
    """Convolution kernels turned around on their spatial axes, as Theano means them."""
    changed = 0
    for layer in every_layer(model):
        kind = type(layer).__name__
        if kind in FLIPPED or kind in SEPARABLE or kind == "ConvLSTM2D":
            _flip(layer, kind)
            changed += 1
    if not changed:
        raise ValueError("no layer of this model has a convolution kernel")


def _flip(layer: Any, kind: str) -> None:
    # The pointwise kernel of a separable convolution is 1 x 1: turning it changes nothing.
    fresh = []
    for value in layer.get_weights():
        value = np.asarray(value)
        if value.ndim >= 3:
            value = value[tuple(slice(None, None, -1) for _ in range(value.ndim - 2))]
        fresh.append(value)
    layer.set_weights(fresh)


def rebound(k: "Keras", model: Any) -> None:
    """``predict`` made anew: a ``.keras`` of Keras 2 leaves ``steps_per_execution`` at None."""
    model.steps_per_execution = 1


PATCHES = {
    "old-hard-sigmoid": old_hard_sigmoid,
    "new-hard-sigmoid": new_hard_sigmoid,
    "flipped-kernels": flipped_kernels,
    "steps-per-execution": rebound,
}
