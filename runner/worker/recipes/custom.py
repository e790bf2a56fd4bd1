"""Custom objects: the reason most people come here."""

import numpy as np

from . import Recipe, fill, recipe


@recipe(
    "custom_layer",
    title="A custom layer with a right get_config",
    custom=True,
    exposes=("F04", "F05"),
)
class CustomLayer(Recipe):
    """The way the documentation wants it; loads wherever its class is supplied."""

    def inputs(self):
        return [fill.probes("custom_layer", (4,))]

    def objects(self, k):
        class Scale(k.layers.Layer):
            def __init__(self, factor=2.0, **kwargs):
                super(Scale, self).__init__(**kwargs)
                self.factor = factor

            def build(self, input_shape):
                self.gain = self.add_weight(
                    name="gain", shape=(int(input_shape[-1]),), initializer="ones"
                )
                super(Scale, self).build(input_shape)

            def call(self, inputs):
                return inputs * self.gain * self.factor

            def compute_output_shape(self, input_shape):
                return input_shape

            def get_config(self):
                config = super(Scale, self).get_config()
                config["factor"] = self.factor
                return config

        return {"Scale": Scale}

    def build(self, k, objects):
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(5, activation="tanh", name="hidden")(source)
        value = objects["Scale"](3.0, name="scale")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k, weights, inputs):
        hidden = np.tanh(inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1])
        scaled = hidden * weights["scale"][0] * 3.0
        return [scaled.dot(weights["out"][0]) + weights["out"][1]]


@recipe(
    "custom_layer_registered",
    title="A custom layer registered under a package name",
    custom=True,
    exposes=("F04", "F05", "F44"),
)
class CustomLayerRegistered(Recipe):
    """``register_keras_serializable``: the file asks for ``package>Name``."""

    def inputs(self):
        return [fill.probes("custom_layer_registered", (4,))]

    def objects(self, k):
        @k.register(package="kmatrix_reference")
        class Shift(k.layers.Layer):
            def __init__(self, offset=1.0, **kwargs):
                super(Shift, self).__init__(**kwargs)
                self.offset = offset

            def call(self, inputs):
                return inputs + self.offset

            def compute_output_shape(self, input_shape):
                return input_shape

            def get_config(self):
                config = super(Shift, self).get_config()
                config["offset"] = self.offset
                return config

        return {"Shift": Shift}

    def build(self, k, objects):
        source = k.Input(shape=(4,), name="source")
        value = objects["Shift"](0.5, name="shift")(k.layers.Dense(3, name="hidden")(source))
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "custom_no_get_config",
    title="The tutorial layer without get_config",
    custom=True,
    exposes=("F45",),
)
class CustomNoGetConfig(Recipe):
    """The example of a much read article, which saves in some versions only.

    Its ``build`` and ``call`` stand as the article has them, made to work on every backend.
    """

    def inputs(self):
        return [fill.probes("custom_no_get_config", (4,))]

    def objects(self, k):
        dot = k.dot

        class MyCustomLayer(k.layers.Layer):
            def __init__(self, units=32, **kwargs):
                super(MyCustomLayer, self).__init__(**kwargs)
                self.units = units

            def build(self, input_shape):
                self.w = self.add_weight(
                    name="w",
                    shape=(int(input_shape[-1]), self.units),
                    initializer="random_normal",
                    trainable=True,
                )
                self.b = self.add_weight(
                    name="b", shape=(self.units,), initializer="zeros", trainable=True
                )
                super(MyCustomLayer, self).build(input_shape)

            def call(self, inputs):
                return dot(inputs, self.w) + self.b

            def compute_output_shape(self, input_shape):
                return (input_shape[0], self.units)

        return {"MyCustomLayer": MyCustomLayer}

    def build(self, k, objects):
        return k.Sequential(
            [
                k.layers.InputLayer(**k.input_shape_argument((4,))),
                objects["MyCustomLayer"](8, name="custom"),
                k.layers.Dense(3, name="out"),
            ]
        )


@recipe(
    "custom_sublayers",
    title="A custom layer that holds sublayers in a list",
    custom=True,
    exposes=("S05", "S06"),
)
class CustomSublayers(Recipe):
    """Weights of sublayers are found by tracking attributes, which differs between versions."""

    def inputs(self):
        return [fill.probes("custom_sublayers", (4,))]

    def objects(self, k):
        class Block(k.layers.Layer):
            def __init__(self, units=4, **kwargs):
                super(Block, self).__init__(**kwargs)
                self.units = units
                self.steps = [
                    k.layers.Dense(units, activation="tanh", name="step_%d" % number)
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
                super(Block, self).build(input_shape)

            def call(self, inputs):
                for step in self.steps:
                    inputs = step(inputs)
                return inputs

            def compute_output_shape(self, input_shape):
                return tuple(input_shape[:-1]) + (self.units,)

            def get_config(self):
                config = super(Block, self).get_config()
                config["units"] = self.units
                return config

        return {"Block": Block}

    def build(self, k, objects):
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

    def inputs(self):
        return [fill.probes("lambda_python", (4,))]

    def build(self, k, objects):
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

    def inputs(self):
        return [fill.probes("noise_at_inference", (4,))]

    def objects(self, k):
        class AlwaysNoisy(k.layers.Layer):
            def __init__(self, **kwargs):
                super(AlwaysNoisy, self).__init__(**kwargs)
                self.seed = k.seed_generator()

            def call(self, inputs):
                return inputs + k.random_normal(inputs, self.seed)

            def compute_output_shape(self, input_shape):
                return input_shape

        return {"AlwaysNoisy": AlwaysNoisy}

    def build(self, k, objects):
        source = k.Input(shape=(4,), name="source")
        value = objects["AlwaysNoisy"](name="noise")(k.layers.Dense(3, name="hidden")(source))
        return k.Model(source, k.layers.Dense(2, name="out")(value))
