"""Runs inside an environment under test: every recipe builds, is right, and feels each weight.

Usage: python check_recipes.py FOLDER_OF_KMATRIX_WORKER [RECIPE ...]
Prints one JSON line for each recipe. Standard library, NumPy and the environment's Keras only.
"""

import glob
import json
import os
import sys
import time

import numpy as np

SMALL = 1e-4


def main(folder, names):
    sys.path.insert(0, folder)
    from kmatrix_worker import api, observe
    from kmatrix_worker import recipes as files
    from kmatrix_worker.fill import SAVED

    k = api.import_keras()
    api.turn_eager_off(k.tf)
    found = os.path.join(folder, "kmatrix_worker", "recipes", "*.py")
    modules = [os.path.basename(path)[:-3] for path in sorted(glob.glob(found))]
    for module in modules:
        if module not in ("__init__", "base"):
            __import__("kmatrix_worker.recipes." + module)
    for name in sorted(names or files.REGISTRY):
        started = time.time()
        try:
            result = check(k, observe, files.REGISTRY[name](), SAVED)
        except files.NotAvailable as reason:
            result = {"status": "not-available", "reason": str(reason)}
        except Exception as error:
            import traceback

            result = {"status": "failed", "reason": repr(error), "trace": traceback.format_exc()}
        result.update(recipe=name, seconds=round(time.time() - started, 2))
        print("RESULT " + json.dumps(result))
        sys.stdout.flush()
        k.clear()


def check(k, observe, recipe, salt):
    from kmatrix_worker import fill

    objects = recipe.objects(k)
    model = recipe.build(k, objects)
    recipe.fill(model, salt, fill)
    inputs = recipe.inputs()
    outputs = observe.predict(k, model, inputs)
    result = {
        "status": "ok",
        "smallest": min(float(np.abs(value).max()) for value in outputs),
        "largest": max(float(np.abs(value).max()) for value in outputs),
        "random": not all(
            np.allclose(one, two) for one, two in zip(outputs, observe.predict(k, model, inputs))
        ),
    }
    if recipe.expected is not None:
        weights = {layer.name: layer.get_weights() for layer in model.layers}
        expected = recipe.expected(k, weights, inputs)
        result["expected"] = max(
            float(np.abs(one - two).max()) for one, two in zip(expected, outputs)
        )
    if not result["random"]:
        result["insensitive"] = insensitive(k, observe, model, inputs, outputs)
    return result


def insensitive(k, observe, model, inputs, outputs):
    """Weights whose change no output shows: a load that loses them would stay green."""
    weights = model.get_weights()
    given = observe.feed(observe.readable(k, inputs))
    deaf = []
    for index, value in enumerate(weights):
        if np.asarray(value).dtype.kind != "f":
            continue
        changed = list(weights)
        # Not evenly: what normalises behind would take an even change out again.
        changed[index] = value + np.linspace(0.1, 0.4, value.size).reshape(value.shape)
        model.set_weights(changed)
        # Not predict(): this asks once for each weight, and predict() sets up a data pipeline.
        now = observe.as_list(model.predict_on_batch(given))
        observe.forget_state(model)
        if max(float(np.abs(one - two).max()) for one, two in zip(outputs, now)) < SMALL:
            deaf.append(index)
    model.set_weights(weights)
    return deaf


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
