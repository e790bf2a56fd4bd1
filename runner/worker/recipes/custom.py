"""Custom objects that hold sublayers, run code or are random: the reason most people come here."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe(
    "custom_sublayers",
    title="A custom layer that holds sublayers in a list",
    custom=True,
    exposes=("S05", "S06"),
)
class CustomSublayers(Recipe):
    """Weights of sublayers are found by tracking attributes, which differs between versions."""

    def inputs(self) -> Arrays:
        return [fill.probes("custom_sublayers", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class Block(k.layers.Layer):
            def __init__(self, units=4, **kwargs):
                super().__init__(**kwargs)
                self.units = units
                self.steps = [
                    k.layers.Dense(units, activation="tanh", name=f"step_{number}")
                    for number in range(2)
                ]

            def build(self, input_shape):
                shape = tuple(input_shape)
                for step in self.steps:
                    if not step.built:
                        with k.name_scope(step.name):
                            step.build(shape)
                            step.built = True
                    shape = shape[:-1] + (self.units,)
                k.adopt(self, self.steps)
                super().build(input_shape)

            def call(self, inputs):
                for step in self.steps:
                    inputs = step(inputs)
                return inputs

            def compute_output_shape(self, input_shape):
                return tuple(input_shape[:-1]) + (self.units,)

            def get_config(self):
                config = super().get_config()
                config["units"] = self.units
                return config

        return {"Block": Block}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = objects["Block"](4, name="block")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "lambda_python",
    title="A Lambda layer around a Python lambda",
    custom=True,
    exposes=("F09", "F10", "F43", "S12", "F70"),
)
class LambdaPython(Recipe):
    """Its bytecode goes into the file, and runs in whatever Python opens it."""

    def inputs(self) -> Arrays:
        return [fill.probes("lambda_python", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(3, name="hidden")(source)
        value = k.layers.Lambda(lambda x: x * 2.0 + 1.0, output_shape=(3,), name="double")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "noise_at_inference",
    title="A layer that is random at inference",
    custom=True,
    exposes=("S14",),
)
class NoiseAtInference(Recipe):
    """Random by itself: two predictions differ, and that must not be called drift."""

    def inputs(self) -> Arrays:
        return [fill.probes("noise_at_inference", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class AlwaysNoisy(k.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.seed = k.seed_generator()

            def call(self, inputs):
                return inputs + k.random_normal(inputs, self.seed)

            def compute_output_shape(self, input_shape):
                return input_shape

        return {"AlwaysNoisy": AlwaysNoisy}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = objects["AlwaysNoisy"](name="noise")(k.layers.Dense(3, name="hidden")(source))
        return k.Model(source, k.layers.Dense(2, name="out")(value))
