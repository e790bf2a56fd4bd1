"""``load_model`` as a user writes it, for every case of a JSON file; no kmatrix in it.

``plain.py CASES.json OUT.json``; runs on any Python since 3.6. KERAS names the module.
"""

import io
import json
import os
import signal
import sys

import numpy as np


def keras_module():
    if os.environ["KERAS"] == "tf.keras":
        import tensorflow as tf

        return tf.keras
    import keras

    return keras


def load(keras, case):
    if case["kind"] in ("json", "yaml"):
        with io.open(case["path"], encoding="utf-8") as stream:
            return getattr(keras.models, "model_from_" + case["kind"])(stream.read())
    return keras.models.load_model(case["path"])


def run(keras, case, out):
    try:
        model = load(keras, case)
        model.get_weights()
    except Exception as error:
        return {"loads": False, "error": "%s: %s" % (type(error).__name__, str(error)[-200:])}
    if case["inputs"] is None or case["kind"] != "whole":
        return {"loads": True}
    with np.load(case["inputs"]) as given:
        inputs = [given[name] for name in sorted(given.files)]
    try:
        found = model.predict(inputs[0] if len(inputs) == 1 else inputs)
    except Exception as error:
        return {"loads": True, "predicts": False, "error": str(error)[-200:]}
    found = found if isinstance(found, (list, tuple)) else [found]
    np.savez(out, **{"%03d" % number: value for number, value in enumerate(found)})
    return {"loads": True, "predicts": True, "outputs": out}


def main(cases_file, out_file):
    with io.open(cases_file, encoding="utf-8") as stream:
        cases = json.load(stream)
    keras = keras_module()
    print(keras.layers.Dense)  # tf.keras is lazy: this imports it, before any fork
    results = {}
    for case in cases:
        part = "%s.%s" % (out_file, case["id"])
        pid = os.fork()
        if not pid:
            signal.alarm(300)
            result = run(keras, case, part + ".npz")
            with io.open(part, "w", encoding="utf-8") as stream:
                stream.write(json.dumps(result))
            os._exit(0)
        os.waitpid(pid, 0)
        if os.path.exists(part):
            with io.open(part, encoding="utf-8") as stream:
                results[case["id"]] = json.load(stream)
        else:
            results[case["id"]] = {"loads": False, "error": "the process died"}
    with io.open(out_file, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
