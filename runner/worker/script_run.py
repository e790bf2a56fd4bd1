"""Executes the script of a way of loading, in a folder of its own beside the saved file.

The host sends the text; what only the author of a model has is a module that the script imports.
"""

import importlib
import os
import shutil
import sys
import types
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator

from . import api, formats, observe
from .aliases import Arrays
from .load_context import Load, LoadedModel
from .recipes.base import NotAvailable

if TYPE_CHECKING:
    from .aliases import Objects

AS_IS = "as-is"
AUTHOR = "my_model"  # the host has the same name in runner/model/scripts.py
FILE = "load_model.py"
STEM = "model"  # of what lies in an artifact's folder


def run(load: Load) -> LoadedModel:
    """Load the artifact: ``model`` is what the script makes, or ``predict`` what predicts."""
    if load.base in NEEDED:
        NEEDED[load.base](load)
    names = _execute(load)
    predict = names.get("predict")
    if predict is None:
        return LoadedModel(names["model"])

    def call(inputs: Any) -> Arrays:
        # The names live as long as the call: variables of a graph are freed with what loaded it.
        return observe.as_list(names["predict"](inputs))

    return LoadedModel(names.get("loaded", predict), call)


def _execute(load: Load) -> Dict[str, Any]:
    """Run the text as a script. Its folder stays the working folder until the task ends."""
    folder = _prepare(load)
    path = os.path.join(folder, FILE)
    names: Dict[str, Any] = {"__name__": "__main__", "__file__": path}
    before = sys.modules.get(AUTHOR)
    sys.modules[AUTHOR] = _Author(load)
    sys.path.insert(0, folder)
    os.chdir(folder)
    load.mark("read")
    try:
        exec(compile(load.script["text"], path, "exec"), names)
    except BaseException:
        if "model" in names and load.stage == "read":
            load.mark("weights")  # the model was made; what failed came after it
        raise
    finally:
        sys.path.remove(folder)
        for name in [os.path.splitext(name)[0] for name, _ in load.script["files"]]:
            sys.modules.pop(name, None)
        sys.modules.pop(AUTHOR, None)
        if before is not None:
            sys.modules[AUTHOR] = before
    return names


class _Author(types.ModuleType):
    """What only the author of a model has, made when the script imports it."""

    def __init__(self, load: Load) -> None:
        super().__init__(AUTHOR)
        self._load = load

    @property
    def OBJECTS(self) -> "Objects":  # noqa: N802 - the name that the script imports
        """The custom objects, for the Keras that the script loads with."""
        load = self._load
        if load.base != "legacy-keras":
            return load.objects()
        import tf_keras

        return load.subject.objects_for(api.Keras(tf_keras, load.k.tf, "tensorflow"))

    def build(self) -> Any:
        """The model from its code, with other weights than the saver's."""
        model = self._load.build()
        self._load.mark("weights")
        return model


def _prepare(load: Load) -> str:
    """The script's folder: the script, what it imports, and the artifact under the names shown."""
    folder = os.path.join(load.scratch, "script")
    os.makedirs(folder)
    for name, shown in _names(load):
        _link(load.path(name), os.path.join(folder, shown))
    for name, text in [(FILE, load.script["text"]), *load.script["files"]]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    return folder


def _names(load: Load) -> Iterator["tuple[str, str]"]:
    shown = load.script["shown"]
    if shown:
        yield from shown
        return
    for name in sorted(os.listdir(load.folder)):
        begin = load.script["stem"] if name.startswith(STEM) else STEM
        yield name, begin + name[len(STEM) :] if name.startswith(STEM) else name


def _link(source: str, target: str) -> None:
    """A link where the system has them: the artifact is a copy of this task's own."""
    if os.path.isdir(source):
        shutil.copytree(source, target, copy_function=_link)
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def collect(load: Load, stem: str, target: str) -> None:
    """Move what the script saved as ``stem...`` to an artifact's folder, under its own names."""
    folder = os.path.join(load.scratch, "script")
    for name in sorted(os.listdir(folder)):
        if name.startswith(stem):
            new = os.path.join(target, STEM + name[len(stem) :])
            shutil.move(os.path.join(folder, name), new)


# What an environment may lack; what a file lacks the host knows.


def _safe_mode(load: Load) -> None:
    if "safe_mode" not in formats.parameters(load.k.models.load_model):
        raise NotAvailable("load_model has no safe_mode here")


def _legacy(load: Load) -> None:
    if not load.k.is_keras3:
        raise NotAvailable("this is Keras 2")
    try:
        importlib.import_module("tf_keras")
    except ImportError:
        raise NotAvailable("tf_keras is not installed here")


def _eager(load: Load) -> None:
    tf = load.k.tf
    if tf is None:
        raise NotAvailable("reading a SavedModel needs TensorFlow, which is not installed here")
    if not hasattr(tf, "saved_model") or not tf.executing_eagerly():
        raise NotAvailable("calling a loaded graph needs eager execution")


def _tensorflow(load: Load) -> None:
    if load.k.tf is None:
        raise NotAvailable("this needs TensorFlow, which is not installed here")


NEEDED: "Dict[str, Callable[[Load], None]]" = {
    "safe-mode-off": _safe_mode,
    "legacy-keras": _legacy,
    "saved-model-graph": _eager,
    "saved-model-session": _tensorflow,
    "checkpoint-variables": _tensorflow,
}
