"""Architectures that one Keras writes and another does not know."""

import io
import json

from scenes import fixed, keras, model, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3, JAX = "tf2.21-keras3.15-py312", "keras3.15-jax-py312"
THEANO = "keras2.3.1-theano-py37"
KERAS3_12 = {"packages": ["keras==3.12.0"], "over": JAX}
KERAS3_3 = {"packages": ["keras==3.3.3"], "over": JAX, "variables": {"KERAS_BACKEND": "numpy"}}


class Loads(object):
    """Saves what ``layers`` build, and loads it as a user first tries it."""

    path = "model.h5"
    shape = (4,)
    name = "source"

    def layers(self, k, value):
        return k.layers.Dense(3, name="hidden")(value)

    def save(self):
        k = keras()
        source = k.layers.Input(shape=self.shape, name=self.name)
        k.models.Model(source, self.layers(k, source)).save(self.path)

    def load(self):
        keras().models.load_model(self.path)


class InZip(Loads):
    path = "model.keras"


class AsJson(Loads):
    def save(self):
        with io.open("model.json", "w") as stream:
            stream.write(self.text(keras()))

    def text(self, k):
        return model(k).to_json()

    def load(self):
        with io.open("model.json") as stream:
            keras().models.model_from_json(stream.read())


@scene("batch-shape@tf2.15-h5", saver=KERAS3, loader=TF215, format="h5")
@scene("batch-shape@tf2.10-h5", saver=KERAS3, loader=TF210, format="h5")
@scene("functional-class@keras3", saver=JAX, loader=TF1, format="h5")
@scene("functional-class@keras3-theano", saver=JAX, loader=THEANO, format="h5")
class BatchShape(Loads):
    pass


@scene("batch-shape@tf2.15-keras", saver=KERAS3, loader=TF215, format="keras")
class BatchShapeInZip(InZip):
    def save(self):
        k = keras()
        k.models.Sequential([k.layers.Input(shape=(4,)), k.layers.Dense(2)]).save(self.path)


@scene("functional-class@tensorflow1", saver=TF210, loader=TF1, format="json")
@scene("functional-class@theano", saver=TF210, loader=THEANO, format="json")
class FunctionalClass(AsJson):
    pass


class Depthwise(Loads):
    shape = (4, 4, 2)

    def layers(self, k, value):
        return k.layers.DepthwiseConv2D(2, name="depthwise")(value)


scene("groups-argument@depthwise", saver=TF210, loader=KERAS3, format="h5")(Depthwise)


@scene("groups-argument@transposed", saver=TF215, loader=JAX, format="h5")
class Transposed(Loads):
    shape = (4, 4, 2)

    def layers(self, k, value):
        return k.layers.Conv2DTranspose(2, 2)(value)


@scene("time-major@lstm", saver=TF215, loader=KERAS3, format="h5")
class TimeMajor(Loads):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.LSTM(2)(value)


@scene("time-major@gru-keras", saver=TF215, loader=JAX, format="keras")
class TimeMajorInZip(InZip):
    def save(self):
        k = keras()
        k.models.Sequential([k.layers.Input(shape=(3, 2)), k.layers.GRU(2)]).save(self.path)


@scene("module-cannot-be-imported@keras3", saver=TF215, loader=KERAS3, format="keras")
@scene("module-cannot-be-imported@jax", saver=TF215, loader=JAX, format="keras")
class ParentModule(InZip):
    pass


@scene("module-cannot-be-imported@back", saver=KERAS3, loader=TF215, format="keras")
class ParentModuleBack(InZip):
    pass


@scene("initializer-axes", saver=JAX, loader=KERAS3_12, format="keras")
class InitializerAxes(InZip):
    def layers(self, k, value):
        value = k.layers.Reshape((4, 1))(value)
        return k.layers.Conv1D(2, 2)(value)


@scene("quantization-config", saver=JAX, loader=KERAS3_12, format="keras")
class QuantizationConfig(InZip):
    shape = (3,)

    def layers(self, k, value):
        return k.layers.Embedding(5, 2)(value)


@scene("batch-normalization-renorm", saver=JAX, loader=KERAS3_12, format="keras")
class Renorm(InZip):
    def layers(self, k, value):
        return k.layers.BatchNormalization()(value)


@scene("batch-normalization-feature", saver=JAX, loader=KERAS3_12, format="keras")
class RenormOn(InZip):
    def layers(self, k, value):
        return k.layers.BatchNormalization(renorm=True)(value)


@scene("key-of-newer-keras3", saver=JAX, loader=KERAS3_3, format="keras")
class ZeroPadding(InZip):
    shape = (4, 2)

    def layers(self, k, value):
        return k.layers.ZeroPadding1D(1)(value)


@scene("orthogonal-name", saver=JAX, loader=KERAS3_3, format="keras")
class Orthogonal(InZip):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.SimpleRNN(2, kernel_initializer="zeros")(value)


@scene("node-format", saver=JAX, loader=KERAS3_3, format="keras")
class NodeFormat(InZip):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.Attention()([value, value])


@scene("normalization-mean-shape", saver=JAX, loader=KERAS3_3, format="keras")
class MeanShape(InZip):
    def layers(self, k, value):
        return k.layers.Normalization(mean=0.5, variance=2.0)(value)


@scene("mixed-precision-policy@h5", saver=TF215, loader=KERAS3, format="h5")
@scene("mixed-precision-policy@jax", saver=TF210, loader=JAX, format="h5")
class Mixed(Loads):
    def layers(self, k, value):
        policy = k.mixed_precision.Policy("mixed_float16")
        return k.layers.Dense(3, dtype=policy, name="hidden")(value)


@scene("inner-layer-without-module@bidirectional", saver=TF210, loader=KERAS3, format="h5")
@scene("inner-layer-without-module@tensorflow1", saver=TF1, loader=JAX, format="h5")
class Inner(Loads):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.Bidirectional(k.layers.LSTM(2))(value)


@scene("inner-layer-without-module@timedistributed", saver=TF210, loader=JAX, format="h5")
class InnerDense(Loads):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.TimeDistributed(k.layers.Dense(2))(value)


@scene("json-of-keras2@functional", saver=TF215, loader=KERAS3, format="json")
@scene("json-of-keras2@theano", saver=THEANO, loader=JAX, format="json")
class Json2(AsJson):
    pass


@scene("json-of-keras2@sequential", saver=TF1, loader=JAX, format="json")
class Json2Sequential(AsJson):
    def text(self, k):
        return k.models.Sequential([k.layers.Dense(2, input_shape=(4,))]).to_json()


@scene("layer-removed@h5", saver=TF215, loader=KERAS3, format="h5")
@scene("layer-removed@keras", saver=TF215, loader=JAX, format="keras")
class Removed(Loads):
    def save(self):
        k = keras()
        found = k.models.Sequential([k.layers.Input(shape=(4,)), k.layers.ThresholdedReLU(1.0)])
        found.save("model.h5")
        found.save("model.keras")

    def load(self):
        k = keras()
        k.models.load_model("model.h5" if k.backend.backend() == "tensorflow" else "model.keras")


@scene("tensorflow-operation-layer@h5", saver=TF210, loader=KERAS3, format="h5")
@scene("tensorflow-operation-layer@slicing", saver=TF215, loader=JAX, format="h5")
class TensorflowOperation(Loads):
    def layers(self, k, value):
        import tensorflow as tf

        return tf.nn.relu(value[:, :2]) + 1.0


@scene("tensorflow-operation-layer@build", loader=KERAS3)
class TensorflowOperationBuilt(TensorflowOperation):
    def save(self):
        pass

    def load(self):
        import tensorflow as tf

        k = keras()
        tf.nn.relu(k.layers.Input(shape=(4,)))


@scene("operation-in-h5@itself", saver=JAX, loader=JAX, format="h5")
@scene("operation-in-h5@tensorflow", saver=KERAS3, loader=KERAS3, format="h5")
class Operation(Loads):
    def layers(self, k, value):
        import keras as k3

        return k3.ops.relu(value) + 1.0


@scene("ragged-argument@h5", saver=TF1, loader=THEANO, format="json")
class Ragged(AsJson):
    pass


@scene("initializer-dtype", saver=TF1, loader=KERAS3, format="h5")
@scene("initializer-dtype@jax", saver=TF1, loader=JAX, format="h5")
class InitializerDtype(Loads):
    pass


@scene("nested-model-node@tf2.10", saver=TF210, loader=KERAS3, format="h5")
@scene("nested-model-node@tf2.15", saver=TF215, loader=JAX, format="h5")
class Nested(Loads):
    def layers(self, k, value):
        inner = k.models.Sequential([k.layers.Dense(3, input_shape=(4,))], name="inner")
        return k.layers.Dense(2)(inner(value))


@scene("axis-as-list@keras", saver=TF215, loader=KERAS3, format="keras")
class AxisInZip(InZip):
    def save(self):
        k = keras()
        layers = [k.layers.Input(shape=(4,)), k.layers.BatchNormalization()]
        k.models.Sequential(layers).save(self.path)


@scene("keyword-not-understood@groups", saver=TF210, loader=TF1, format="h5")
class NotUnderstood(Loads):
    def save(self):
        k = keras()
        layer = k.layers.Conv2D(2, 2, input_shape=(4, 4, 2), kernel_initializer="zeros")
        k.models.Sequential([layer]).save(self.path)


@scene("keyword-not-understood@synchronized", saver=TF215, loader=TF210, format="h5")
class NotUnderstoodLater(Loads):
    """Resizing says more in 2.15."""

    shape = (4, 4, 2)

    def layers(self, k, value):
        return k.layers.UnitNormalization()(k.layers.BatchNormalization(synchronized=True)(value))


@scene("first-layer-shape@keras", saver=TF215, loader=KERAS3, format="keras")
@scene("first-layer-shape@jax", saver=TF215, loader=JAX, format="keras")
class FirstLayer(InZip):
    def save(self):
        k = keras()
        k.models.Sequential([k.layers.Dense(2, input_shape=(4,))]).save(self.path)


@scene("attention-shapes@h5", saver=TF215, loader=KERAS3, format="h5")
@scene("attention-shapes@jax", saver=TF210, loader=JAX, format="h5")
class MultiHead(Loads):
    shape = (3, 4)

    def layers(self, k, value):
        return k.layers.MultiHeadAttention(2, 2)(value, value)


@scene("attention-shapes-missing", saver=TF210, loader=TF215, format="h5")
class MultiHeadOld(MultiHead):
    """The config as TensorFlow 2.4 writes it: without the shapes."""

    def save(self):
        import h5py

        super(MultiHeadOld, self).save()
        with h5py.File(self.path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            for layer in config["config"]["layers"]:
                for key in ("query_shape", "key_shape", "value_shape"):
                    layer["config"].pop(key, None)
            file.attrs["model_config"] = json.dumps(config)


@scene("attention-score-mode@itself", saver=JAX, loader=JAX, format="h5")
@scene("attention-score-mode@keras2", saver=TF215, loader=KERAS3, format="h5")
class ScoreMode(Loads):
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.Attention()([value, value])


@scene("layer-name-with-slash@h5", saver=TF210, loader=KERAS3, format="h5")
@scene("layer-name-with-slash@jax", saver=TF215, loader=JAX, format="h5")
class Slash(Loads):
    def layers(self, k, value):
        return k.layers.Dense(3, name="block/dense")(value)


@scene("input-shape-with-batch@jax", saver=THEANO, loader=JAX, format="h5")
class FirstLayerOld(Loads):
    """Dense takes whatever dimension comes first; a convolution does not."""

    def save(self):
        k = keras()
        layers = [
            k.layers.Conv1D(2, 2, input_shape=(4, 3), kernel_initializer="zeros"),
            k.layers.Flatten(),
            k.layers.Dense(2, kernel_initializer="zeros"),
        ]
        k.models.Sequential(layers).save(self.path)


@scene("model-with-no-layers@tf2.15", saver=THEANO, loader=TF215, format="h5")
@scene("model-with-no-layers@tensorflow1", saver=THEANO, loader=TF1, format="h5")
@scene("model-with-no-layers@theano", saver=THEANO, loader=THEANO, format="h5")
class NoLayers(Loads):
    def save(self):
        k = keras()
        layers = [k.layers.InputLayer(input_shape=(4,)), k.layers.Dense(2)]
        fixed(k.models.Sequential(layers)).save(self.path)


@scene("channels-first-on-cpu", loader=TF1)
class ChannelsFirst(Loads):
    def save(self):
        pass

    def load(self):
        import numpy

        k = keras()
        layer = k.layers.Conv2D(2, 2, data_format="channels_first", input_shape=(2, 4, 4))
        k.models.Sequential([layer]).predict(numpy.ones((1, 2, 4, 4)))


@scene("safe-mode-argument@tf2.10", saver=TF210, loader=TF210, format="h5")
@scene("safe-mode-argument@tensorflow1", saver=TF1, loader=TF1, format="h5")
class SafeModeArgument(Loads):
    def load(self):
        keras().models.load_model(self.path, safe_mode=False)


@scene("yaml-removed", loader=TF210)
class Yaml(Loads):
    def save(self):
        pass

    def load(self):
        keras().models.model_from_yaml("class_name: Sequential")


@scene("json-is-no-model@graph", loader=TF210, format="json")
class GraphOfKeras0(Loads):
    def save(self):
        pass

    def load(self):
        text = '{"name": "Graph", "output_config": [], "loss": {"output": "mse"}}'
        keras().models.model_from_json(text)


@scene("json-is-no-model@twice", loader=JAX, format="json")
class EncodedTwice(Loads):
    def save(self):
        pass

    def load(self):
        print(keras().models.model_from_json('"{}"').weights)


@scene("config-of-keras1@input-tf2.10", loader=TF210, format="json")
class InputOfKeras1(Loads):
    def save(self):
        pass

    def described(self):
        shape = {"batch_input_shape": [None, 4], "input_dtype": "float32", "name": "input_1"}
        return {"class_name": "InputLayer", "config": shape}

    def load(self):
        layers = [self.described()]
        config = {"name": "sequential_1", "layers": layers}
        text = json.dumps({"class_name": "Sequential", "config": config})
        keras().models.model_from_json(text)


@scene("config-of-keras1@dense-tf2.15", loader=TF215, format="json")
class DenseOfKeras1(InputOfKeras1):
    def described(self):
        old = {"output_dim": 2, "init": "uniform", "input_dim": 4, "name": "dense_1"}
        return {"class_name": "Dense", "config": old}


@scene("pickle-modules@keras2", loader=KERAS3)
class PickledModule(Loads):
    """What unpickling does first: import the module that the class came from."""

    def save(self):
        with io.open("model.pkl", "wb") as stream:
            stream.write(b"\x80\x03ckeras.engine.sequential\nSequential\nq\x00.")

    def load(self):
        import pickle

        with io.open("model.pkl", "rb") as stream:
            pickle.load(stream)


@scene("pickle-modules@keras3", loader=TF210)
class PickledModule3(PickledModule):
    def save(self):
        with io.open("model.pkl", "wb") as stream:
            stream.write(b"\x80\x04ckeras.src.models.sequential\nSequential\n.")
