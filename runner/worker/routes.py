"""Other ways of loading an artifact than the first a user tries. The host names them by id.

A route is a base, which makes a model, and patches behind ``+``, which mend one that loaded. What
does not fit this format or this Keras raises ``NotAvailable`` with the reason.
"""

import os
import shutil
import zipfile
from typing import Any, Callable, Dict, List

from . import api, arrays, checkpoints, configs, defaults, formats, observe, patches, sessions
from .aliases import Arrays
from .formats import load_whole
from .load_context import Load, LoadedModel
from .recipes.base import NotAvailable

AS_IS = "as-is"


def run(load: Load) -> LoadedModel:
    """Load the artifact by the route that was asked for."""
    reader = formats.FORMATS[load.format].load if load.base == AS_IS else ROUTES[load.base]
    loaded = reader(load)
    patch(load, loaded)
    return loaded


def patch(load: Load, loaded: LoadedModel) -> None:
    """Correct a model that loaded by what the route names behind ``+``."""
    for name in load.patches:
        load.mark("weights")
        loaded.model = patches.PATCHES[name](load.k, loaded.model) or loaded.model


def _whole(load: Load) -> str:
    kept = formats.FORMATS[load.format]
    if not kept.whole:
        raise NotAvailable(f"format {load.format} holds no whole model")
    return load.path(kept.file)


def compile_false(load: Load) -> LoadedModel:
    """Without optimizer, loss and metrics."""
    return load_whole(load, _whole(load), compile=False)


def custom_object_scope(load: Load) -> LoadedModel:
    """Names known in a scope around the load, as older and newer readers both look there."""
    path = _whole(load)
    load.mark("read")
    with configs.object_scope(load.k, load.objects()):
        return LoadedModel(load.k.models.load_model(path, compile=False))


def safe_mode_off(load: Load) -> LoadedModel:
    """With code from the file allowed to run: for trusted files only."""
    path = _whole(load)
    if "safe_mode" not in formats.parameters(load.k.models.load_model):
        raise NotAvailable("load_model has no safe_mode here")
    return load_whole(load, path, compile=False, safe_mode=False)


def legacy_keras(load: Load) -> LoadedModel:
    """``tf_keras``: the Keras 2 that may be installed beside this Keras 3."""
    path = _whole(load)
    if not load.k.is_keras3:
        raise NotAvailable("this is Keras 2")
    try:
        import tf_keras
    except ImportError:
        raise NotAvailable("tf_keras is not installed here")
    load.mark("read")
    objects = load.subject.objects_for(api.Keras(tf_keras, load.k.tf, "tensorflow")) or None
    model = tf_keras.models.load_model(path, custom_objects=objects, compile=False)
    return LoadedModel(model)


def renamed_file(load: Load) -> LoadedModel:
    """A copy under the name that says what it is: ``.h5`` for HDF5 and the legacy weights layout,
    ``.keras`` for the zip."""
    kept = formats.FORMATS[load.format]
    if kept.whole and not kept.graph:
        path = _whole(load)
        ending = ".keras" if formats.first_bytes(path, 2) == b"PK" else ".h5"
        if path.endswith(ending):
            raise NotAvailable("its name says what it is")
        return load_whole(load, _copy(load, path, "renamed" + ending))
    path = weights_file(load)
    if arrays.layout(path) != arrays.LEGACY:
        raise NotAvailable("its name says what it is")
    model = load.build()
    load.mark("weights")
    model.load_weights(_copy(load, path, "renamed.h5"))
    return LoadedModel(model)


def _copy(load: Load, path: str, name: str) -> str:
    target = os.path.join(load.scratch, name)
    shutil.copyfile(path, target)
    return target


def weights_file(load: Load) -> str:
    """The HDF5 file with this artifact's weights; out of the zip for ``.keras``."""
    kept = formats.FORMATS[load.format]
    if kept.weights is None:
        raise NotAvailable(f"format {load.format} holds no HDF5 weights")
    if not kept.file.endswith(".keras"):
        return load.path(kept.weights)
    target = os.path.join(load.scratch, kept.weights)
    if not os.path.exists(target):
        with zipfile.ZipFile(load.path(kept.file)) as packed:
            with packed.open(kept.weights) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink)
    return target


def rebuild_weights(load: Load) -> LoadedModel:
    """The model from its code, then ``load_weights`` from the file, whatever else is in it."""
    if load.format in ("weights-h5", "checkpoint"):
        raise NotAvailable("that is what loading as is does")
    path = weights_file(load)
    model = load.build()
    load.mark("weights")
    if arrays.layout(path) == arrays.LEGACY and not path.endswith("model.h5"):
        path = _copy(load, path, "legacy.h5")
    model.load_weights(path)
    return LoadedModel(model)


def rebuild_weights_by_name(load: Load) -> LoadedModel:
    """As before, layers matched by name."""
    path = weights_file(load)
    if arrays.layout(path) != arrays.LEGACY:
        raise NotAvailable("by name needs the legacy layout")
    model = load.build()
    load.mark("weights")
    model.load_weights(_copy(load, path, "legacy.h5"), by_name=True)
    return LoadedModel(model)


def copied_weights(load: Load) -> LoadedModel:
    """The model from its code, arrays read with h5py and set layer by layer."""
    path = weights_file(load)
    model = load.build()
    load.mark("weights")
    arrays.copy_into(model, path)
    return LoadedModel(model)


def defaults_of(name: str) -> Callable[[Load], LoadedModel]:
    """The route of one generation's default arguments."""

    def route(load: Load) -> LoadedModel:
        model = defaults.rebuild(load, name)
        if not observe.is_built(model):
            configs.build(load, model)
        load.mark("weights")
        if formats.FORMATS[load.format].checkpoint:
            if load.k.tf is None:
                raise NotAvailable("reading a checkpoint needs TensorFlow, which is not here")
            checkpoints.copy_into(load.k.tf, model, _checkpoint(load))
        else:
            arrays.copy_into(model, weights_file(load))
        return LoadedModel(model)

    return route


def _checkpoint(load: Load) -> str:
    return load.path(*formats.FORMATS[load.format].checkpoint)


def checkpoint_variables(load: Load) -> LoadedModel:
    """The model from its code, variables read with ``tf.train.load_checkpoint`` and set.

    A SavedModel has a checkpoint in its folder ``variables``.
    """
    if not formats.FORMATS[load.format].checkpoint:
        raise NotAvailable(f"format {load.format} holds no checkpoint")
    if load.k.tf is None:
        raise NotAvailable("reading a checkpoint needs TensorFlow, which is not installed here")
    model = load.build()
    load.mark("weights")
    checkpoints.copy_into(load.k.tf, model, _checkpoint(load))
    return LoadedModel(model)


def edited_copy(load: Load) -> LoadedModel:
    """Its configuration translated for this Keras, then its weights."""
    load.mark("read")
    model = configs.model_from_file(load)
    path = weights_file(load)
    if not observe.is_built(model):
        if arrays.is_empty(path):
            return LoadedModel(model)  # it was saved before it saw an input
        load.mark("build")
        configs.build(load, model)
    load.mark("weights")
    _weights_into(load, model, path)
    return LoadedModel(model)


def _weights_into(load: Load, model: Any, path: str) -> None:
    legacy = arrays.layout(path) == arrays.LEGACY
    if legacy:
        model.load_weights(path if path.endswith("model.h5") else _copy(load, path, "legacy.h5"))
    elif load.k.is_keras3 or load.k.version >= (2, 13):
        try:
            model.load_weights(path)
        except ValueError:  # sublayers have other names there: MultiHeadAttention's own
            arrays.copy_into(model, path)
    else:
        arrays.copy_into(model, path)


def tfsm_layer(load: Load) -> LoadedModel:
    """A SavedModel as a layer, for predictions only."""
    if not formats.FORMATS[load.format].graph:
        raise NotAvailable(f"format {load.format} is no SavedModel")
    if not load.k.is_keras3 or load.k.backend != "tensorflow":
        raise NotAvailable("TFSMLayer is Keras 3's, on TensorFlow")
    path = load.path("model")
    load.mark("read")
    layer = load.k.layers.TFSMLayer(path, call_endpoint=_endpoint(load.k.tf, path))
    return LoadedModel(layer, lambda inputs: formats.call_layer(load.k, layer, inputs))


def _endpoint(tf: Any, path: str) -> str:
    names: List[str] = list(tf.saved_model.load(path).signatures)
    return "serving_default" if "serving_default" in names else names[0]


def saved_model_graph(load: Load) -> LoadedModel:
    """The graph without Keras: ``tf.saved_model.load`` and its signature."""
    if not formats.FORMATS[load.format].graph:
        raise NotAvailable(f"format {load.format} is no SavedModel")
    if load.k.tf is None:
        raise NotAvailable("reading a SavedModel needs TensorFlow, which is not installed here")
    if not hasattr(load.k.tf, "saved_model") or not load.k.tf.executing_eagerly():
        raise NotAvailable("calling a loaded graph needs eager execution")
    load.mark("read")
    loaded = load.k.tf.saved_model.load(load.path("model"))
    signature = loaded.signatures["serving_default"]

    def call(inputs: Any) -> Arrays:
        # ``loaded`` must outlive the call: its variables are freed with it.
        return formats.call_signature(load.k, signature, inputs, owner=loaded)

    return LoadedModel(loaded, call)


def saved_model_session(load: Load) -> LoadedModel:
    """The graph in a session of TensorFlow 1's kind, where it keeps its own version."""
    if not formats.FORMATS[load.format].graph:
        raise NotAvailable(f"format {load.format} is no SavedModel")
    if load.k.tf is None:
        raise NotAvailable("reading a SavedModel needs TensorFlow, which is not installed here")
    load.mark("read")
    session = sessions.Session(load.k.tf, load.path("model"))
    return LoadedModel(session, lambda inputs: observe.as_list(session(inputs)))


ROUTES: Dict[str, Callable[[Load], LoadedModel]] = {
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
