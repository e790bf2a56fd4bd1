"""Arrays: layouts of weight files, counts and shapes, graphs as layers."""

import numpy
from scenes import fixed, keras, model, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3, JAX = "tf2.21-keras3.15-py312", "keras3.15-jax-py312"
THEANO = "keras2.3.1-theano-py37"
KERAS3_0 = {"packages": ["keras==3.0.5"], "over": JAX, "variables": {"KERAS_BACKEND": "jax"}}


class Weights(object):
    path = "model.weights.h5"

    def build(self, k):
        return model(k)

    def rebuild(self, k):
        return self.build(k)

    def save(self):
        self.build(keras()).save_weights(self.path)

    def load(self):
        self.rebuild(keras()).load_weights(self.path)


@scene("legacy-weights-named-weights-h5@tf2.10", saver=TF210, loader=KERAS3, format="weights-h5")
@scene("legacy-weights-named-weights-h5@theano", saver=THEANO, loader=JAX, format="weights-h5")
class LegacyLayout(Weights):
    pass


@scene("layer-without-variables@keras3", saver=JAX, loader=JAX, format="weights-h5")
@scene("layer-without-variables@keras2", saver=TF215, loader=TF215, format="weights-h5")
class AttributeRenamed(Weights):
    """A custom model whose attribute has another name than when it was saved."""

    def build(self, k, name="encoder"):
        class Mine(k.models.Model):
            def __init__(self):
                super(Mine, self).__init__()
                setattr(self, name, k.layers.Dense(2))

            def call(self, x):
                return getattr(self, name)(x)

        found = Mine()
        found(numpy.ones((1, 4)))
        return found

    def rebuild(self, k):
        return self.build(k, "decoder")


@scene("new-weights-layout-into-old-keras@tf2.10", saver=KERAS3, loader=TF210, format="weights-h5")
@scene("new-weights-layout-into-old-keras@tf1", saver=TF215, loader=TF1, format="weights-h5")
class NewLayout(Weights):
    pass


@scene("old-weights-layout-into-new-keras2", saver=TF210, loader=TF215, format="weights-h5")
class OldLayout(Weights):
    pass


@scene("weight-name-exists", loader=THEANO, format="h5")
class SameNames(Weights):
    """Two parts of one layer whose variables have one name."""

    def save(self):
        pass

    def load(self):
        k = keras()

        class Twice(k.layers.Layer):
            def build(self, shape):
                for _ in range(2):
                    self.add_weight(name="w", shape=(2,), initializer="ones")
                super(Twice, self).build(shape)

            def call(self, x):
                return x * 2.0

            def compute_output_shape(self, shape):
                return shape

        source = k.layers.Input(shape=(4,))
        k.models.Model(source, Twice()(source)).save("model.h5")


@scene("weight-object-missing@keras2", saver=TF215, loader=TF215, format="h5")
class GroupMissing(Weights):
    """A file whose save broke off: one layer's group is not there."""

    path = "model.h5"

    def save(self):
        import h5py

        k = keras()
        k.models.Sequential([k.layers.Input((4,)), k.layers.Dense(2, name="d")]).save(self.path)
        with h5py.File(self.path, "r+") as file:
            del file["model_weights"]["d"]

    def load(self):
        keras().models.load_model(self.path)


class Gru(Weights):
    path = "model.h5"

    def build(self, k, **options):
        return fixed(k.models.Sequential([k.layers.GRU(3, input_shape=(2, 4), **options)]))

    def rebuild(self, k):
        return self.build(k, reset_after=True)


scene("gru-reset-after@keras3", saver=THEANO, loader=KERAS3, format="weights-h5")(Gru)
scene("gru-reset-after@tf2.10", saver=THEANO, loader=TF210, format="weights-h5")(Gru)


@scene("weight-count-mismatch@tf2.10", saver=TF210, loader=TF210, format="weights-h5")
class CountMismatch(Weights):
    path = "model.weights.h5"

    def rebuild(self, k):
        return model(k, use_bias=False)

    def save(self):
        self.path = "model.h5" if not hasattr(keras(), "ops") else self.path
        super(CountMismatch, self).save()

    def load(self):
        self.path = "model.h5" if not hasattr(keras(), "ops") else self.path
        super(CountMismatch, self).load()


@scene("weight-count-mismatch@layers", saver=TF210, loader=KERAS3, format="weights-h5")
@scene("weight-count-mismatch@layers-tf1", saver=TF210, loader=TF1, format="weights-h5")
class LayersMismatch(Weights):
    path = "model.h5"

    def rebuild(self, k):
        return fixed(k.models.Sequential([k.layers.Dense(2, input_shape=(4,))]))


@scene("weight-shape-mismatch@tf2.10", saver=TF210, loader=TF210, format="weights-h5")
@scene("weight-shape-mismatch@legacy", saver=TF210, loader=JAX, format="weights-h5")
class ShapeMismatch(Weights):
    path = "model.h5"

    def rebuild(self, k):
        return model(k, units=5)


@scene("weight-shape-mismatch@keras3", saver=JAX, loader=JAX, format="weights-h5")
@scene("weight-shape-mismatch@tf2.15", saver=TF215, loader=TF215, format="weights-h5")
class ShapeMismatchNew(ShapeMismatch):
    path = "model.weights.h5"


class Graph(object):
    """A SavedModel as a layer of Keras 3."""

    endpoint = "serving_default"

    def save(self):
        model(keras()).save("model")

    def load(self):
        self.layer()(numpy.ones((1, 4), "float32"))

    def layer(self):
        return keras().layers.TFSMLayer("model", call_endpoint=self.endpoint)


@scene("tfsm-endpoint", saver=TF215, loader=KERAS3, format="savedmodel")
class Endpoint(Graph):
    endpoint = "serve"


@scene("tfsm-backend", saver=TF215, loader=JAX, format="savedmodel")
class GraphOnJax(Graph):
    pass


@scene("tfsm-safe-mode", saver=KERAS3, loader=KERAS3, format="keras")
class GraphInZip(Graph):
    endpoint = "serve"

    def save(self):
        k = keras()
        model(k).export("graph")
        layer = k.layers.TFSMLayer("graph", call_endpoint="serve")
        k.models.Sequential([k.layers.Input((4,)), layer]).save("model.keras")

    def load(self):
        keras().models.load_model("model.keras")


@scene("graph-call-arguments@layer", saver=TF215, loader=KERAS3, format="savedmodel")
class Arguments(Graph):
    def load(self):
        self.layer()([numpy.ones((1, 4), "float32"), numpy.ones((1, 4), "float32")])


@scene("graph-call-arguments@dtype", saver=TF215, loader=TF210, format="savedmodel")
class Dtype(Graph):
    def load(self):
        import tensorflow as tf

        graph = tf.saved_model.load("model")
        graph.signatures["serving_default"](tf.constant([[1, 2, 3, 4]]))


@scene("graph-is-no-keras-model@predict", saver=TF215, loader=KERAS3, format="savedmodel")
class NoPredict(Graph):
    def load(self):
        self.layer().predict(numpy.ones((1, 4), "float32"))


@scene("lookup-table-not-initialized", loader=TF210)
class Lookup(object):
    def save(self):
        pass

    def load(self):
        import tensorflow as tf

        k = keras()
        layer = k.layers.StringLookup()
        k.models.Sequential([k.layers.Input((1,), dtype="string"), layer]).predict(
            tf.constant([["a"]])
        )


@scene("weight-name-exists@keras3.0", loader=KERAS3_0, format="h5")
class SameNames3(object):
    """Keras 3.0 and a layer with two parts of one class."""

    def save(self):
        pass

    def load(self):
        k = keras()
        layers = [k.layers.Input((3, 2)), k.layers.Bidirectional(k.layers.LSTM(2))]
        k.models.Sequential(layers).save("model.h5")
