"""Plays one half of one scene. Says the versions on the last line of standard output."""

import importlib
import json
import os
import pkgutil
import platform
import sys

import scenes


def main(name, half, folder):
    for module in pkgutil.iter_modules(scenes.__path__):
        if module.name != "__main__":
            importlib.import_module("scenes." + module.name)
    found = scenes.SCENES[name]
    os.chdir(folder)
    try:
        getattr(found.play(), half)()
    finally:
        print("\nVERSIONS " + json.dumps(versions()))
        sys.stdout.flush()


def versions():
    found = {"python": platform.python_version()}
    api = os.environ.get("SCENE_API", "tf.keras")
    tf = sys.modules.get("tensorflow")
    k = sys.modules.get("keras") if api == "keras" else getattr(tf, "keras", None)
    found["tensorflow"] = getattr(tf, "__version__", None)
    found["keras"] = getattr(k, "__version__", None)
    if found["keras"] is None and "keras" in sys.modules:  # tf.keras of TensorFlow 2.6 to 2.15
        found["keras"] = getattr(sys.modules["keras"], "__version__", None)
    try:
        found["backend"] = k.backend.backend() if api == "keras" else "tensorflow"
    except AttributeError:
        found["backend"] = None
    found["api"] = api
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
