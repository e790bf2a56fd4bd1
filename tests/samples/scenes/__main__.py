"""Plays halves of scenes. Each says the versions on the last line of its standard output.

    python -m scenes SCENE save|load FOLDER
    python -m scenes batch JOBS    a JSON file, [[scene, half, folder, log], …]

A batch imports Keras once and forks for each job: nothing may have been computed before.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import traceback

import scenes


def read_scenes():
    for module in pkgutil.iter_modules(scenes.__path__):
        if module.name != "__main__":
            importlib.import_module("scenes." + module.name)


def batch(path):
    """Play every job in a process of its own; how each ended goes into ``log`` + ``.code``."""
    read_scenes()
    scenes.keras().layers  # noqa: B018 - tf.keras is lazy: this is what imports it
    with open(path) as stream:
        jobs = json.load(stream)
    for name, half, folder, log in jobs:
        child = os.fork()
        if child == 0:
            _child(name, half, folder, log)
        status = os.waitpid(child, 0)[1]
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        with open(log + ".code", "w") as stream:
            stream.write(str(code))


def _child(name, half, folder, log):
    code = 1
    try:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, 1)
        os.dup2(target, 2)
        play(name, half, folder)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main(name, half, folder):
    read_scenes()
    play(name, half, folder)


def play(name, half, folder):
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
    if sys.argv[1] == "batch":
        batch(sys.argv[2])
    else:
        main(*sys.argv[1:])
