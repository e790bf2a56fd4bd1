"""Images and volumes: kernels in three dimensions, channels first, resizing, augmentation."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("conv3d", title="Conv3D with an asymmetric kernel", exposes=("S01",))
class Conv3D(Recipe):
    """Theano turns kernels round on all three axes."""

    def inputs(self) -> Arrays:
        return [fill.probes("conv3d", (4, 4, 4, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4, 4, 4, 2), name="source")
        model = k.Model(source, k.layers.Conv3D(2, (2, 3, 2), name="conv")(source))
        return self.running(k, model, "AbstractConv3d")

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, bias = weights["conv"]
        if k.backend == "theano":
            kernel = kernel[::-1, ::-1, ::-1]  # a convolution in the sense of mathematics
        sizes = [4 - size + 1 for size in kernel.shape[:3]]
        found = np.zeros([len(inputs[0])] + sizes + [2], dtype="float32")
        for place in np.ndindex(*sizes):
            window = tuple(slice(at, at + size) for at, size in zip(place, kernel.shape))
            part = inputs[0][(slice(None),) + window]
            found[(slice(None),) + place] = np.tensordot(part, kernel, axes=4)
        return [found + bias]


@recipe("channels_first", title="Conv2D with channels first", exposes=("F60", "S19"))
class ChannelsFirst(Recipe):
    """Loads everywhere; older TensorFlow has no such convolution for a CPU."""

    def inputs(self) -> Arrays:
        return [fill.probes("channels_first", (2, 6, 6))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        first = {"data_format": "channels_first"}
        source = k.Input(shape=(2, 6, 6), name="source")
        value = k.layers.Conv2D(3, 3, name="conv", **first)(source)
        value = k.layers.Flatten(name="flat", **first)(value)
        model = k.Model(source, k.layers.Dense(2, name="out")(value))
        return self.running(k, model, "NHWC")


@recipe("upsample_nearest", title="UpSampling2D by repetition", exposes=())
class UpsampleNearest(Recipe):
    """The control of ``upsample_bilinear``: every Keras repeats pixels the same way."""

    def inputs(self) -> Arrays:
        return [fill.probes("upsample_nearest", (3, 3, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(3, 3, 2), name="source")
        value = k.layers.Conv2D(2, 1, name="conv")(source)
        return k.Model(source, k.layers.UpSampling2D(2, name="nearest")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, bias = weights["conv"]
        value = inputs[0].dot(kernel[0, 0]) + bias
        return [value.repeat(2, axis=1).repeat(2, axis=2)]


@recipe(
    "image_augmentation",
    title="Resizing and RandomFlip inside the model",
    exposes=("F19", "S14"),
)
class ImageAugmentation(Recipe):
    """The flip is for training alone; called without ``training`` it flips in Keras 3."""

    def inputs(self) -> Arrays:
        return [fill.probes("image_augmentation", (6, 6, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        resizing, flip = k.layer("Resizing"), k.layer("RandomFlip")
        source = k.Input(shape=(6, 6, 2), name="source")
        value = resizing(4, 4, name="resizing")(source)
        value = flip("horizontal", seed=7, name="flip")(value)
        value = k.layers.Conv2D(2, 2, name="conv")(value)
        value = k.layers.Flatten(name="flat")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))
