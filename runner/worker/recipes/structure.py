"""How layers are put together: nested, shared, several of a kind, attention."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe(
    "same_class_twice",
    title="Several layers of one class under default names",
    exposes=("F14",),
)
class SameClassTwice(Recipe):
    """TensorFlow 2.13 numbered the second layer of a class otherwise than its successors."""

    def inputs(self) -> Arrays:
        return [fill.probes("same_class_twice", (6, 6, 1))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(6, 6, 1))
        value = k.layers.Conv2D(2, 3, activation="relu")(source)
        value = k.layers.Conv2D(2, 3)(value)
        value = k.layers.Flatten()(value)
        value = k.layers.Dense(4, activation="tanh")(value)
        return k.Model(source, k.layers.Dense(2)(value))

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        # Default names differ between versions and processes; places in the model do not.
        for place, layer in enumerate(model.layers):
            current = layer.get_weights()
            if current:
                name = f"{type(layer).__name__}-{place}"
                layer.set_weights(fill.layer_weights(type(layer).__name__, name, current, salt))


@recipe(
    "nested_shared",
    title="A Sequential inside a functional model, called twice",
    exposes=("F24", "S11"),
)
class NestedShared(Recipe):
    """Transfer learning and siamese networks; Keras 2 counted the calls otherwise."""

    def inputs(self) -> Arrays:
        return [fill.probes("nested_shared/one", (4,)), fill.probes("nested_shared/two", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        tower = k.Sequential(
            [
                k.layers.Dense(5, activation="tanh", input_shape=(4,), name="tower_one"),
                k.layers.Dense(3, name="tower_two"),
            ],
            name="tower",
        )
        one = k.Input(shape=(4,), name="one")
        two = k.Input(shape=(4,), name="two")
        both = k.layers.Concatenate(name="both")([tower(one), tower(two)])
        return k.Model([one, two], k.layers.Dense(2, name="out")(both))


@recipe(
    "frozen_layers",
    title="Frozen layers beside trainable ones",
    exposes=("S11", "S20"),
)
class FrozenLayers(Recipe):
    """Frozen weights stand elsewhere in the order of a file."""

    def inputs(self) -> Arrays:
        return [fill.probes("frozen_layers", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        frozen = k.layers.Dense(4, activation="tanh", name="frozen")
        frozen.trainable = False
        value = k.layers.Dense(4, name="second")(frozen(source))
        norm = k.layers.BatchNormalization(name="norm")
        norm.trainable = False
        return k.Model(source, k.layers.Dense(4, name="out")(norm(value)))


@recipe("attention", title="Attention over two sequences", exposes=("F33", "F39", "F52"))
class Attention(Recipe):
    """Keras 3.14 and 3.15 take its ``score_mode`` for an operation when they read H5."""

    def inputs(self) -> Arrays:
        return [fill.probes("attention/q", (3, 4)), fill.probes("attention/v", (5, 4))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layer = k.layer("Attention")
        query = k.Input(shape=(3, 4), name="query")
        value = k.Input(shape=(5, 4), name="value")
        left = k.layers.Dense(4, name="left")(query)
        right = k.layers.Dense(4, name="right")(value)
        return k.Model([query, value], layer(name="attention")([left, right]))


@recipe(
    "multi_head",
    title="Multi-head attention with layer normalisation",
    exposes=("F19", "F32", "F40", "F42"),
)
class MultiHead(Recipe):
    """A transformer block; what it keeps in its config changed four times."""

    def inputs(self) -> Arrays:
        return [fill.probes("multi_head", (4, 6))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        attention, norm = k.layer("MultiHeadAttention"), k.layer("LayerNormalization")
        source = k.Input(shape=(4, 6), name="source")
        value = attention(num_heads=2, key_dim=3, name="attention")(source, source)
        value = norm(name="norm")(k.layers.Add(name="add")([source, value]))
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "subclassed",
    title="A Model subclass, built by its first call",
    custom=True,
    exposes=("F57", "F58", "F59", "F14"),
)
class Subclassed(Recipe):
    """No graph to write down: formats keep its class name, or its trace, or refuse."""

    def inputs(self) -> Arrays:
        return [fill.probes("subclassed", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class TwoTowers(k.keras.models.Model):
            def __init__(self, units=5, **kwargs):
                super().__init__(**kwargs)
                self.units = units
                self.left = k.layers.Dense(units, activation="tanh", name="left")
                self.right = k.layers.Dense(units, name="right")
                self.out = k.layers.Dense(2, name="out")

            def call(self, inputs):
                return self.out(self.left(inputs) + self.right(inputs))

            def get_config(self):
                return {"units": self.units}

            @classmethod
            def from_config(cls, config, custom_objects=None):
                return cls(units=config["units"])

        return {"TwoTowers": TwoTowers}

    def build(self, k: "Keras", objects: Objects) -> Any:
        model = objects["TwoTowers"](5)
        try:
            model.predict(self.inputs()[0], verbose=0)
        except TypeError as error:  # Keras 2.3 on Theano
            k.not_available(f"a subclassed model is not built by its first call here: {error}")
        return model
