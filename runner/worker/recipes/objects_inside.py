"""Layers and models inside the configuration of others: what is serialized twice over."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe(
    "layer_as_activation",
    title="A layer object as the activation of another layer",
    exposes=("F33", "F19"),
)
class LayerAsActivation(Recipe):
    """``Dense(activation=LeakyReLU())``: a layer in the config where a name is expected."""

    def inputs(self) -> Arrays:
        return [fill.probes("layer_as_activation", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        try:
            leaky = k.layers.LeakyReLU(0.2, name="leaky")
            value = k.layers.Dense(5, activation=leaky, name="hidden")(source)
        except (TypeError, ValueError, AttributeError) as error:
            k.not_available(f"a layer is not an activation here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1]
        hidden = np.where(hidden > 0, hidden, hidden * 0.2)
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]


@recipe(
    "layer_of_layers",
    title="A custom layer whose config holds layers",
    custom=True,
    exposes=("F04", "F67"),
)
class LayerOfLayers(Recipe):
    """Wrappers that take the layers they wrap: a list of serialized layers in get_config()."""

    object_names = ("Both",)

    def inputs(self) -> Arrays:
        return [fill.probes("layer_of_layers", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class Both(k.layers.Layer):
            def __init__(self, parts, **kwargs):
                super().__init__(**kwargs)
                self.parts = list(parts)

            def build(self, input_shape):
                for part in self.parts:
                    if not part.built:
                        with k.name_scope(part.name):
                            part.build(tuple(input_shape))
                            part.built = True
                k.adopt(self, self.parts)
                super().build(input_shape)

            def call(self, inputs):
                return self.parts[0](inputs) + self.parts[1](inputs)

            def compute_output_shape(self, input_shape):
                return tuple(input_shape[:-1]) + (self.parts[0].units,)

            def get_config(self):
                config = super().get_config()
                config["parts"] = [k.layers.serialize(part) for part in self.parts]
                return config

            @classmethod
            def from_config(cls, config):
                parts = [k.layers.deserialize(part) for part in config.pop("parts")]
                return cls(parts=parts, **config)

        return {"Both": Both}

    def build(self, k: "Keras", objects: Objects) -> Any:
        if not hasattr(k.layers, "serialize"):
            k.not_available("layers cannot be serialized one by one here")
        parts = [
            k.layers.Dense(3, activation="tanh", name="one"),
            k.layers.Dense(3, name="two"),
        ]
        source = k.Input(shape=(4,), name="source")
        value = objects["Both"](parts, name="both")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "functional_subclass",
    title="A subclass of a functional Model whose get_config calls super()",
    custom=True,
    exposes=("F57", "F04"),
)
class FunctionalSubclass(Recipe):
    """Keras writes the whole graph into its config, which its constructor does not take."""

    object_names = ("Tower",)

    def inputs(self) -> Arrays:
        return [fill.probes("functional_subclass", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class Tower(k.Model):
            def __init__(self, units=5, **kwargs):
                source = k.Input(shape=(4,), name="source")
                value = k.layers.Dense(units, activation="tanh", name="hidden")(source)
                super().__init__(source, k.layers.Dense(2, name="out")(value), **kwargs)
                self.units = units

            def get_config(self):
                config = super().get_config()
                config["units"] = self.units
                return config

        return {"Tower": Tower}

    def build(self, k: "Keras", objects: Objects) -> Any:
        try:
            return objects["Tower"](5, name="tower")
        except (TypeError, ValueError, AttributeError, RuntimeError) as error:
            k.not_available(f"a subclass cannot be functional here: {error}")


@recipe(
    "sequentials_nested",
    title="A Sequential of two Sequentials, one around a functional model",
    exposes=("F24", "F22", "S11"),
)
class SequentialsNested(Recipe):
    """What Teachable Machine exports: features in one Sequential, the head in another."""

    def inputs(self) -> Arrays:
        return [fill.probes("sequentials_nested", (6, 6, 1))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(6, 6, 1), name="image")
        value = k.layers.Conv2D(3, 3, use_bias=False, name="conv")(source)
        value = k.layers.BatchNormalization(name="norm")(value)
        value = k.layers.Activation("relu", name="relu")(value)
        features = k.Model(source, value, name="features")
        body = k.Sequential([features, k.layers.GlobalAveragePooling2D(name="pool")], name="body")
        head = k.Sequential(
            [
                k.layers.Dense(4, activation="relu", input_shape=(3,), name="dense"),
                k.layers.Dense(2, activation="softmax", use_bias=False, name="classes"),
            ],
            name="head",
        )
        model = k.Sequential([body, head], name="whole")
        if k.is_keras3:
            model.build((None, 6, 6, 1))
        return model
