"""A SavedModel in a session of TensorFlow 1's kind: no Keras, no eager execution."""

import numpy as np
import tensorflow as tf


class GraphSession:
    """A loaded graph that predicts. It keeps the version that it was written in."""

    def __init__(self, path):
        v1 = getattr(tf.compat, "v1", tf)
        self.graph = tf.Graph()
        self.session = v1.Session(graph=self.graph)
        with self.graph.as_default():
            load = getattr(v1.saved_model, "load", None) or v1.saved_model.loader.load
            signatures = dict(load(self.session, ["serve"], path).signature_def)
        named = sorted(name for name in signatures if signatures[name].outputs)
        if not named:
            raise ValueError("no signature with outputs, only %s" % sorted(signatures))
        name = "serving_default" if "serving_default" in named else named[0]
        self.signature = signatures[name]

    def predict(self, inputs):
        """Outputs by name; inputs in the order of the signature's names."""
        feed, taken = {}, self.signature.inputs
        for name, value in zip(sorted(taken), flat(inputs)):
            tensor = self.graph.get_tensor_by_name(taken[name].name)
            feed[tensor] = np.asarray(value, dtype=tensor.dtype.as_numpy_dtype)
        given = self.signature.outputs
        return self.session.run({name: given[name].name for name in sorted(given)}, feed)


def flat(inputs):
    """One array, a list of them, or a dictionary in the order of its keys, as a list."""
    if isinstance(inputs, dict):
        return [one for key in sorted(inputs) for one in flat(inputs[key])]
    if isinstance(inputs, (list, tuple)):
        return [one for value in inputs for one in flat(value)]
    return [inputs]
