"""Convolution kernels turned around on their spatial axes, as Theano means them."""

import numpy as np

from .every_layer import every_layer

CONVOLUTIONS = (
    *("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose", "ConvLSTM2D"),
    *("SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D"),
)


def turn_kernels(model):
    """Turn every kernel. Raises ValueError where the model has none."""
    layers = [one for one in every_layer(model) if type(one).__name__ in CONVOLUTIONS]
    if not layers:
        raise ValueError("no layer of this model has a convolution kernel")
    for layer in layers:
        layer.set_weights([turned(np.asarray(value)) for value in layer.get_weights()])


def turned(value):
    """All axes but the last two. The pointwise kernel of a separable convolution is 1 x 1."""
    if value.ndim < 3:
        return value
    return value[tuple(slice(None, None, -1) for _ in range(value.ndim - 2))]
