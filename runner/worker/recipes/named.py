"""Inputs and outputs in dicts and lists, and graphs whose layers are called in unusual orders."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("dict_inputs", title="Inputs by name, in a dict", exposes=("F33",))
class DictInputs(Recipe):
    """What tabular models and tokenizers give; the order of the names is not that of the calls."""

    def inputs(self) -> Any:
        return {
            "width": fill.probes("dict_inputs/width", (3,)),
            "age": fill.probes("dict_inputs/age", (4,)),
        }

    def build(self, k: "Keras", objects: Objects) -> Any:
        width, age = k.Input(shape=(3,), name="width"), k.Input(shape=(4,), name="age")
        left = k.layers.Dense(3, activation="tanh", name="left")(width)
        right = k.layers.Dense(2, activation="tanh", name="right")(age)
        value = k.layers.Concatenate(name="both")([left, right])
        try:
            return k.Model({"width": width, "age": age}, k.layers.Dense(2, name="out")(value))
        except (TypeError, ValueError, AttributeError) as error:
            k.not_available(f"a model takes no dict of inputs here: {error}")


@recipe("dict_outputs", title="Outputs by name, in a dict", exposes=("F33",))
class DictOutputs(Recipe):
    """Several heads; the names are not in the order of the layers."""

    def inputs(self) -> Arrays:
        return [fill.probes("dict_outputs", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(5, activation="tanh", name="hidden")(source)
        price = k.layers.Dense(1, name="price")(hidden)
        colour = k.layers.Dense(3, activation="softmax", name="colour")(hidden)
        try:
            return k.Model(source, {"price": price, "colour": colour})
        except (TypeError, ValueError, AttributeError) as error:
            k.not_available(f"a model gives no dict of outputs here: {error}")


@recipe("nested_outputs", title="A list of outputs with a list in it", exposes=("F33",))
class NestedOutputs(Recipe):
    """Encoders that give a result and their states."""

    def inputs(self) -> Arrays:
        return [fill.probes("nested_outputs", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(5, activation="tanh", name="hidden")(source)
        first = k.layers.Dense(1, name="first")(hidden)
        states = [k.layers.Dense(size, name=f"state_{size}")(hidden) for size in (2, 3)]
        try:
            return k.Model(source, [first, states])
        except (TypeError, ValueError, AttributeError) as error:
            k.not_available(f"outputs are not nested here: {error}")


@recipe(
    "shared_called_late",
    title="A shared layer whose first call needs the output of a later layer",
    exposes=("F24",),
)
class SharedCalledLate(Recipe):
    """Its first call takes a deep tensor, its second the input: depth and order disagree."""

    def inputs(self) -> Arrays:
        return [fill.probes("shared_called_late", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        shared = k.layers.Dense(4, activation="tanh", name="shared")
        deep = k.layers.Dense(4, activation="tanh", name="deep_one")(source)
        deep = k.layers.Dense(4, activation="tanh", name="deep_two")(deep)
        late = shared(deep)
        early = shared(source)
        both = k.layers.Subtract(name="both")([late, early])
        return k.Model(source, k.layers.Dense(2, name="out")(both))


@recipe(
    "submodels_on_each_call",
    title="A functional model called twice, with another model on each result",
    exposes=("F24", "S11"),
)
class SubmodelsOnEachCall(Recipe):
    """An H5 of Keras 2 that Keras 3.0 and 3.6 read without end."""

    def inputs(self) -> Arrays:
        return [fill.probes("submodels/one", (4,)), fill.probes("submodels/two", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        def small(name: str, size: int) -> Any:
            source = k.Input(shape=(size,), name=f"{name}_in")
            value = k.layers.Dense(3, activation="tanh", name=f"{name}_dense")(source)
            return k.Model(source, value, name=name)

        tower = small("tower", 4)
        one, two = k.Input(shape=(4,), name="one"), k.Input(shape=(4,), name="two")
        left, right = small("left", 3)(tower(one)), small("right", 3)(tower(two))
        both = k.layers.Concatenate(name="both")([left, right])
        return k.Model([one, two], k.layers.Dense(2, name="out")(both))


@recipe("cut_model", title="A model from an inner tensor of another", exposes=("F24",))
class CutModel(Recipe):
    """Transfer learning: the second half of a model, with an input of its own."""

    def inputs(self) -> Arrays:
        return [fill.probes("cut_model", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(5, activation="tanh", name="hidden")(source)
        features = k.layers.Dense(3, activation="tanh", name="features")(hidden)
        whole = k.Model(source, k.layers.Dense(7, name="head")(features))
        inner = whole.get_layer("features").output
        return k.Model(whole.input, k.layers.Dense(2, name="out")(inner))


@recipe(
    "tensor_plus_number",
    title="A tensor plus a number, outside any layer",
    exposes=("F19", "F24"),
)
class TensorPlusNumber(Recipe):
    """Operators become layers of their own: TFOpLambda in Keras 2, Add in Keras 3."""

    def inputs(self) -> Arrays:
        return [fill.probes("tensor_plus_number", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(3, name="hidden")(source)
        try:
            return k.Model(source, k.layers.Dense(2, name="out")(hidden * 2.0 + 0.5))
        except (AttributeError, TypeError, ValueError) as error:
            k.not_available(f"operators do not become layers here: {error}")


@recipe("add_constant", title="An Add layer of a tensor and a constant", exposes=("F19", "F24"))
class AddConstant(Recipe):
    """A constant among the inputs of a layer: a call argument in the file, or not in it."""

    def inputs(self) -> Arrays:
        return [fill.probes("add_constant", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(3, name="hidden")(source)
        constant = np.array([[0.5, -1.0, 2.0]], dtype="float32")
        try:
            constant = (
                k.ops.convert_to_tensor(constant) if k.is_keras3 else k.ops.constant(constant)
            )
            value = k.layers.Add(name="sum")([hidden, constant])
            model = k.Model(source, k.layers.Dense(2, name="out")(value))
        except (AttributeError, TypeError, ValueError, IndexError) as error:
            k.not_available(f"a constant is not the input of a layer here: {error}")
        return model

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1]
        hidden = hidden + np.array([[0.5, -1.0, 2.0]])
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]
