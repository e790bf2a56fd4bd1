"""Custom layers, and the ways in which a user's project may have changed them since the save."""

from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def as_named(cls: Any, name: str) -> Any:
    """``cls`` under the name that the file asks for."""
    cls.__name__ = cls.__qualname__ = name
    return cls


def make_scale(k: "Keras", changed: Optional[str] = None) -> Any:
    """The layer of ``custom_layer``, as it was saved or as somebody changed it since."""
    default = 5.0 if changed == "changed-default" else 2.0
    extra = (1,) if changed == "changed-weight-shape" else ()

    class Scale(k.layers.Layer):
        def __init__(self, factor=default, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape):
            shape = (int(input_shape[-1]),) + extra
            self.gain = self.add_weight(name="gain", shape=shape, initializer="ones")
            super().build(input_shape)

        def call(self, inputs):
            if changed == "changed-maths":
                return inputs * self.gain + self.factor
            return inputs * self.gain * self.factor

        def compute_output_shape(self, input_shape):
            return input_shape

        def get_config(self):
            config = super().get_config()
            config["factor"] = self.factor
            return config

    class Renamed(Scale):
        def __init__(self, multiplier=default, **kwargs):
            super().__init__(factor=multiplier, **kwargs)

    return as_named(Renamed, "Scale") if changed == "renamed-argument" else Scale


@recipe(
    "custom_layer",
    title="A custom layer with a right get_config",
    custom=True,
    scenarios=True,
    exposes=("F04", "F05"),
)
class CustomLayer(Recipe):
    """The way the documentation wants it; loads wherever its class is supplied."""

    def inputs(self) -> Arrays:
        return [fill.probes("custom_layer", (4,))]

    object_names = ("Scale",)

    def objects(self, k: "Keras") -> Objects:
        return {"Scale": make_scale(k)}

    def changed(self, k: "Keras", scenario: str) -> Objects:
        return {"Scale": make_scale(k, scenario)}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(5, activation="tanh", name="hidden")(source)
        value = objects["Scale"](3.0, name="scale")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = np.tanh(inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1])
        scaled = hidden * weights["scale"][0] * 3.0
        return [scaled.dot(weights["out"][0]) + weights["out"][1]]


def make_shift(k: "Keras", changed: Optional[str] = None) -> Any:
    """The layer of ``custom_layer_registered``, as it was saved or as it was changed since."""
    default = 7.0 if changed == "changed-default" else 1.0

    class Shift(k.layers.Layer):
        def __init__(self, offset=default, **kwargs):
            super().__init__(**kwargs)
            self.offset = offset

        def call(self, inputs):
            if changed == "changed-maths":
                return inputs - self.offset
            return inputs + self.offset

        def compute_output_shape(self, input_shape):
            return input_shape

        def get_config(self):
            config = super().get_config()
            config["offset"] = self.offset
            return config

    class Renamed(Shift):
        def __init__(self, distance=default, **kwargs):
            super().__init__(offset=distance, **kwargs)

    return as_named(Renamed, "Shift") if changed == "renamed-argument" else Shift


@recipe(
    "custom_layer_registered",
    title="A custom layer registered under a package name",
    custom=True,
    scenarios=True,
    exposes=("F04", "F05", "F44"),
)
class CustomLayerRegistered(Recipe):
    """``register_keras_serializable``: the file asks for ``package>Name``."""

    def inputs(self) -> Arrays:
        return [fill.probes("custom_layer_registered", (4,))]

    object_names = ("Shift",)
    package = "kmatrix_reference"

    def objects(self, k: "Keras") -> Objects:
        return {"Shift": k.register(package=self.package)(make_shift(k))}

    def unregistered(self, k: "Keras") -> Objects:
        return {"Shift": make_shift(k)}

    def changed(self, k: "Keras", scenario: str) -> Objects:
        if scenario == "changed-weight-shape":
            k.not_available("this layer has no weights")
        return {"Shift": k.register(package=self.package)(make_shift(k, scenario))}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = objects["Shift"](0.5, name="shift")(k.layers.Dense(3, name="hidden")(source))
        return k.Model(source, k.layers.Dense(2, name="out")(value))


def make_article_layer(k: "Keras", changed: Optional[str] = None) -> Any:
    """The article's layer word for word, but for ``dot``; or as somebody changed it since."""
    dot = k.dot
    default = 16 if changed == "changed-default" else 32
    extra = 1 if changed == "changed-weight-shape" else 0

    class MyCustomLayer(k.layers.Layer):
        def __init__(self, units=default, **kwargs):
            super(MyCustomLayer, self).__init__(**kwargs)
            self.units = units

        def build(self, input_shape):
            self.w = self.add_weight(
                name="w",
                shape=(int(input_shape[-1]), self.units + extra),
                initializer="random_normal",
                trainable=True,
            )
            self.b = self.add_weight(
                name="b", shape=(self.units + extra,), initializer="zeros", trainable=True
            )
            super(MyCustomLayer, self).build(input_shape)

        def call(self, inputs):
            if changed == "changed-maths":
                return dot(inputs, self.w) - self.b
            return dot(inputs, self.w) + self.b

        def compute_output_shape(self, input_shape):
            return (input_shape[0], self.units + extra)

    class Renamed(MyCustomLayer):
        def __init__(self, width=default, **kwargs):
            super().__init__(units=width, **kwargs)

    if changed == "renamed-argument":
        return as_named(Renamed, "MyCustomLayer")
    return MyCustomLayer


@recipe(
    "custom_no_get_config",
    title="The tutorial layer without get_config",
    custom=True,
    scenarios=True,
    exposes=("F45",),
)
class CustomNoGetConfig(Recipe):
    """The example of a much read article, which saves in some versions only.

    Its ``build`` and ``call`` stand as the article has them, made to work on every backend.
    """

    def inputs(self) -> Arrays:
        return [fill.probes("custom_no_get_config", (4,))]

    object_names = ("MyCustomLayer",)

    def objects(self, k: "Keras") -> Objects:
        return {"MyCustomLayer": make_article_layer(k)}

    def changed(self, k: "Keras", scenario: str) -> Objects:
        return {"MyCustomLayer": make_article_layer(k, scenario)}

    def build(self, k: "Keras", objects: Objects) -> Any:
        return k.Sequential(
            [
                k.layers.InputLayer(**k.input_shape_argument((4,))),
                objects["MyCustomLayer"](8, name="custom"),
                k.layers.Dense(3, name="out"),
            ]
        )
