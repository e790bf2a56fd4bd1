"""Convert the files named on the command line: ``python mend.py FILE NEW [FILE NEW ...]``."""

import json
import os
import shutil
import sys
import tempfile
import traceback

import numpy as np

from .assign_weights import assign
from .checkpoint_files import checkpoint_prefix, read_checkpoint
from .graph_export import export_graph
from .graph_files import freeze
from .model_graph import graph_of, references
from .rebuild import Rebuild
from .saved_files import read_saved
from .target_keras import TargetKeras
from .training_state import carry_training, slot_digests
from .translation_rules import CannotTranslateError, Notes
from .weight_digests import digest, digests
from .weight_forms import inner_of, scale_of
from .weight_order import add_vocabularies
from .weights_alone import model_of_weights

KERAS = "auto"  # the line above is replaced: how the target imports Keras
WAY = "auto"  # "auto": as it is where that is right, else translated; "translated"
FORMAT = "keras"  # keras, h5, weights-h5, savedmodel, json; frozen: a graph, for another script
FORCE = False
TRUSTED = False  # whether code inside a file may run
KEPT = ""  # the end of a name: the whole model is written as well, which proves the rest
TRAINING = True  # whether compile settings and the optimizer's state are carried over
CUSTOM = None  # a file of Python with classes of the model's author

CHANGES_MEANING = ("hard_sigmoid", "LocallyConnected")
HALF = ("mixed_float16", "mixed_bfloat16", '"float16"', '"bfloat16"')
PASSES = ("Dropout", "SpatialDropout1D", "Reshape", "Masking", "Concatenate", "Lambda")
RUNS_CODE = ("Lambda", "TFSMLayer")


def convert_file(target, path, new, weights=None):
    """One file. Returns what was done; the new file is there whole, or not at all."""
    notes = Notes()
    saved, graph, model, way = None, None, None, "translated"
    prefix = checkpoint_prefix(path)
    if os.path.isdir(path) and prefix is None:
        return convert_graph(target, path, new, notes)
    try:
        saved = read_saved(path, weights) if prefix is None else read_checkpoint(prefix)
        if saved.config is None:
            return convert_weights(target, saved, new, notes)
        graph = graph_of(saved.config, saved, notes)
    except CannotTranslateError:
        if weights is not None or WAY == "translated" or saved is None or saved.config is None:
            raise
        graph = None
    if WAY == "auto" and weights is None and prefix is None and _as_it_is(saved, target):
        try:
            model = target.keras.models.load_model(path)
            model.get_weights()  # raises where the model is not built, and so has no weights
            way = "as-is"
            notes = Notes()
        except Exception:
            if graph is None:
                raise
    if model is not None and graph is not None and _has_another_input(model, graph):
        model, way = translate(target, saved, graph, notes), "translated"
    elif model is not None and graph is not None and _state_is_lost(saved, model):
        notes = Notes()
        try:
            model, way = translate(target, saved, graph, notes), "translated"
        except Exception:
            notes = Notes()
            notes.loss("the optimizer's state")
    if model is None:
        model = translate(target, saved, graph, notes)
    write(target, model, new, FORMAT)
    if FORMAT in ("weights-h5", "savedmodel"):
        if saved.training or saved.optimizer:
            notes.loss("compile settings and the optimizer's state: this format has none here")
        if KEPT:
            write(target, model, new + KEPT, "model")
    return {
        "way": way,
        "weights": digests(model),
        "rules": notes.applied,
        "lost": notes.lost,
        "inputs": input_hints(graph) if graph is not None else [],
        "saver": saved.version,
        "optimizer": slot_digests(model, digest),
        "half": any(one in json.dumps(saved.config) for one in HALF),
        "checkpoint": [prefix, json.dumps(saved.config)] if prefix is not None else None,
    }


def convert_weights(target, saved, new, notes):
    """Weights alone become weights in the layout of the target."""
    model, graph, placed, spec = model_of_weights(target, saved, notes)
    assign(saved, graph, placed, target, notes)
    write(target, model, new, "weights-h5")
    arrays = [array for item in placed for array in item.objects[0].get_weights()]
    return {
        "way": "translated",
        "weights": [digest(one) for one in arrays],
        "rules": notes.applied,
        "lost": notes.lost,
        "skeleton": spec,
        "saver": saved.version,
    }


def _state_is_lost(saved, model):
    """Whether this Keras loads the model, and not what its optimizer keeps for each weight."""
    arrays = [one for _, one in saved.slots if one.ndim > 0 and np.any(one)]
    if arrays and FORMAT == "keras" and ".legacy" in type(model.optimizer).__module__:
        return True  # the archive of TensorFlow 2.13 to 2.15 does not keep it
    return sorted(map(digest, arrays)) != slot_digests(model, digest) if arrays else False


def _has_another_input(model, graph):
    """Whether this Keras gives the model another input shape than the file has.

    Keras 3 reads the HDF5 of a Sequential whose first layer, a Dense, has the shape, and makes
    (None, None, 8) of (None, 8).
    """
    first = graph.layers[0].config if graph.sequential and graph.layers else {}
    declared = first.get("batch_input_shape") or first.get("batch_shape")
    shape = getattr(model, "input_shape", None)
    if not declared or not isinstance(shape, tuple) or any(isinstance(one, tuple) for one in shape):
        return False
    return list(declared[1:]) != list(shape[1:])


def _as_it_is(saved, target):
    text = json.dumps(saved.config)
    if not saved.has_weights or saved.major < 2:
        return False
    if any('"class_name": "%s"' % one in text for one in RUNS_CODE) and not TRUSTED:
        return False
    if saved.backend == "theano" and target.backend != "theano":
        return False
    return scale_of(saved, target) is None or not any(one in text for one in CHANGES_MEANING)


def translate(target, saved, graph, notes):
    """A new model of this Keras with the file's graph and weights."""
    if saved.windows:
        notes.rule("windows-paths", "file", "backslashes in names")
    if saved.misnamed:
        notes.rule("hdf5-in-keras", "file", "HDF5 called .keras")
    if saved.assets:
        add_vocabularies(saved, graph)
    rebuild = Rebuild(target, saved, notes)
    model = rebuild.model(graph)
    if saved.has_weights:
        assign(saved, graph, rebuild.placed, target, notes)
    if saved.training and TRAINING:
        carry_training(saved, rebuild.placed, model, target, notes)
    elif saved.training:
        notes.loss("compile settings (optimizer, loss, metrics): compile the new model")
        notes.loss("the optimizer's state")
    return model


def convert_graph(target, path, new, notes):
    """A SavedModel's graph becomes a SavedModel for inference only."""
    found = {}

    def save(made):
        if FORMAT == "frozen":
            return freeze(path, made)
        return found.update(export_graph(target, path, made, notes))

    in_one_step(save, new)
    done = {"way": "graph", "rules": notes.applied, "lost": notes.lost, "weights": []}
    return dict(done, graph=found, load=found.get("load", "%r") % os.path.basename(new))


def write(target, model, new, form):
    """Save a model."""

    def save(made):
        if form == "json":
            with open(made, "w", encoding="utf-8") as stream:
                stream.write(model.to_json())
        elif form == "weights-h5":
            model.save_weights(made)
        elif form == "savedmodel" and target.is3:
            model.export(made)
        elif form == "savedmodel":
            model.save(made, save_format="tf")
        else:
            model.save(made)

    in_one_step(save, new)


def in_one_step(save, new):
    """Save beside the place, then move there in one step."""
    folder = os.path.dirname(os.path.abspath(new))
    if os.path.lexists(new) and not FORCE:
        raise CannotTranslateError("%s exists already" % new)
    os.makedirs(folder, exist_ok=True)
    work = tempfile.mkdtemp(prefix=".convert-", dir=folder)
    try:
        made = os.path.join(work, os.path.basename(new))
        save(made)
        if os.path.isdir(new) and FORCE:
            shutil.rmtree(new)
        os.replace(made, new)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def input_hints(graph):
    """For each input of the model, below which number its values stay (an Embedding reads them)."""
    if graph.sequential:
        first = [one for one in graph.layers if one.kind != "InputLayer"][:1]
        if first and first[0].graph is not None:
            return input_hints(first[0].graph)
        return [_hint(first)]
    return [_hint(_readers(graph, ref.layer)) for ref in references(_sorted_keys(graph.inputs))]


def _sorted_keys(value):
    """A dictionary of inputs is fed in the order of its keys."""
    if isinstance(value, dict):
        return [_sorted_keys(value[key]) for key in sorted(value)]
    return value


def _readers(graph, name):
    """The layers that take a tensor of this name, also through casts, and inside of models."""
    found = []
    for layer in graph.layers:
        taken = [ref for call in layer.calls for ref in references(call) if ref.layer == name]
        if not taken:
            continue
        found.append(layer)
        if layer.graph is not None and not layer.graph.sequential:
            for ref in references(_sorted_keys(layer.graph.inputs)):
                found += _readers(layer.graph, ref.layer)
        elif layer.graph is not None:
            found += layer.graph.layers[:2]
        elif layer.kind in PASSES:
            found += _readers(graph, layer.name)
    return found


def _hint(readers):
    parts = [(one.kind, one.config) for one in readers]
    parts += [inner_of(one) for one in readers if "layer" in one.config]
    limits = [config.get("input_dim") for kind, config in parts if kind == "Embedding"]
    limits = [one for one in limits if one]
    return {"below": min(limits) if limits else None}


def main(arguments):
    """Convert pairs of files; ``OLD+WEIGHTS`` names an architecture with its weights."""
    target = TargetKeras(KERAS, CUSTOM)
    results = []
    for old, new in zip(arguments[::2], arguments[1::2]):
        path, _, weights = old.partition("::")
        try:
            result = convert_file(target, path, new, weights or None)
        except Exception as error:
            known = isinstance(error, CannotTranslateError)
            result = {"error": str(error) if known else "%s: %s" % (type(error).__name__, error)}
            if not known:
                result["trace"] = traceback.format_exc()[-4000:]
        result.update(old=old, new=new, keras=target.version_text)
        results.append(result)
        print("\n" + json.dumps(result))
        sys.stdout.flush()
        if hasattr(target.keras.backend, "clear_session"):
            target.keras.backend.clear_session()
    return 0 if all("error" not in one for one in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
