"""Models of Dense layers: the plainest there are, so that a failure here is about the format."""

from typing import TYPE_CHECKING, Any, Dict, Tuple

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def dense(values: Any, weights: Arrays) -> Any:
    """A Dense layer without activation, in plain NumPy."""
    return values.dot(weights[0]) + weights[1]


@recipe(
    "mlp_sequential",
    title="Sequential of Dense layers behind an InputLayer",
    exposes=("F02", "F19", "F22", "F23"),
)
class MlpSequential(Recipe):
    """The control: an environment that cannot write this does not write the format."""

    def inputs(self) -> Arrays:
        return [fill.probes("mlp_sequential", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        return k.Sequential(
            [
                k.layers.InputLayer(**k.input_shape_argument((4,))),
                k.layers.Dense(6, activation="tanh", name="hidden"),
                k.layers.Dense(3, name="out"),
            ]
        )

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = np.tanh(dense(inputs[0], weights["hidden"]))
        return [dense(hidden, weights["out"])]


@recipe(
    "mlp_functional",
    title="Functional model with Add and Concatenate",
    exposes=("F06", "F16", "F22"),
)
class MlpFunctional(Recipe):
    """Functional models have another class name in every era of Keras."""

    def inputs(self) -> Arrays:
        return [fill.probes("mlp_functional", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        left = k.layers.Dense(5, activation="tanh", name="left")(source)
        right = k.layers.Dense(5, name="right")(source)
        both = k.layers.Add(name="add")([left, right])
        wide = k.layers.Concatenate(name="wide")([both, left])
        return k.Model(source, k.layers.Dense(2, name="out")(wide))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        left = np.tanh(dense(inputs[0], weights["left"]))
        right = dense(inputs[0], weights["right"])
        wide = np.concatenate([left + right, left], axis=-1)
        return [dense(wide, weights["out"])]


@recipe(
    "mlp_first_layer_shape",
    title="Sequential whose first Dense carries the input shape",
    exposes=("F41", "F21", "F71"),
)
class MlpFirstLayerShape(Recipe):
    """The way most tutorials wrote it; files differ in where the shape is kept."""

    def inputs(self) -> Arrays:
        return [fill.probes("mlp_first_layer_shape", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        return k.Sequential(
            [
                k.layers.Dense(6, activation="relu", input_shape=(4,), name="hidden"),
                k.layers.Dense(3, name="out"),
            ]
        )

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = np.maximum(dense(inputs[0], weights["hidden"]), 0.0)
        return [dense(hidden, weights["out"])]


@recipe(
    "several_inputs_outputs",
    title="Two inputs and two outputs",
    exposes=("F38",),
)
class SeveralInputsOutputs(Recipe):
    """Orders and names of inputs and outputs are part of a format."""

    def inputs(self) -> Arrays:
        return [
            fill.probes("several_inputs_outputs/one", (3,)),
            fill.probes("several_inputs_outputs/two", (5,)),
        ]

    def build(self, k: "Keras", objects: Objects) -> Any:
        one = k.Input(shape=(3,), name="one")
        two = k.Input(shape=(5,), name="two")
        left = k.layers.Dense(4, activation="tanh", name="left")(one)
        right = k.layers.Dense(4, activation="tanh", name="right")(two)
        both = k.layers.Concatenate(name="both")([left, right])
        first = k.layers.Dense(2, name="first")(both)
        second = k.layers.Dense(3, name="second")(right)
        return k.Model([one, two], [first, second])

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        left = np.tanh(dense(inputs[0], weights["left"]))
        right = np.tanh(dense(inputs[1], weights["right"]))
        both = np.concatenate([left, right], axis=-1)
        return [dense(both, weights["first"]), dense(right, weights["second"])]


@recipe(
    "activations",
    title="Activations whose definition changed or was renamed",
    exposes=("S02", "S13", "F33"),
)
class Activations(Recipe):
    """``hard_sigmoid`` is another function since Keras 3; the inputs reach its bent parts."""

    def inputs(self) -> Arrays:
        return [fill.probes("activations", (5,), rows=8)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5,), name="source")
        names = ("hard_sigmoid", "elu", "selu", "softplus", "softsign")
        parts = [
            k.layers.Activation(name, name="act_" + name)(
                k.layers.Dense(3, name="dense_" + name)(source)
            )
            for name in names
        ]
        return k.Model(source, k.layers.Concatenate(name="all")(parts))


@recipe(
    "leaky_and_prelu",
    title="Activation layers with arguments: LeakyReLU, PReLU, ELU, Softmax",
    exposes=("F33",),
)
class LeakyAndPrelu(Recipe):
    """Their arguments were renamed between Keras 2 and 3 (``alpha``, ``negative_slope``)."""

    def inputs(self) -> Arrays:
        return [fill.probes("leaky_and_prelu", (5,), rows=6)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5,), name="source")
        value = k.layers.Dense(6, name="one")(source)
        value = k.layers.LeakyReLU(0.2, name="leaky")(value)
        value = k.layers.Dense(6, name="two")(value)
        value = k.layers.PReLU(name="prelu")(value)
        value = k.layers.ELU(name="elu")(value)
        return k.Model(source, k.layers.Softmax(name="softmax")(value))


@recipe(
    "slash_in_name",
    title="A layer called block/dense",
    exposes=("F47",),
)
class SlashInName(Recipe):
    """Allowed in Keras 2 and usual in ported models; Keras 3 refuses the name."""

    def inputs(self) -> Arrays:
        return [fill.probes("slash_in_name", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        try:
            value = k.layers.Dense(3, name="block/dense")(source)
        except ValueError as error:
            k.not_available(f"a layer cannot be called block/dense here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(value))


class NamedLayers(Recipe):
    """Three Dense layers, two of them with the names that the subclass gives."""

    names: Tuple[str, ...] = ()

    def inputs(self) -> Arrays:
        return [fill.probes(self.name, (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = value = k.Input(shape=(4,), name="source")
        try:
            for name in self.names:
                value = k.layers.Dense(3, activation="tanh", name=name)(value)
        except ValueError as error:
            k.not_available(f"a layer cannot be called so here: {error}")
        model = k.Model(source, k.layers.Dense(2, name="out")(value))
        return self.running(k, model, "valid scope name")

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        value = inputs[0]
        for name in self.names:
            value = np.tanh(dense(value, weights[name]))
        return [dense(value, weights["out"])]


@recipe(
    "unusual_names",
    title="Layer names with dots, dashes and a digit in front",
    exposes=("F40", "F47"),
)
class UnusualNames(NamedLayers):
    """Names become HDF5 paths, variable scopes and signature keys, each with rules of its own."""

    names = ("1.block-a", "Block.Two")


@recipe(
    "space_in_name",
    title="Layer names with a space and an umlaut",
    exposes=("F40", "F47"),
)
class SpaceInName(NamedLayers):
    """TensorFlow refuses such scopes before Keras 3; other backends write them into files."""

    names = ("one layer", "gr\u00f6\u00dfe two")
