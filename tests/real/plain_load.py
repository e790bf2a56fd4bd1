"""What a user would write: load_model, predict, compare. Shares no code with kmatrix.

Usage, inside an environment: python plain_load.py CASES_JSON RESULTS_JSON
A case is {"id", "path", "weights", "inputs": [.npy], "expected": [.npy]}; with "weights" the path
is a JSON architecture. A result is "same", "differs" or "fails: <exception>".
"""

import json
import os
import sys

import numpy as np

if os.environ.get("PLAIN_KERAS") == "keras":
    import keras
else:
    import tensorflow as tf

    keras = tf.keras


def make_scale():
    """The user's own copy of the custom layer, written anew."""

    class Scale(keras.layers.Layer):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape):
            self.gain = self.add_weight(
                name="gain", shape=(int(input_shape[-1]),), initializer="ones"
            )
            super().build(input_shape)

        def call(self, inputs):
            return self.gain * self.factor * inputs

        def compute_output_shape(self, input_shape):
            return input_shape

        def get_config(self):
            return dict(super().get_config(), factor=self.factor)

    return Scale


def try_case(case):
    objects = {"Scale": make_scale()}
    try:
        if case["weights"]:
            with open(case["path"]) as stream:
                model = keras.models.model_from_json(stream.read(), custom_objects=objects)
            model.load_weights(case["weights"])
        else:
            model = keras.models.load_model(case["path"], custom_objects=objects)
        inputs = [np.load(path) for path in case["inputs"]]
        found = model.predict(inputs if len(inputs) > 1 else inputs[0])
    except Exception as error:
        return "fails: %s: %s" % (type(error).__name__, str(error)[:200])
    found = found if isinstance(found, (list, tuple)) else [found]
    for path, value in zip(case["expected"], found):
        if not np.allclose(np.load(path), value, rtol=1e-4, atol=1e-5):
            return "differs: %g" % np.abs(np.load(path) - value).max()
    return "same"


def main(cases, results):
    with open(cases) as stream:
        found = {case["id"]: try_case(case) for case in json.load(stream)}
    with open(results, "w") as stream:
        json.dump(found, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
