"""A file from outside, without a recipe: loaded by any route, fed with inputs of its own shapes."""

import importlib.util
import os
import sys
import types

import numpy as np

from . import configs, fill, formats, routes
from .recipes.base import NotAvailable

ROWS = 4
# What stands in for a free axis, by the rank of the input: images have to survive their pooling.
FREE = {2: 8, 3: 16, 4: 64, 5: 16}
MOST_ELEMENTS = 20000000  # of one input


def load(k, task, mark):
    """A ``formats.Model`` of the file by ``task.route``."""
    base = task.route.split("+")[0]
    if base == routes.AS_IS:
        loaded = _as_is(k, task, mark)
    elif base == "renamed-file":
        loaded = _renamed(k, task, mark)
    elif base == "edited-copy" and task.foreign["architecture"]:
        mark("read")
        loaded = formats.Model(configs.model_from_file(k, task))
    elif base in routes.ROUTES:
        loaded = routes.ROUTES[base](k, task, mark)
    else:
        raise NotAvailable(f"no route is called {base}")
    if task.foreign["architecture"]:
        mark("weights")
        _fill(loaded.model, k, task)
    routes.patch(k, task, loaded, mark)
    return loaded


def _as_is(k, task, mark):
    """As a user first tries it: under the name that the file has."""
    path = os.path.join(task.artifact, task.foreign["name"])
    if task.foreign["architecture"]:
        mark("read")
        return _from_text(k, task, _text(path))
    return _model_only(routes.load_whole(k, path, task, mark), k)


def _renamed(k, task, mark):
    """The same bytes under the name that says what they are; JSON out of a JSON string."""
    if not task.foreign["misnamed"]:
        raise NotAvailable("its name says what it is")
    path = os.path.join(task.artifact, task.foreign["canonical"])
    if task.foreign["architecture"]:
        mark("read")
        return _from_text(k, task, _text(path))
    return _model_only(routes.load_whole(k, path, task, mark), k)


def _model_only(loaded, k):
    """TensorFlow 2 hands out a plain object for a SavedModel that holds no Keras model."""
    if not hasattr(loaded.model, "get_weights"):
        raise NotAvailable(f"load_model returned a {type(loaded.model).__name__}, no Keras model")
    return loaded


def _text(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def _from_text(k, task, text):
    name = "model_from_yaml" if task.foreign["yaml"] else "model_from_json"
    read = getattr(k.models, name, None)
    if read is None:
        raise NotAvailable(f"this Keras has no {name}")
    objects = task.objects(k)
    options = {"custom_objects": objects} if objects else {}
    return formats.Model(read(text, **options))


def _fill(model, k, task):
    """Fixed weights by layer name: an architecture that loads can be compared as well."""
    if not model.weights:
        configs.build(model, task)
    fill.set_weights(model)


# Custom objects


def objects(k, task):
    """Classes and functions of the user's own file, by the names that the saved file asks for."""
    path = task.foreign["custom"]
    if path is None:
        return {}
    module = _module(os.path.join(task.artifact, path))
    found = dict(getattr(module, "CUSTOM_OBJECTS", {}))
    for name, value in sorted(vars(module).items()):
        own = getattr(value, "__module__", None) == module.__name__
        if own and isinstance(value, (type, types.FunctionType)):
            found.setdefault(name, value)
    for asked in task.foreign["asked"]:
        bare = asked.rpartition(">")[2]
        if asked not in found and bare in found:
            found[asked] = found[bare]
    return found


def _module(path):
    """The user's file under its own name, imported once."""
    name = os.path.splitext(os.path.basename(path))[0]
    if name not in sys.modules:
        sys.path.insert(0, os.path.dirname(path))  # what it imports may lie beside it
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


# Inputs


def inputs(k, task, loaded=None):
    """The arrays to predict on: the user's, or made for the shapes of the inputs.

    They depend on shapes and types alone, so that every environment makes the same.
    """
    given = task.given_inputs()
    if given is not None:
        return given
    hints = task.foreign["hints"]
    specs = _specs(loaded.model) if loaded is not None and loaded.call is None else []
    if not specs:
        specs = [(hint["shape"], hint["dtype"]) for hint in hints]
    if not specs or any(shape is None for shape, _ in specs):
        raise NoInputs("the shapes of its inputs are not known; give some with --inputs")
    made = []
    for number, (shape, dtype) in enumerate(specs):
        below = hints[number]["below"] if number < len(hints) else None
        made.append(_array(number, tuple(shape), dtype or "float32", below))
    return made


class NoInputs(NotAvailable):
    """It loads, and nothing can be predicted; the message says why."""


def _specs(model):
    """Shape and type of each input, as the loaded model says them."""
    found = []
    try:
        tensors = list(model.inputs or [])
    except (AttributeError, TypeError, ValueError):
        return []
    for tensor in tensors:
        shape = getattr(tensor, "_keras_shape", None)
        if shape is None:
            shape = tensor.shape
            shape = shape.as_list() if hasattr(shape, "as_list") else shape
        sizes = [None if size is None else int(size) for size in shape]
        dtype = getattr(tensor, "dtype", None)
        found.append((sizes, str(getattr(dtype, "name", dtype) or "float32")))
    return found


def _array(number, shape, dtype, below):
    free = FREE.get(len(shape), 8)
    sizes = [free if size is None else size for size in shape[1:]]
    rows = shape[0] if shape and shape[0] is not None else ROWS
    if np.prod([rows] + sizes) > MOST_ELEMENTS:
        raise NoInputs(f"an input of shape {shape} is too large; give some with --inputs")
    if "string" in dtype or "object" in dtype:
        raise NoInputs("its inputs are text; give some with --inputs")
    if not shape:
        values = fill.noise(f"input-{number}", ())
    else:
        values = fill.probes(f"input-{number}", tuple(sizes), rows)
    if below is not None:
        return np.floor(np.abs(values) / 4.0 * below).clip(0, max(0, below - 1)).astype("int32")
    if "int" in dtype:
        return np.floor(np.abs(values) * 2.0).astype(dtype if "u" not in dtype else "int32")
    if dtype == "bool":
        return values > 0
    return values.astype(dtype if dtype in ("float64", "float16") else "float32")
