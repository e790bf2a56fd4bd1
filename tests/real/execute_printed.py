"""Execute the script of one remedy as printed, in an environment of its own; no kmatrix in it.

Usage, inside an environment and in a folder with the saved file, and what the script imports beside
it: python -I execute_printed.py CASE_JSON RESULT_JSON

A case is {"code", "inputs": [.npy], "expected": [.npy]}; "expected" is null where the script saves
the model for another environment. A result is {"ended", "missing", "words"}: ended is "same",
"differs", "failed" or "no-model", and missing is the module that is not found, or null.
"""

import json
import os
import sys
import traceback

import numpy as np


def execute(case):
    sys.path.insert(0, os.getcwd())  # as python does that is given a script
    names = {"__name__": "__main__"}
    try:
        exec(compile(case["code"], "<remedy>", "exec"), names)  # noqa: S102 - what is tested
        if case["expected"] is None:
            return ended("same", "")
        found = predictions(names, [np.load(path) for path in case["inputs"]])
    except ImportError as error:
        traceback.print_exc()
        return ended("failed", "%s: %s" % (type(error).__name__, error), missing=error.name)
    except Exception as error:
        traceback.print_exc()
        return ended("failed", "%s: %s" % (type(error).__name__, str(error)[:300]))
    if found is None:
        return ended("no-model", "it defines neither model nor predict")
    expected = [np.load(path) for path in case["expected"]]
    if len(found) != len(expected):
        return ended("differs", "%d outputs, not %d" % (len(found), len(expected)))
    for one, other in zip(found, expected):
        if one.shape != other.shape or not np.allclose(one, other, rtol=1e-4, atol=1e-5):
            return ended("differs", "its predictions are not those of the saver")
    return ended("same", "")


def ended(how, words, missing=None):
    return {"ended": how, "missing": missing, "words": words}


def predictions(names, inputs):
    if "predict" not in names and "model" not in names:
        return None
    predict = names["predict"] if "predict" in names else names["model"].predict
    return arrays(predict(inputs[0] if len(inputs) == 1 else inputs))


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
