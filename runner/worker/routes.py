"""Other ways of loading an artifact than the first a user tries. The host names them by id.

A route is a base, which makes a model, and patches behind ``+``, which mend one that loaded. What
does not fit this format or this Keras raises ``NotAvailable`` with the reason.
"""

import os
import shutil
import zipfile

from . import api, arrays, checkpoints, configs, defaults, formats, observe, patches, sessions
from .recipes.base import NotAvailable

AS_IS = "as-is"
WHOLE = {"h5": "model.h5", "keras": "model.keras", "savedmodel": "model"}
WEIGHTS = "model.weights.h5"
CHECKPOINTS = {
    "checkpoint": ("model",),
    "savedmodel": ("model", "variables", "variables"),
    "export": ("model", "variables", "variables"),
}


def load(k, task, mark):
    """Load ``task.artifact`` by ``task.route``; a ``formats.Model``."""
    base = task.route.split("+")[0]
    if base == AS_IS:
        loaded = formats.LOADERS[task.format](k, task.artifact, task, mark)
    else:
        loaded = ROUTES[base](k, task, mark)
    patch(k, task, loaded, mark)
    return loaded


def patch(k, task, loaded, mark):
    """What the route names behind ``+``, done to a model that loaded."""
    for name in task.route.split("+")[1:]:
        mark("weights")
        loaded.model = patches.PATCHES[name](k, loaded.model) or loaded.model


def _whole(task):
    if task.format not in WHOLE:
        raise NotAvailable(f"format {task.format} holds no whole model")
    return os.path.join(task.artifact, WHOLE[task.format])


def compile_false(k, task, mark):
    """Without optimizer, loss and metrics."""
    return load_whole(k, _whole(task), task, mark, compile=False)


def custom_object_scope(k, task, mark):
    """Names known in a scope around the load, as older and newer readers both look there."""
    path = _whole(task)
    mark("read")
    with configs.object_scope(k, task.objects(k)):
        return formats.Model(k.models.load_model(path, compile=False))


def safe_mode_off(k, task, mark):
    """With code from the file allowed to run: for trusted files only."""
    path = _whole(task)
    if "safe_mode" not in formats.parameters(k.models.load_model):
        raise NotAvailable("load_model has no safe_mode here")
    return load_whole(k, path, task, mark, compile=False, safe_mode=False)


def load_whole(k, path, task, mark, **options):
    """``load_model`` with the task's custom objects."""
    mark("read")
    objects = task.objects(k)
    if objects:
        options["custom_objects"] = objects
    return formats.Model(k.models.load_model(path, **options))


def legacy_keras(k, task, mark):
    """``tf_keras``: the Keras 2 that may be installed beside this Keras 3."""
    path = _whole(task)
    if not k.is_keras3:
        raise NotAvailable("this is Keras 2")
    try:
        import tf_keras
    except ImportError:
        raise NotAvailable("tf_keras is not installed here")
    mark("read")
    objects = task.recipe.objects(api.Keras(tf_keras, k.tf, "tensorflow")) or None
    model = tf_keras.models.load_model(path, custom_objects=objects, compile=False)
    return formats.Model(model)


def renamed_file(k, task, mark):
    """A copy under the name that says what it is: ``.h5`` for HDF5 and the legacy weights layout,
    ``.keras`` for the zip."""
    if task.format in WHOLE and task.format != "savedmodel":
        path = _whole(task)
        ending = ".keras" if formats.first_bytes(path, 2) == b"PK" else ".h5"
        if path.endswith(ending):
            raise NotAvailable("its name says what it is")
        return load_whole(k, _copy(task, path, "renamed" + ending), task, mark)
    path = weights_file(task)
    if arrays.layout(path) != arrays.LEGACY:
        raise NotAvailable("its name says what it is")
    model = _rebuild(k, task, mark)
    mark("weights")
    model.load_weights(_copy(task, path, "renamed.h5"))
    return formats.Model(model)


def _copy(task, path, name):
    target = os.path.join(task.scratch, name)
    shutil.copyfile(path, target)
    return target


def weights_file(task):
    """The HDF5 file with this artifact's weights; out of the zip for ``.keras``."""
    if task.format == "h5":
        return os.path.join(task.artifact, "model.h5")
    if task.format in ("weights-h5", "json"):
        return os.path.join(task.artifact, WEIGHTS)
    if task.format == "keras":
        target = os.path.join(task.scratch, WEIGHTS)
        if not os.path.exists(target):
            with zipfile.ZipFile(os.path.join(task.artifact, "model.keras")) as packed:
                with packed.open(WEIGHTS) as source, open(target, "wb") as sink:
                    shutil.copyfileobj(source, sink)
        return target
    raise NotAvailable(f"format {task.format} holds no HDF5 weights")


def _rebuild(k, task, mark):
    mark("build")
    return task.build_blank(k)


def rebuild_weights(k, task, mark):
    """The model from its code, then ``load_weights`` from the file, whatever else is in it."""
    if task.format in ("weights-h5", "checkpoint"):
        raise NotAvailable("that is what loading as is does")
    path = weights_file(task)
    model = _rebuild(k, task, mark)
    mark("weights")
    if arrays.layout(path) == arrays.LEGACY and not path.endswith("model.h5"):
        path = _copy(task, path, "legacy.h5")
    model.load_weights(path)
    return formats.Model(model)


def rebuild_weights_by_name(k, task, mark):
    """As before, layers matched by name."""
    path = weights_file(task)
    if arrays.layout(path) != arrays.LEGACY:
        raise NotAvailable("by name needs the legacy layout")
    model = _rebuild(k, task, mark)
    mark("weights")
    model.load_weights(_copy(task, path, "legacy.h5"), by_name=True)
    return formats.Model(model)


def copied_weights(k, task, mark):
    """The model from its code, arrays read with h5py and set layer by layer."""
    path = weights_file(task)
    model = _rebuild(k, task, mark)
    mark("weights")
    arrays.copy_into(model, path)
    return formats.Model(model)


def defaults_of(name):
    """The route of one generation's default arguments."""

    def route(k, task, mark):
        mark("build")
        model = defaults.rebuild(k, task, name)
        if not model.weights:
            configs.build(model, task)
        mark("weights")
        if task.format in CHECKPOINTS:
            if k.tf is None:
                raise NotAvailable("reading a checkpoint needs TensorFlow, which is not here")
            checkpoints.copy_into(k.tf, model, _checkpoint(task))
        else:
            arrays.copy_into(model, weights_file(task))
        return formats.Model(model)

    return route


def _checkpoint(task):
    return os.path.join(task.artifact, *CHECKPOINTS[task.format])


def checkpoint_variables(k, task, mark):
    """The model from its code, variables read with ``tf.train.load_checkpoint`` and set.

    A SavedModel has a checkpoint in its folder ``variables``.
    """
    if task.format not in CHECKPOINTS:
        raise NotAvailable(f"format {task.format} holds no checkpoint")
    if k.tf is None:
        raise NotAvailable("reading a checkpoint needs TensorFlow, which is not installed here")
    model = _rebuild(k, task, mark)
    mark("weights")
    checkpoints.copy_into(k.tf, model, _checkpoint(task))
    return formats.Model(model)


def edited_copy(k, task, mark):
    """Its configuration translated for this Keras, then its weights."""
    mark("read")
    model = configs.model_from_file(k, task)
    path = weights_file(task)
    if not model.weights:
        mark("build")
        configs.build(model, task)
    mark("weights")
    _weights_into(k, model, path, task)
    return formats.Model(model)


def _weights_into(k, model, path, task):
    legacy = arrays.layout(path) == arrays.LEGACY
    if legacy:
        model.load_weights(path if path.endswith("model.h5") else _copy(task, path, "legacy.h5"))
    elif k.is_keras3 or k.version >= (2, 13):
        try:
            model.load_weights(path)
        except ValueError:  # sublayers have other names there: MultiHeadAttention's own
            arrays.copy_into(model, path)
    else:
        arrays.copy_into(model, path)


def tfsm_layer(k, task, mark):
    """A SavedModel as a layer, for predictions only."""
    if task.format not in ("savedmodel", "export"):
        raise NotAvailable(f"format {task.format} is no SavedModel")
    if not k.is_keras3 or k.backend != "tensorflow":
        raise NotAvailable("TFSMLayer is Keras 3's, on TensorFlow")
    path = os.path.join(task.artifact, "model")
    mark("read")
    layer = k.layers.TFSMLayer(path, call_endpoint=_endpoint(k, path))
    return formats.Model(layer, lambda inputs: formats.call_layer(k, layer, inputs))


def _endpoint(k, path):
    names = list(k.tf.saved_model.load(path).signatures)
    return "serving_default" if "serving_default" in names else names[0]


def saved_model_graph(k, task, mark):
    """The graph without Keras: ``tf.saved_model.load`` and its signature."""
    if task.format not in ("savedmodel", "export"):
        raise NotAvailable(f"format {task.format} is no SavedModel")
    if k.tf is None:
        raise NotAvailable("reading a SavedModel needs TensorFlow, which is not installed here")
    if not hasattr(k.tf, "saved_model") or not k.tf.executing_eagerly():
        raise NotAvailable("calling a loaded graph needs eager execution")
    mark("read")
    loaded = k.tf.saved_model.load(os.path.join(task.artifact, "model"))
    signature = loaded.signatures["serving_default"]

    def call(inputs):
        # ``loaded`` must outlive the call: its variables are freed with it.
        return formats.call_signature(k, signature, inputs, owner=loaded)

    return formats.Model(loaded, call)


def saved_model_session(k, task, mark):
    """The graph in a session of TensorFlow 1's kind, where it keeps its own version."""
    if task.format not in ("savedmodel", "export"):
        raise NotAvailable(f"format {task.format} is no SavedModel")
    if k.tf is None:
        raise NotAvailable("reading a SavedModel needs TensorFlow, which is not installed here")
    mark("read")
    session = sessions.Session(k.tf, os.path.join(task.artifact, "model"))
    return formats.Model(session, lambda inputs: observe.as_list(session(inputs)))


ROUTES = {
    "compile-false": compile_false,
    "custom-object-scope": custom_object_scope,
    "safe-mode-off": safe_mode_off,
    "legacy-keras": legacy_keras,
    "renamed-file": renamed_file,
    "rebuild-weights": rebuild_weights,
    "rebuild-weights-by-name": rebuild_weights_by_name,
    "copied-weights": copied_weights,
    "checkpoint-variables": checkpoint_variables,
    "edited-copy": edited_copy,
    "tfsm-layer": tfsm_layer,
    "saved-model-graph": saved_model_graph,
    "saved-model-session": saved_model_session,
}
ROUTES.update(("defaults-of-" + name, defaults_of(name)) for name in defaults.DEFAULTS)
