"""Every format: how a user writes it here, and how a user first tries to read it.

Each pair works on a folder. A format that this Keras has no writer for raises ``NoWriter``; the
host decides with a control model whether it is the format or the model that failed.
"""

import inspect
import os

from . import observe


class NoWriter(Exception):
    """This Keras does not write the format; the message says how that was found."""


class Model:
    """A loaded thing that predicts. Wraps what is not a ``keras.Model``."""

    def __init__(self, model, call=None):
        self.model = model
        self.call = call  # for a graph that has no Keras model


def parameters(function):
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def first_bytes(path, count=8):
    with open(path, "rb") as stream:
        return stream.read(count)


# Savers: (k, model, folder, inputs) -> None


def save_h5(k, model, folder, inputs):
    model.save(os.path.join(folder, "model.h5"))


def save_keras(k, model, folder, inputs):
    """The zip format. Keras before 2.13 has to be asked for it, in one of two spellings."""
    path = os.path.join(folder, "model.keras")
    attempts = [{}] if k.is_keras3 else [{"save_format": "keras"}, {"save_format": "keras_v3"}, {}]
    said = []
    for options in attempts:
        try:
            model.save(path, **options)
        except (ValueError, TypeError, NotImplementedError) as error:
            if not _names_format(error):
                raise
            said.append(str(error))
            continue
        if os.path.isfile(path) and first_bytes(path, 2) == b"PK":
            return
        _remove(path)
        said.append("wrote something else than a zip under the name model.keras")
    raise NoWriter("; ".join(said))


def _names_format(error):
    """Whether the refusal is about the format asked for, and not about the model."""
    text = str(error)
    return "save_format" in text or "`format`" in text or "unexpected keyword" in text


def _remove(path):
    import shutil

    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def save_savedmodel(k, model, folder, inputs):
    """A path without an extension: what makes Keras 2 write a SavedModel folder."""
    path = os.path.join(folder, "model")
    options = {"save_format": "tf"} if _has_option(k, model.save) else {}
    model.save(path, **options)
    if not os.path.isdir(path):
        _remove(path)  # multi-backend Keras writes HDF5 under any name
        raise NoWriter("save() without an extension wrote no SavedModel folder")


def save_weights_h5(k, model, folder, inputs):
    model.save_weights(os.path.join(folder, "model.weights.h5"))


def save_checkpoint(k, model, folder, inputs):
    path = os.path.join(folder, "model")
    options = {"save_format": "tf"} if _has_option(k, model.save_weights) else {}
    model.save_weights(path, **options)
    if not os.path.exists(path + ".index"):
        _remove(path)
        raise NoWriter("save_weights() without an extension wrote no checkpoint")


def _has_option(k, function):
    """Whether ``save_format`` means something here. Keras 3 names it only to refuse it."""
    return not k.is_keras3 and "save_format" in parameters(function)


def save_json(k, model, folder, inputs):
    text = model.to_json()
    with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as stream:
        stream.write(text)
    model.save_weights(os.path.join(folder, "model.weights.h5"))


def save_export(k, model, folder, inputs):
    export = getattr(model, "export", None)
    if export is None:
        raise NoWriter("models have no export() here")
    if k.tf is None:
        raise NoWriter("export() needs TensorFlow, which is not installed here")
    path = os.path.join(folder, "model")
    options = {"verbose": False} if "verbose" in parameters(export) else {}
    export(path, **options)


# Loaders: (k, folder, recipe, objects) -> Model. ``mark`` names the stage about to begin.


def load_h5(k, folder, task, mark):
    return _load_model(k, os.path.join(folder, "model.h5"), task, mark)


def load_keras(k, folder, task, mark):
    return _load_model(k, os.path.join(folder, "model.keras"), task, mark)


def load_savedmodel(k, folder, task, mark):
    return _load_model(k, os.path.join(folder, "model"), task, mark)


def _load_model(k, path, task, mark):
    mark("read")
    objects = task.objects(k)
    options = {"custom_objects": objects} if objects else {}
    return Model(k.models.load_model(path, **options))


def load_weights_h5(k, folder, task, mark):
    model = _rebuild(k, task, mark)
    mark("weights")
    model.load_weights(os.path.join(folder, "model.weights.h5"))
    return Model(model)


def load_checkpoint(k, folder, task, mark):
    model = _rebuild(k, task, mark)
    mark("weights")
    status = model.load_weights(os.path.join(folder, "model"))
    if hasattr(status, "expect_partial"):
        status.expect_partial()
    return Model(model)


def load_json(k, folder, task, mark):
    mark("read")
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as stream:
        text = stream.read()
    objects = task.objects(k)
    options = {"custom_objects": objects} if objects else {}
    model = k.models.model_from_json(text, **options)
    if not model.weights:
        mark("build")
        observe.predict(model, task.inputs())  # a deferred model has no variables before
    mark("weights")
    model.load_weights(os.path.join(folder, "model.weights.h5"))
    return Model(model)


def load_export(k, folder, task, mark):
    """As the documentation says: load the SavedModel and call its ``serve`` endpoint."""
    mark("read")
    if k.tf is None:
        raise ImportError("reading a SavedModel needs TensorFlow, which is not installed here")
    loaded = k.tf.saved_model.load(os.path.join(folder, "model"))
    serve = getattr(loaded, "serve", None)
    if serve is None:
        serve = loaded.signatures["serving_default"]

    def call(inputs):
        tensors = [k.tf.convert_to_tensor(value) for value in inputs]
        # ``loaded`` must outlive the call: its variables are freed with it.
        return observe.as_list(_call_endpoint(serve, tensors, loaded))

    return Model(loaded, call)


def _call_endpoint(serve, tensors, owner):
    if not hasattr(serve, "structured_input_signature") or len(tensors) == 1:
        return serve(*tensors)
    try:
        return serve(*tensors)
    except TypeError:
        return serve(list(tensors))  # Keras 3.0 to 3.6 export several inputs as one list


def call_signature(k, signature, inputs, owner=None):
    """Outputs of a SavedModel's signature: one array bare, several by their names' order.

    ``owner``: what holds the variables; named so that it lives as long as the call.
    """
    described = getattr(signature, "structured_input_signature", None)
    tensors = [k.tf.convert_to_tensor(value) for value in inputs]
    if described and described[1]:
        names = sorted(described[1])
        tensors = [
            k.tf.cast(tensor, described[1][name].dtype) for tensor, name in zip(tensors, names)
        ]
        found = signature(**dict(zip(names, tensors)))
    else:
        found = signature(*tensors)
    del owner
    return observe.as_list(found)


def call_layer(k, layer, inputs):
    """A ``TFSMLayer``, which takes one tensor, or several by name."""
    tensors = [k.tf.convert_to_tensor(value) for value in inputs]
    if len(tensors) == 1:
        return observe.as_list(layer(tensors[0]))
    described = getattr(layer.call_endpoint_fn, "structured_input_signature", ((), {}))
    return observe.as_list(layer(dict(zip(sorted(described[1]), tensors))))


def _rebuild(k, task, mark):
    """The model built from its code, with other weights than the saver's: a weight that a load
    does not reach stays visibly wrong."""
    mark("build")
    return task.build_blank(k)


SAVERS = {
    "h5": save_h5,
    "keras": save_keras,
    "savedmodel": save_savedmodel,
    "weights-h5": save_weights_h5,
    "checkpoint": save_checkpoint,
    "json": save_json,
    "export": save_export,
}
LOADERS = {
    "h5": load_h5,
    "keras": load_keras,
    "savedmodel": load_savedmodel,
    "weights-h5": load_weights_h5,
    "checkpoint": load_checkpoint,
    "json": load_json,
    "export": load_export,
}
