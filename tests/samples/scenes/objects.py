"""Classes and functions that the loader does not have; Lambda layers."""

import io

import numpy
from scenes import fixed, keras, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3, JAX = "tf2.21-keras3.15-py312", "keras3.15-jax-py312"
THEANO = "keras2.3.1-theano-py37"


def scale(k, with_config=True):
    class Scale(k.layers.Layer):
        def __init__(self, factor=2.0, **kwargs):
            super(Scale, self).__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def compute_output_shape(self, shape):
            return shape

        if with_config:

            def get_config(self):
                config = super(Scale, self).get_config()
                config["factor"] = self.factor
                return config

    return Scale


def around(k, layer, **options):
    source = k.layers.Input(shape=(4,), name="source")
    value = k.layers.Dense(3, name="hidden", **options)(source)
    return fixed(k.models.Model(source, k.layers.Dense(2, name="out")(layer(value))))


class Loads(object):
    path = "model.h5"

    def load(self):
        found = keras().models.load_model(self.path)
        found.predict(numpy.ones((2, 4)))


@scene("unknown-layer@keras3", saver=KERAS3, loader=KERAS3, format="h5")
@scene("unknown-layer@tf2.10", saver=TF210, loader=TF210, format="h5")
@scene("unknown-layer@tf2.15", saver=TF210, loader=TF215, format="h5")
@scene("unknown-layer@tensorflow1", saver=TF1, loader=TF1, format="h5")
@scene("unknown-layer@theano", saver=THEANO, loader=THEANO, format="h5")
class CustomLayer(Loads):
    def save(self):
        k = keras()
        around(k, scale(k)(name="scale")).save(self.path)


@scene("custom-class-not-located@keras3", saver=JAX, loader=JAX, format="keras")
@scene("custom-class-not-located@tf2.15", saver=TF215, loader=TF215, format="keras")
class CustomLayerInZip(CustomLayer):
    path = "model.keras"


@scene("custom-class-not-located@function", saver=JAX, loader=JAX, format="keras")
class CustomFunctionInZip(Loads):
    path = "model.keras"

    def save(self):
        k = keras()

        def triple(x):
            return x * 3.0

        around(k, lambda x: x, activation=triple).save(self.path)


@scene("class-in-other-package@keras3", saver=JAX, loader=JAX, format="keras")
@scene("class-in-other-package@tf2.15", saver=TF215, loader=TF215, format="keras")
class OtherPackage(Loads):
    path = "model.keras"

    def save(self):
        k = keras()
        register = getattr(k, "saving", k.utils).register_keras_serializable
        around(k, register(package="demo")(scale(k))(name="scale")).save(self.path)

    def load(self):
        k = keras()
        register = getattr(k, "saving", k.utils).register_keras_serializable
        register(package="mine")(scale(k))
        k.models.load_model(self.path)


@scene("class-module-not-imported", saver=JAX, loader=JAX, format="keras")
class ModuleNotImported(Loads):
    path = "model.keras"

    def save(self):
        import sys

        with io.open("layers_of_mine.py", "w") as stream:
            stream.write(
                "import keras\n\n"
                "class Double(keras.layers.Layer):\n"
                "    def call(self, x):\n        return x * 2.0\n"
            )
        sys.path.insert(0, ".")
        import layers_of_mine

        around(keras(), layers_of_mine.Double(name="double")).save(self.path)


@scene("unknown-loss-or-metric@tf2.10", saver=TF210, loader=TF210, format="h5")
@scene("unknown-loss-or-metric@tensorflow1", saver=TF1, loader=TF1, format="h5")
class CustomLoss(Loads):
    def save(self):
        def scaled_loss(y_true, y_pred):
            return (y_true - y_pred) ** 2 * 3.0

        found = around(keras(), lambda x: x)
        found.compile(optimizer="sgd", loss=scaled_loss)
        found.fit(numpy.ones((2, 4)), numpy.ones((2, 2)), verbose=0)
        found.save(self.path)


@scene("tf1-initializer-name", saver=TF1, loader=THEANO, format="json")
class InitializerName(object):
    def save(self):
        k = keras()
        text = k.models.Sequential([k.layers.Dense(2, input_shape=(4,))]).to_json()
        with io.open("model.json", "w") as stream:
            stream.write(text)

    def load(self):
        with io.open("model.json") as stream:
            keras().models.model_from_json(stream.read())


@scene("unknown-function@activation", saver=TF210, loader=TF210, format="h5")
@scene("unknown-function@activation-theano", saver=THEANO, loader=THEANO, format="h5")
class CustomActivation(Loads):
    def save(self):
        def mish_of_mine(x):
            return x * 0.5

        around(keras(), lambda x: x, activation=mish_of_mine).save(self.path)


@scene("unknown-function@gelu-tensorflow1", saver=TF215, loader=TF1, format="json")
class GeluUnknown(InitializerName):
    def save(self):
        with io.open("gelu.txt", "w") as stream:
            stream.write("gelu")

    def load(self):
        keras().layers.Dense(2, activation="gelu")


@scene("no-get-config@tf2.10", loader=TF210, format="h5")
@scene("no-get-config@tensorflow1", loader=TF1, format="h5")
class NoGetConfig(object):
    def save(self):
        pass

    def load(self):
        k = keras()
        around(k, scale(k, with_config=False)(3.0, name="scale")).save("model.h5")


@scene("no-get-config@not-plain", loader=KERAS3, format="keras")
class NotPlain(object):
    def save(self):
        pass

    def load(self):
        k = keras()

        class Holds(k.layers.Layer):
            def __init__(self, thing, **kwargs):
                super(Holds, self).__init__(**kwargs)
                self.thing = thing

            def call(self, x):
                return x

        around(k, Holds(object(), name="holds")).save("model.keras")


@scene("class-arguments-changed@keras3", saver=JAX, loader=JAX, format="keras")
@scene("class-arguments-changed@tf2.10", saver=TF210, loader=TF210, format="h5")
class ArgumentsChanged(Loads):
    @property
    def name(self):
        return "model.keras" if hasattr(keras(), "ops") else "model.h5"

    def save(self):
        k = keras()
        around(k, scale(k)(name="scale")).save(self.name)

    def load(self):
        k = keras()

        class Scale(k.layers.Layer):
            def __init__(self, strength=2.0, **kwargs):
                super(Scale, self).__init__(**kwargs)

            def call(self, x):
                return x

        k.models.load_model(self.name, custom_objects={"Scale": Scale})


@scene("lambda-safe-mode@keras", saver=JAX, loader=JAX, format="keras")
@scene("lambda-safe-mode@keras2", saver=TF215, loader=TF215, format="keras")
class SafeMode(Loads):
    path = "model.keras"

    def save(self):
        k = keras()
        around(k, k.layers.Lambda(lambda x: x * 2.0, output_shape=(3,))).save(self.path)


@scene("lambda-safe-mode@h5", saver=JAX, loader=JAX, format="h5")
@scene("lambda-bytecode@3.9-3.11", saver=TF210, loader=TF215, format="h5")
@scene("lambda-bytecode@3.11-3.9", saver=TF215, loader=TF210, format="h5")
@scene("lambda-bytecode@3.7-3.9", saver=THEANO, loader=THEANO, format="h5")
@scene("lambda-bytecode@3.7-3.11", saver=TF1, loader=TF215, format="h5")
class Bytecode(SafeMode):
    path = "model.h5"


@scene("lambda-config", saver=TF215, loader=KERAS3, format="keras")
class LambdaConfig(SafeMode):
    def save(self):
        k = keras()
        layers = [k.layers.Input(shape=(4,)), k.layers.Lambda(lambda x: x * 2.0)]
        k.models.Sequential(layers).save(self.path)

    def load(self):
        keras().models.load_model(self.path, safe_mode=False)


@scene("lambda-output-shape", loader=JAX)
class OutputShape(object):
    def save(self):
        pass

    def load(self):
        k = keras()
        around(k, k.layers.Lambda(lambda x: numpy.asarray(x).mean(axis=1)))


@scene("lambda-name-missing", saver=TF215, loader=TF215, format="h5")
@scene("lambda-name-missing@tensorflow1", saver=TF1, loader=TF1, format="h5")
class NameMissing(Loads):
    """The function uses ``tf``, which the loader's module does not have."""

    def save(self):
        k = keras()
        space = {}
        exec("import tensorflow as tf\ndouble = lambda x: tf.abs(x) * 2.0", space)
        around(k, k.layers.Lambda(space["double"])).save(self.path)


class Subclass(object):
    def build(self):
        k = keras()

        class Mine(k.models.Model):
            def __init__(self):
                super(Mine, self).__init__()
                self.first = k.layers.Dense(3)
                self.second = k.layers.Dense(2)

            def call(self, x):
                return self.second(self.first(x))

        return Mine()

    def save(self):
        found = self.build()
        found.predict(numpy.ones((2, 4)))
        found.save_weights("model.weights.h5")


@scene("subclassed-into-hdf5@tf2.10", loader=TF210, format="h5")
@scene("subclassed-into-hdf5@tensorflow1", loader=TF1, format="h5")
class SubclassSaved(Subclass):
    def save(self):
        pass

    def load(self):
        found = self.build()
        found.predict(numpy.ones((2, 4)))
        found.save("model.h5")


@scene("model-not-built@tf2.10", saver=TF210, loader=TF210, format="weights-h5")
@scene("model-not-built@tensorflow1", saver=TF1, loader=TF1, format="weights-h5")
@scene("model-not-built@keras3", saver=JAX, loader=JAX, format="weights-h5")
class NotBuilt(Subclass):
    def load(self):
        self.build().load_weights("model.weights.h5")


@scene("hub-layer-in-keras3", loader=KERAS3)
class HubLayer(object):
    """What tensorflow_hub's layer is for Keras 3: an object that is no layer."""

    def save(self):
        pass

    def load(self):
        class KerasLayer(object):
            pass

        keras().models.Sequential([KerasLayer()])


@scene("registered-twice", loader=TF210)
class RegisteredTwice(object):
    def save(self):
        pass

    def load(self):
        k = keras()
        register = k.utils.register_keras_serializable
        register(package="demo")(scale(k))
        register(package="demo")(scale(k))
