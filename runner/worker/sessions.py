"""A SavedModel in a session of its own, as TensorFlow 1 ran it: no Keras, no eager execution.

The graph keeps the version it was written in, and with it what its operations meant then.
"""

from typing import Any, Dict

import numpy as np

from . import nesting
from .aliases import Array

SERVE = ["serve"]
DEFAULT = "serving_default"


class Session:
    """A loaded graph that predicts. Takes arrays in the order of the signature's names."""

    def __init__(self, tf: Any, path: str) -> None:
        v1 = getattr(tf.compat, "v1", tf)
        self.graph = tf.Graph()
        self.session = v1.Session(graph=self.graph)
        with self.graph.as_default():
            load = getattr(v1.saved_model, "load", None) or v1.saved_model.loader.load
            signatures = dict(load(self.session, SERVE, path).signature_def)
        named = sorted(name for name in signatures if signatures[name].outputs)
        if not named:
            raise ValueError(
                f"the SavedModel has no signature with outputs, only {sorted(signatures)}"
            )
        self.signature = signatures[DEFAULT if DEFAULT in named else named[0]]

    def __call__(self, inputs: Any) -> Dict[str, Array]:
        """Outputs by their names."""
        taken = self.signature.inputs
        feed = {}
        for name, value in zip(sorted(taken), nesting.leaves(inputs)):
            tensor = self.graph.get_tensor_by_name(taken[name].name)
            feed[tensor] = np.asarray(value, dtype=tensor.dtype.as_numpy_dtype)
        given = self.signature.outputs
        names = {name: given[name].name for name in sorted(given)}
        found: Dict[str, Array] = self.session.run(names, feed)
        return found
