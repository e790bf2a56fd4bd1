"""Execute snippets as printed, in an environment; no kmatrix in it.

Usage, inside an environment: python -I execute_snippets.py SNIPPETS_JSON RESULT_JSON

It builds a small model, saves it in every format that this Keras writes, and executes each snippet
in a copy of that folder. SNIPPETS_JSON is {name: [code, {file: the file in its place}]}, a result
{name: null or the error}.
"""

import json
import os
import shutil
import sys
import tempfile

import numpy as np

try:
    import tensorflow as tf
except ImportError:
    tf = None
try:
    import keras
except ImportError:
    from tensorflow import keras


def save(folder):
    layers = [keras.layers.Dense(3, name="hidden"), keras.layers.Dense(2, name="out")]
    model = keras.Sequential(layers)
    model.build((None, 4))
    model.compile(optimizer="adam", loss=keras.losses.MeanSquaredError())
    os.makedirs(os.path.join(folder, "ckpt"))
    writers = {
        "model.h5": model.save,
        "model.keras": model.save,
        "model.weights.h5": model.save_weights,
        "model": model.export if hasattr(model, "export") else model.save,
        "model.json": lambda path: write_text(path, model.to_json()),
        "text.json": lambda path: write_text(path, json.dumps(model.to_json())),
        "arrays.npy": lambda path: np.save(path, np.array([{}], dtype=object)),
    }
    for name, write in writers.items():
        write(os.path.join(folder, name))
    if tf is not None:
        path = os.path.join(folder, "ckpt", "model")
        tf.train.Checkpoint(step=tf.Variable(1)).write(path)


def write_text(path, text):
    with open(path, "w") as stream:
        stream.write(text)


def execute(code, files, saved):
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, "user")
        shutil.copytree(saved, folder)
        for name, source in files.items():
            shutil.copy(os.path.join(saved, source), os.path.join(folder, name))
        os.chdir(folder)
        try:
            exec(compile(code, "<snippet>", "exec"), {"__name__": "__main__"})  # noqa: S102 - tested
        except Exception as error:
            return "%s: %s" % (type(error).__name__, str(error)[:300])
        finally:
            os.chdir(saved)
    return None


if __name__ == "__main__":
    with open(sys.argv[1]) as stream:
        snippets = json.load(stream)
    with tempfile.TemporaryDirectory() as folder:
        save(folder)
        found = {name: execute(*given, saved=folder) for name, given in snippets.items()}
        os.chdir(os.path.dirname(os.path.abspath(sys.argv[2])))
    with open(sys.argv[2], "w") as stream:
        json.dump(found, stream)
