"""Load files with plain ``load_model`` and predict: ``python check.py JOBS.json``."""

import json
import os
import sys
import traceback

import numpy as np

from .graph_files import parsed_graph
from .layer_skeleton import weights_of
from .target_keras import TargetKeras
from .tfjs_files import arrays_in_layers, read_tfjs
from .training_state import slot_digests
from .weight_digests import digest, digests

KERAS = "auto"  # the line above is replaced: how this Keras is imported
CUSTOM = None  # a file of Python with classes of the model's author

ROWS = 4
FREE = {2: 8, 3: 16, 4: 64, 5: 16}  # in place of a free axis, by the rank of the input
MOST_ELEMENTS = 20000000
TEXT_LAYERS = ("TextVectorization", "StringLookup")
SIZES = (1, 4, 16, 256)  # times: a stack of poolings needs a long input
SENTENCES = ["the quick brown fox", "", "jumps over the lazy dog again and again", "no one knows"]


class NotKerasError(Exception):
    """``load_model`` gave something that is not a model of Keras."""


def load(target, job):
    """A model by ``load_model``, or by ``model_from_json`` with fixed weights."""
    models = target.keras.models
    if job.get("architecture"):
        text = job.get("json")
        if text is None:
            with open(job["path"], encoding="utf-8") as stream:
                text = stream.read()
        inner, layers = json.loads(text), None
        if isinstance(inner, dict) and "modelTopology" in inner:
            inner, _, layers = read_tfjs(job["path"], inner)
            text = json.dumps(inner)
        text = inner if isinstance(inner, str) else text  # json.dumps(model.to_json())
        model = models.model_from_json(text)
        if layers is not None:
            arrays_in_layers(model, layers)
        elif job.get("weights_file"):
            model.load_weights(job["weights_file"])
        else:
            fill(model)
        return model
    options = {"safe_mode": False} if job.get("unsafe") else {}
    if job.get("built"):
        model = models.load_model(job["built"])
        if job["built_for"] == "weights-h5":
            model.set_weights([one * 0 for one in model.get_weights()])
            model.load_weights(job["path"])
            return model
        if not target.is3:
            return models.load_model(job["path"])
        return Exported(target, model, job["path"])
    if not job.get("plain"):
        try:
            return models.load_model(job["path"], compile=False, **options)
        except TypeError:
            return models.load_model(job["path"], **options)
    return models.load_model(job["path"], **options)


class Exported:
    """A SavedModel of Keras 3, with the inputs of the model that it was made of."""

    def __init__(self, target, model, path):
        self.layer = target.keras.layers.TFSMLayer(path, call_endpoint="serve")
        self.inputs = model.inputs
        self._inputs_struct = getattr(model, "_inputs_struct", None)

    def get_weights(self):
        """None to compare: the graph has its own order of variables."""
        return []

    def predict(self, arrays, **_):
        """What the layer gives."""
        return self.layer(arrays)


def fill(model):
    """The same numbers in every environment, by the place of the array."""
    values = []
    for number, array in enumerate(model.get_weights()):
        random = np.random.RandomState(number)
        if np.issubdtype(array.dtype, np.floating):
            scale = 0.5 / max(1.0, float(np.sqrt(np.prod(array.shape[:-1] or (1,)))))
            values.append((random.uniform(0.2, 1.0, array.shape) * scale * 2).astype(array.dtype))
        else:
            values.append(array)
    model.set_weights(values)


def named_inputs(model):
    """The inputs; by key, in the order of the keys, where the model takes a dictionary."""
    structure = getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))
    if isinstance(structure, dict):
        return sorted(structure.items(), key=lambda one: one[0])
    return [(None, tensor) for tensor in model.inputs]


def as_given(model, arrays):
    """One array, a list, or the dictionary that the model takes."""
    try:
        keys = [key for key, _ in named_inputs(model)]
    except (AttributeError, TypeError, ValueError):
        keys = []
    if keys and keys[0] is not None:
        return dict(zip(keys, arrays))
    return arrays[0] if len(arrays) == 1 else arrays


def input_specs(model):
    """Shape and type of each input."""
    found = []
    try:
        tensors = [tensor for _, tensor in named_inputs(model)]
    except (AttributeError, TypeError, ValueError):
        first = type(model.layers[0]).__name__ if model.layers else ""
        if first not in TEXT_LAYERS:
            raise ValueError("the model has no input shape, so nothing can be predicted")
        return [([None, 1], "string")]
    for tensor in tensors:
        shape = getattr(tensor, "_keras_shape", None) or tensor.shape
        shape = shape.as_list() if hasattr(shape, "as_list") else shape
        dtype = getattr(tensor, "dtype", None)
        sizes = [None if one is None else int(one) for one in shape]
        found.append((sizes, str(getattr(dtype, "name", dtype) or "float32")))
    return found


def make_input(number, shape, dtype, below, times):
    """Values near zero, usual ones, large ones, and a row that ends in padding."""
    random = np.random.RandomState(100 + number)
    rows = ROWS if not shape or shape[0] is None else shape[0]
    free = FREE.get(len(shape), 8) * times
    sizes = [free if one is None else one for one in shape[1:]]
    if np.prod([rows] + sizes) > MOST_ELEMENTS:
        raise ValueError("an input of shape %s is too large to try" % (shape,))
    if "string" in dtype or "object" in dtype:
        cells = int(np.prod(sizes)) if sizes else 1
        texts = [SENTENCES[one % len(SENTENCES)] for one in range(rows * cells)]
        return np.array(texts, dtype=object).reshape([rows] + sizes)
    values = random.normal(size=[rows] + sizes)
    for row in range(rows):
        values[row] = values[row] * (0.1, 1.0, 4.0, 1.0)[row % 4]
        if row % 4 == 3 and len(sizes) > 0:
            values[row, sizes[0] - sizes[0] // 2 :] = 0.0
    if below is not None:
        return np.floor(np.abs(values) / 4.0 * below).clip(0, max(0, below - 1)).astype("int32")
    if "int" in dtype:
        return np.floor(np.abs(values) * 2.0).astype("int32")
    return values > 0 if dtype == "bool" else values.astype("float32")


def inputs_of(model, job, times):
    """The inputs that another environment was fed with, or new ones, which are kept."""
    if os.path.exists(job["inputs"]):
        with np.load(job["inputs"], allow_pickle=False) as found:
            arrays = [found["x%d" % one] for one in range(len(found.files))]
        return [one.astype(object) if one.dtype.kind == "U" else one for one in arrays]
    hints = job.get("hints") or []
    made = []
    for number, (shape, dtype) in enumerate(input_specs(model)):
        below = hints[number]["below"] if number < len(hints) else None
        made.append(make_input(number, shape, dtype, below, times))
    return made


def keep_inputs(arrays, job):
    """For the other environments, once a prediction on them has worked."""
    if not os.path.exists(job["inputs"]):
        kept = [one.astype(str) if one.dtype == object else one for one in arrays]
        np.savez(job["inputs"], **{"x%d" % number: one for number, one in enumerate(kept)})


def flat_outputs(value):
    """Outputs in order, whatever holds them."""
    if isinstance(value, dict):
        return [one for key in sorted(value) for one in flat_outputs(value[key])]
    if isinstance(value, (list, tuple)):
        return [one for part in value for one in flat_outputs(part)]
    return [np.asarray(value)]


def predict(model, arrays):
    """What the model predicts, by ``predict``; by a call where that takes no text."""
    if any(one.dtype == object for one in arrays):
        import tensorflow as tf

        arrays = [tf.constant(one.tolist() if one.dtype == object else one) for one in arrays]
        value = model(as_given(model, arrays))
        return [np.asarray(one) for one in flat_outputs(value)]
    rows = len(arrays[0])
    return flat_outputs(model.predict(as_given(model, arrays), batch_size=rows, verbose=0))


def noise_of(model, arrays, outputs):
    """How far each number moves when the inputs change by their last bits."""
    nudged = [one * np.float32(1 + 2e-7) if one.dtype.kind == "f" else one for one in arrays]
    if not any(one.dtype.kind == "f" for one in arrays):
        return {}
    try:
        again = predict(model, nudged)
        moved = [np.abs(one - other) for one, other in zip(again, outputs)]
    except Exception:
        return {}
    return {"n%d" % number: one for number, one in enumerate(moved)}


def shortened(text):
    """The begin and the end of a long message: it may quote arrays, or end with the cause."""
    return text if len(text) < 900 else text[:400] + " ... " + text[-500:]


def check(target, job):
    """Load one file, predict, and keep what it predicts. Returns digests of its weights."""
    if job.get("skeleton"):
        return check_weights(target, job)
    if job.get("graph"):
        return check_graph(target, job)
    model = load(target, job)
    if not hasattr(model, "get_weights"):
        raise NotKerasError("load_model gives a %s, not a Keras model" % type(model).__name__)
    for times in SIZES:
        arrays = inputs_of(model, job, times)
        try:
            outputs = predict(model, arrays)
            break
        except Exception:
            given = os.path.exists(job["inputs"])
            fixed = all(None not in shape[1:] for shape, _ in input_specs(model))
            if times == SIZES[-1] or given or fixed:
                raise
    keep_inputs(arrays, job)
    kept = {"y%d" % number: one for number, one in enumerate(outputs)}
    if job.get("original"):
        kept.update(noise_of(model, arrays, outputs))
    np.savez(job["outputs"], **kept)
    if job.get("save"):
        model.save(job["save"])
    if job.get("save_weights"):
        model.save_weights(job["save_weights"])
    return {"weights": digests(model), "optimizer": slot_digests(model, digest)}


def check_weights(target, job):
    """What ``load_weights`` puts into the layers of a file of weights alone."""
    arrays = weights_of(target, job["skeleton"], job["path"], job.get("original", False))
    np.savez(job["outputs"], **{"y%d" % number: one for number, one in enumerate(arrays)})
    return {"weights": [digest(one) for one in arrays]}


def check_graph(target, job):
    """What a graph predicts: the original by a session, the new file as it is loaded."""
    given = os.path.exists(job["inputs"])
    for small in (False, True):  # a graph may look numbers up in a table of unknown size
        if given:
            arrays = inputs_of(None, job, 1)
        else:
            specs = enumerate(job["graph"]["inputs"])
            arrays = [_graph_input(number, one, small) for number, one in specs]
        try:
            found = _by_session(job, arrays) if job.get("original") else None
            outputs = found if found is not None else _by_layer(target, job, arrays)
            break
        except Exception:
            if given or small:
                raise
    keep_inputs(arrays, job)
    np.savez(job["outputs"], **{"y%d" % number: one for number, one in enumerate(outputs)})
    return {"weights": []}


def _graph_input(number, spec, small):
    _, shape, dtype = spec
    if shape == []:
        return make_input(number, [None, 1], dtype, None, 1)[0, 0]
    made = make_input(number, [None, 1] if shape is None else shape, dtype, None, 1)
    return np.floor(np.abs(made)).clip(0, 3).astype(made.dtype) if small else made


def _by_session(job, arrays):
    import tensorflow as tf

    v1 = tf.compat.v1
    meta, _, signature = parsed_graph(job["path"])
    with tf.Graph().as_default(), v1.Session() as session:
        v1.saved_model.loader.load(session, list(meta.meta_info_def.tags), job["path"])
        feed = {}
        for (name, _, _), array in zip(job["graph"]["inputs"], arrays):
            feed[signature.inputs[name].name] = array
        names = [signature.outputs[name].name for name in sorted(signature.outputs)]
        return [np.asarray(one) for one in session.run(names, feed)]


def _by_layer(target, job, arrays):
    import tensorflow as tf

    names = [one[0] for one in job["graph"]["inputs"]]
    tensors = [tf.constant(one) for one in arrays]
    if target.is3:
        layer = target.keras.layers.TFSMLayer(job["path"], call_endpoint="serve")
        found = layer(dict(zip(names, tensors)) if len(tensors) > 1 else tensors[0])
    else:
        layer = target.keras.models.load_model(job["path"])
        found = layer(tensors if len(tensors) > 1 else tensors[0])
    return flat_outputs(found)


def check_all(path):
    """Every job of the file, one line of JSON each."""
    with open(path, encoding="utf-8") as stream:
        jobs = json.load(stream)
    target = TargetKeras(KERAS, CUSTOM)
    for number, job in enumerate(jobs):
        try:
            result = check(target, job)
        except Exception as error:
            result = {
                "not_keras": isinstance(error, NotKerasError),
                "error": "%s: %s" % (type(error).__name__, shortened(str(error))),
                "trace": traceback.format_exc()[-3000:],
            }
        print("\n" + json.dumps(dict(result, number=number)))
        sys.stdout.flush()
        if hasattr(target.keras.backend, "clear_session"):
            target.keras.backend.clear_session()
    return 0


if __name__ == "__main__":
    sys.exit(check_all(sys.argv[1]))
