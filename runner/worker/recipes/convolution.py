"""Convolutions: kernels, their orientation, and the layers that live beside them."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe(
    "conv1d",
    title="Conv1D with an asymmetric kernel",
    exposes=("S01",),
)
class Conv1D(Recipe):
    """Theano turns kernels round; a loader that does not know predicts something else."""

    def inputs(self) -> Arrays:
        return [fill.probes("conv1d", (8, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(8, 2), name="source")
        return k.Model(source, k.layers.Conv1D(3, 3, name="conv")(source))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, bias = weights["conv"]
        if k.backend == "theano":
            kernel = kernel[::-1]  # a convolution in the sense of mathematics
        values = inputs[0]
        steps = values.shape[1] - kernel.shape[0] + 1
        parts = [
            np.tensordot(values[:, step : step + kernel.shape[0]], kernel, axes=([1, 2], [0, 1]))
            for step in range(steps)
        ]
        return [np.stack(parts, axis=1) + bias]


@recipe(
    "conv_bn",
    title="Conv2D, batch normalisation, pooling and Dense, as in most image classifiers",
    exposes=("F28", "F19", "S01", "F60"),
)
class ConvBn(Recipe):
    """Kernel orientation, the axis of batch normalisation and the order of Flatten."""

    def inputs(self) -> Arrays:
        return [fill.probes("conv_bn", (8, 8, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(8, 8, 2), name="source")
        value = k.layers.Conv2D(4, (3, 2), name="conv")(source)
        value = k.layers.BatchNormalization(name="bn")(value)
        value = k.layers.Activation("relu", name="relu")(value)
        value = k.layers.MaxPooling2D(2, name="pool")(value)
        value = k.layers.Flatten(name="flat")(value)
        return k.Model(source, k.layers.Dense(3, name="out")(value))


@recipe(
    "mobilenet_block",
    title="Depthwise and separable convolutions with ReLU6",
    exposes=("F07", "F33"),
)
class MobilenetBlock(Recipe):
    """The layers whose inherited ``groups`` argument Keras 3 refuses."""

    def inputs(self) -> Arrays:
        return [fill.probes("mobilenet_block", (6, 6, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(6, 6, 3), name="source")
        depthwise = k.layer("DepthwiseConv2D")(3, padding="same", name="depthwise")
        try:
            value = depthwise(source)
        except NotImplementedError as error:
            k.not_available(f"DepthwiseConv2D does not work on this backend: {error}")
        value = k.layers.ReLU(6.0, name="relu6")(value)
        value = k.layers.SeparableConv2D(4, 3, padding="same", name="separable")(value)
        value = k.layers.GlobalAveragePooling2D(name="pool")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "unet_decoder",
    title="Conv2DTranspose, upsampling, cropping and a skip connection",
    exposes=("F07", "F19", "S01"),
)
class UnetDecoder(Recipe):
    """What decoders of U-Nets are made of."""

    def inputs(self) -> Arrays:
        return [fill.probes("unet_decoder", (6, 6, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(6, 6, 2), name="source")
        down = k.layers.Conv2D(3, 3, strides=2, padding="same", name="down")(source)
        up = k.layers.Conv2DTranspose(3, 3, strides=2, padding="same", name="up")(down)
        skip = k.layers.Concatenate(name="skip")([source, up])
        skip = k.layers.ZeroPadding2D(1, name="pad")(skip)
        skip = k.layers.Cropping2D(1, name="crop")(skip)
        value = k.layers.UpSampling2D(2, name="nearest")(skip)
        return k.Model(source, k.layers.Conv2D(1, 3, name="out")(value))


@recipe(
    "upsample_bilinear",
    title="Bilinear UpSampling2D",
    exposes=("S04",),
)
class UpsampleBilinear(Recipe):
    """Corners were aligned otherwise before TensorFlow 2."""

    def inputs(self) -> Arrays:
        return [fill.probes("upsample_bilinear", (4, 4, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4, 4, 2), name="source")
        value = k.layers.Conv2D(2, 1, name="conv")(source)
        return k.Model(
            source, k.layers.UpSampling2D(2, interpolation="bilinear", name="bilinear")(value)
        )
