"""Files of Keras 1 and of TensorFlow before 1.0, and what Theano makes of them."""

import faulthandler
import json

from scenes import keras, scene

TF1, TF215, THEANO = "tf1.15-py37", "tf2.15-py311", "keras2.3.1-theano-py37"


class Described(object):
    """One layer in a Sequential, as its configuration says."""

    def described(self):
        return {}

    def save(self):
        pass

    def load(self):
        config = {"name": "sequential_1", "layers": [self.described()]}
        text = json.dumps({"class_name": "Sequential", "config": config})
        keras().models.model_from_json(text)


@scene("regularizer-of-keras1", loader=THEANO, format="json")
class WeightRegularizer(Described):
    def described(self):
        return {
            "class_name": "Dense",
            "config": {
                "output_dim": 2,
                "batch_input_shape": [None, 4],
                "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1},
                "name": "dense_1",
            },
        }


@scene("theano-epsilon", loader=THEANO, format="json")
class SmallEpsilon(Described):
    def described(self):
        return {
            "class_name": "BatchNormalization",
            "config": {"epsilon": 1e-6, "batch_input_shape": [None, 4], "name": "normal"},
        }


@scene("theano-draws-one-by-one", loader=THEANO, format="json")
class ManyWords(Described):
    def described(self):
        return {
            "class_name": "Embedding",
            "config": {
                "input_dim": 20000,
                "output_dim": 200,
                "batch_input_shape": [None, 20],
                "name": "words",
            },
        }

    def load(self):
        faulthandler.dump_traceback_later(20, exit=True)
        super(ManyWords, self).load()


@scene("graph-without-its-version", saver=TF1, loader=TF1, format="savedmodel")
@scene("graph-without-its-version@graph", saver=TF1, loader=TF215, format="savedmodel")
class BeforeScalars(object):
    """A graph as TensorFlow wrote it before 1.0: a placeholder's empty shape meant any shape."""

    def save(self):
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2

        v1 = tf.compat.v1
        with tf.Graph().as_default(), v1.Session() as session:
            text = v1.placeholder(tf.string, [None], name="tf_example")
            parsed = v1.parse_example(text, {"x": v1.FixedLenFeature([1], tf.float32)})
            inner = tf.identity(parsed["x"], name="x")  # fed by the signature, not the text
            outputs = tf.add(inner, 3.0, name="y")
            v1.saved_model.simple_save(session, "model", {"x": inner}, {"y": outputs})
        with open("model/saved_model.pb", "rb") as stream:
            saved = saved_model_pb2.SavedModel.FromString(stream.read())
        graph = saved.meta_graphs[0].graph_def
        graph.versions.producer = 21
        for node in graph.node:
            if node.op == "Placeholder":
                node.attr["shape"].shape.Clear()
            node.attr.pop("_output_shapes", None)
        with open("model/saved_model.pb", "wb") as stream:
            stream.write(saved.SerializeToString())

    def load(self):
        import tensorflow as tf

        if tf.__version__.startswith("1."):
            keras().models.load_model("model")
        else:
            tf.saved_model.load("model")
