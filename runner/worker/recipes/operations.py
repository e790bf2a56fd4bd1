"""Arithmetic that is no layer: functions in Lambda layers, ``tf.*`` and ``keras.ops``."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def dense(values: Any, weights: Arrays) -> Any:
    """A Dense layer without activation, in plain NumPy."""
    return values.dot(weights[0]) + weights[1]


def double_plus_one(values):
    """The function of ``lambda_named``: a name in the file from Keras 3 on, bytecode before."""
    return values * 2.0 + 1.0


@recipe(
    "lambda_named",
    title="A Lambda layer around a named, registered function",
    custom=True,
    exposes=("F09", "F10"),
)
class LambdaNamed(Recipe):
    """The control of ``lambda_python``: what the documentation recommends instead.

    Keras 2 writes bytecode of it all the same; Keras 3 writes the name.
    """

    def inputs(self) -> Arrays:
        return [fill.probes("lambda_named", (4,))]

    object_names = ("double_plus_one",)
    package = "kmatrix_reference"

    def objects(self, k: "Keras") -> Objects:
        return {"double_plus_one": k.register(package=self.package)(double_plus_one)}

    def unregistered(self, k: "Keras") -> Objects:
        return {"double_plus_one": double_plus_one}

    def build(self, k: "Keras", objects: Objects) -> Any:
        function = objects.get("double_plus_one", double_plus_one)
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(3, name="hidden")(source)
        value = k.layers.Lambda(function, output_shape=(3,), name="double")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        return [dense(double_plus_one(dense(inputs[0], weights["hidden"])), weights["out"])]


@recipe(
    "lambda_conditional",
    title="A Lambda layer with a condition and a default argument",
    custom=True,
    exposes=("F10", "F70", "S12"),
)
class LambdaConditional(Recipe):
    """Bytecode with jumps goes wrong in another Python minor: an error, a crash, a number."""

    def inputs(self) -> Arrays:
        return [fill.probes("lambda_conditional", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(3, name="hidden")(source)
        value = k.layers.Lambda(
            lambda x, factor=2.0: x * factor if factor > 1.0 else x - factor,
            output_shape=(3,),
            name="choose",
        )(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        return [dense(dense(inputs[0], weights["hidden"]) * 2.0, weights["out"])]


@recipe("tf_ops", title="TensorFlow functions on Keras tensors", exposes=("F25",))
class TfOps(Recipe):
    """Layers that nobody wrote down: TensorFlowOpLayer, TFOpLambda, SlicingOpLambda."""

    def inputs(self) -> Arrays:
        return [fill.probes("tf_ops", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        if k.is_keras3 or not k.is_tf_keras():
            k.not_available("only tf.keras, before Keras 3, takes tf.* for layers")
        source = k.Input(shape=(4,), name="source")
        value = k.tf.nn.relu(k.layers.Dense(6, name="hidden")(source)) + 1.0
        return k.Model(source, k.layers.Dense(2, name="out")(value[:, 1:]))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        value = np.maximum(dense(inputs[0], weights["hidden"]), 0.0) + 1.0
        return [dense(value[:, 1:], weights["out"])]


@recipe("keras_ops", title="keras.ops on Keras tensors", exposes=("F26", "F52"))
class KerasOps(Recipe):
    """Operations are no layers: H5 of the very same Keras does not read them back."""

    def inputs(self) -> Arrays:
        return [fill.probes("keras_ops", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        if not k.is_keras3:
            k.not_available("keras.ops came with Keras 3")
        source = k.Input(shape=(4,), name="source")
        value = k.ops.relu(k.layers.Dense(5, name="hidden")(source)) + 1.0
        value = k.ops.concatenate([value, source], axis=-1)
        return k.Model(source, k.layers.Dense(2, name="out")(value[:, 1:]))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        value = np.maximum(dense(inputs[0], weights["hidden"]), 0.0) + 1.0
        value = np.concatenate([value, inputs[0]], axis=-1)
        return [dense(value[:, 1:], weights["out"])]
