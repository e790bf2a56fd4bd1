"""Convert the files named on the command line: ``python mend.py FILE NEW [FILE NEW ...]``."""

import json
import os
import shutil
import sys
import tempfile
import traceback

from .assign_weights import assign
from .model_graph import graph_of
from .rebuild import Rebuild
from .saved_files import read_saved
from .target_keras import TargetKeras
from .translation_rules import CannotTranslateError, Notes
from .weight_digests import digests
from .weight_forms import scale_of

KERAS = "auto"  # the line above is replaced: how the target imports Keras
WAY = "auto"  # "auto": as it is where that is right, else translated; "translated"
FORMAT = "keras"  # keras, h5, weights-h5, savedmodel, json
FORCE = False
TRUSTED = False  # whether code inside a file may run

CHANGES_MEANING = ("hard_sigmoid", "LocallyConnected")
RUNS_CODE = ("Lambda", "TFSMLayer")


def convert_file(target, path, new, weights=None):
    """One file. Returns what was done; the new file is there whole, or not at all."""
    notes = Notes()
    saved, graph, model, way = None, None, None, "translated"
    try:
        saved = read_saved(path, weights)
        graph = graph_of(saved.config, saved, notes)
    except CannotTranslateError:
        if weights is not None or WAY == "translated" or saved is None:
            raise
        graph = None
    if WAY == "auto" and weights is None and _as_it_is(saved, target):
        try:
            model = target.keras.models.load_model(path)
            model.get_weights()  # raises where the model is not built, and so has no weights
            way = "as-is"
            notes = Notes()
        except Exception:
            if graph is None:
                raise
    if model is None:
        model = translate(target, saved, graph, notes)
    write(target, model, new)
    return {
        "way": way,
        "weights": digests(model),
        "rules": notes.applied,
        "lost": notes.lost,
        "inputs": input_hints(graph) if graph is not None else [],
        "saver": saved.version,
    }


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
    rebuild = Rebuild(target, saved, notes)
    model = rebuild.model(graph)
    if saved.has_weights:
        assign(saved, graph, rebuild.placed, target, notes)
    if saved.training:
        notes.loss("compile settings (optimizer, loss, metrics): compile the new model")
    if saved.optimizer:
        notes.loss("the optimizer's state")
    return model


def write(target, model, new):
    """Save beside the place, then move there in one step."""
    folder = os.path.dirname(os.path.abspath(new))
    if os.path.lexists(new) and not FORCE:
        raise CannotTranslateError("%s exists already" % new)
    os.makedirs(folder, exist_ok=True)
    work = tempfile.mkdtemp(prefix=".convert-", dir=folder)
    try:
        made = os.path.join(work, os.path.basename(new))
        if FORMAT == "json":
            with open(made, "w", encoding="utf-8") as stream:
                stream.write(model.to_json())
        elif FORMAT == "weights-h5":
            model.save_weights(made)
        elif FORMAT == "savedmodel" and target.is3:
            model.export(made)
        elif FORMAT == "savedmodel":
            model.save(made, save_format="tf")
        else:
            model.save(made)
        if os.path.isdir(new) and FORCE:
            shutil.rmtree(new)
        os.replace(made, new)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def input_hints(graph):
    """For each input, below which number its values stay (an Embedding reads them)."""
    if graph.sequential:
        first = [one for one in graph.layers if one.kind != "InputLayer"][:1]
        if first and first[0].graph is not None:
            return input_hints(first[0].graph)
        return [_hint(first)]
    hints = []
    for layer in graph.layers:
        if layer.kind != "InputLayer":
            continue
        readers = [
            one for one in graph.layers if any(_reads(call, layer.name) for call in one.calls)
        ]
        hints.append(_hint(readers))
    return hints


def _reads(call, name):
    args, kwargs = call
    text = repr((args, kwargs))
    return "layer='%s'" % name in text


def _hint(readers):
    limits = [one.config.get("input_dim") for one in readers if one.kind == "Embedding"]
    return {"below": min(limits) if limits else None}


def main(arguments):
    """Convert pairs of files; ``OLD+WEIGHTS`` names an architecture with its weights."""
    target = TargetKeras(KERAS)
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
