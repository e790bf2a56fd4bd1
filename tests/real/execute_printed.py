"""Execute the code of one remedy as printed, in an environment of its own; no kmatrix in it.

Usage, inside an environment: python -I execute_printed.py CASE_JSON RESULT_JSON

A case is {"code", "file", "prelude", "custom", "inputs": [.npy], "expected": [.npy]}. The code sees
FILE, the path of the saved model; with "prelude" also what a reader would add: imports, inputs, and
OBJECTS of a model that has no classes of its author ("custom" is false).

A result is {"ended", "missing", "words"}: ended is "same", "differs", "failed" or "no-model", and
missing is the name that is not defined, or null.
"""

import json
import sys
import traceback

import numpy as np

PRELUDE = """
import json, os, shutil
import h5py
import numpy as np
try:
    import tensorflow as tf
except ImportError:
    pass
try:
    import keras
    keras.Model
except (ImportError, AttributeError):
    keras = tf.keras
"""


def execute(case):
    inputs = [np.load(path) for path in case["inputs"]]
    names = {"__name__": "__main__", "FILE": case["file"]}
    if case["prelude"]:
        exec(PRELUDE, names)  # noqa: S102 - text of this file
        names["inputs"] = inputs[0] if len(inputs) == 1 else inputs
        if not case["custom"]:
            names["OBJECTS"] = {}
    try:
        exec(compile(case["code"], "<remedy>", "exec"), names)  # noqa: S102 - what is tested
        found = predictions(names, inputs)
    except NameError as error:
        return ended("failed", str(error), missing=name_of(error))
    except Exception as error:
        traceback.print_exc()
        return ended("failed", "%s: %s" % (type(error).__name__, str(error)[:300]))
    if found is None:
        return ended("no-model", "it defines neither model nor outputs")
    expected = [np.load(path) for path in case["expected"]]
    if len(found) != len(expected):
        return ended("differs", "%d outputs, not %d" % (len(found), len(expected)))
    for one, other in zip(found, expected):
        if one.shape != other.shape or not np.allclose(one, other, rtol=1e-4, atol=1e-5):
            return ended("differs", "its predictions are not those of the saver")
    return ended("same", "")


def ended(how, words, missing=None):
    return {"ended": how, "missing": missing, "words": words}


def name_of(error):
    """The name that is not defined; Python 3.6 says it in the message only."""
    return getattr(error, "name", None) or str(error).split("'")[1]


def predictions(names, inputs):
    if "outputs" in names:
        return arrays(names["outputs"])
    if "model" not in names:
        return None
    return arrays(names["model"].predict(inputs[0] if len(inputs) == 1 else inputs))


def arrays(found):
    if isinstance(found, dict):
        found = [found[name] for name in sorted(found)]
    found = found if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(value) for value in found]


if __name__ == "__main__":
    with open(sys.argv[1]) as stream:
        result = execute(json.load(stream))
    with open(sys.argv[2], "w") as stream:
        json.dump(result, stream)
