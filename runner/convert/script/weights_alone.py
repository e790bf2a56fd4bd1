"""Files of weights alone: which layers have such weights, by their names and shapes."""

import re

import numpy as np

from .layer_skeleton import skeleton
from .model_graph import Graph, Layer
from .rebuild import Placed, snake_case
from .saved_files import LAYER_GROUPS, arrays_below
from .target_keras import TargetKeras  # noqa: F401 - one text with it
from .translation_rules import CannotTranslateError

SPACE = 16  # the size of each free axis of a skeleton's inputs
RATIOS = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
KERAS1 = {
    "W": "kernel",
    "U": "recurrent_kernel",
    "b": "bias",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
    "alphas": "alpha",
}
FORMS = {
    frozenset(["gamma", "beta", "moving_mean", "moving_variance"]): "BatchNormalization",
    frozenset(["beta", "moving_mean", "moving_variance"]): "BatchNormalization",
    frozenset(["gamma", "moving_mean", "moving_variance"]): "BatchNormalization",
    frozenset(["moving_mean", "moving_variance"]): "BatchNormalization",
    frozenset(["gamma", "beta"]): "LayerNormalization",
    frozenset(["embeddings"]): "Embedding",
    frozenset(["alpha"]): "PReLU",
    frozenset(["mean", "variance", "count"]): "Normalization",
    frozenset(["depthwise_kernel"]): "DepthwiseConv2D",
    frozenset(["depthwise_kernel", "bias"]): "DepthwiseConv2D",
    frozenset(["depthwise_kernel", "pointwise_kernel"]): "SeparableConv2D",
    frozenset(["depthwise_kernel", "pointwise_kernel", "bias"]): "SeparableConv2D",
}
KERNELS = {2: "Dense", 3: "Conv1D", 4: "Conv2D", 5: "Conv3D"}


def model_of_weights(target, saved, notes):
    """A skeleton with the file's weights, and the layers that it is made of."""
    layers = [one for one in _weighted_layers(saved, target) if one[2]]
    if not layers:
        raise CannotTranslateError("the file holds no weights")
    spec = [_layer_spec(saved, *one) for one in layers]
    model, objects = skeleton(target, spec)
    graph = Graph("weights", [], False)
    placed, arrays = [], {}
    for (name, _, found), item, layer in zip(layers, spec, objects):
        source = Layer(name, item["kind"], dict(item["config"], **item["original"]))
        source.kind = item.get("source") or item["kind"]
        if item.get("inner"):
            inner = item["inner"]
            kind = inner.get("source") or inner["kind"]
            source.config["layer"] = {"class_name": kind, "config": inner["config"]}
        graph.layers.append(source)
        placed.append(Placed(source, (name,), [layer]))
        arrays[name] = found
    saved.flat, saved.tree = arrays, None
    notes.rule("weights-alone", "file", ", ".join(sorted({one["kind"] for one in spec})))
    notes.loss("no architecture: build the model of its author, then load_weights")
    return model, graph, placed, spec


def _weighted_layers(saved, target):
    """``(name, names of weights, arrays)`` of each layer; names are None where none are kept."""
    if saved.flat is not None:
        for name, arrays in saved.flat.items():
            names = [_own_name(one, name) for one in saved.names.get(name, [])]
            yield str(name), names or None, arrays
        return
    group = next((saved.tree[one] for one in LAYER_GROUPS if one in saved.tree), {})
    for name in sorted(group, key=lambda one: re.sub(r"\d+", lambda x: x.group().zfill(6), one)):
        if any(one in group[name] for one in LAYER_GROUPS):
            raise CannotTranslateError("%s is a model of its own: its class is needed" % name)
        arrays = arrays_below(group[name])
        if arrays:
            yield name, [_class_of(name, target)], arrays


def _class_of(name, target):
    base = re.sub(r"_\d+$", "", name)
    for one in dir(target.keras.layers):
        if one[:1].isupper() and snake_case(one) == base:
            return one
    raise CannotTranslateError("no layer of this Keras is called %s" % name)


def _own_name(name, layer):
    """``lstm/lstm_cell/kernel:0`` is ``kernel``; ``dense_1_W`` of Keras 1 too."""
    last = re.sub(r":\d+$", "", name).split("/")[-1]
    start = "%s_" % layer
    if last.startswith(start) and "/" not in name:
        last = last[len(start) :]
    last = KERAS1.get(last, last)
    side = re.search(r"(?:^|/)(forward|backward)_", name)
    return "%s.%s" % (side.group(1), last) if side else last


def _layer_spec(saved, name, names, arrays):
    if names and names[0][:1].isupper():
        kind = names[0]
    else:
        kind = _kind_of(saved, name, names, arrays)
    if kind == "Bidirectional":
        half = len(arrays) // 2
        inner = _recurrent_spec(arrays[:half], name)
        config = dict(inner["config"], return_sequences=False)
        inner = dict(inner, config=config)
        merge = {"merge_mode": "concat", "name": _safe_name(name)}
        return dict(kind=kind, config=merge, input=inner["input"], original={}, inner=inner)
    if kind == "TimeDistributed":
        inner = _layer_spec(saved, name + "_inner", None, arrays)
        return dict(
            kind=kind,
            config={"name": _safe_name(name)},
            input=[4] + list(inner["input"]),
            original={},
            inner=inner,
        )
    if kind in RATIOS.values() or kind in ("CuDNNLSTM", "CuDNNGRU"):
        found = (
            _keras1_recurrent(kind, arrays) if len(arrays) > 3 else _recurrent_spec(arrays, name)
        )
        return dict(found, config=dict(found["config"], name=_safe_name(name)))
    config, shape, original = _arguments(saved, kind, name, names, arrays)
    config["name"] = _safe_name(name)
    return dict(kind=kind, config=config, input=shape, original=original)


def _safe_name(name):
    return re.sub(r"\W", "_", name).strip("_") or "layer"


def _kind_of(saved, name, names, arrays):
    sizes = [one.ndim for one in arrays]
    if name.startswith("time_distributed") and sizes[0] in KERNELS:
        return "TimeDistributed"
    if names is None:
        names = ["kernel", "bias"][: len(arrays)]
    if any(one.startswith("forward.") for one in names):
        return "Bidirectional"
    plain = frozenset(names)
    if plain in FORMS:
        return FORMS[plain]
    if "recurrent_kernel" in plain and sizes[0] == 2:
        return RATIOS.get(arrays[0].shape[-1] // arrays[1].shape[0], "LSTM")
    if saved.major < 2 and len(arrays) in (9, 12) and any(one.endswith("_i") for one in names):
        return "LSTM"
    if saved.major < 2 and len(arrays) == 9 and any(one.endswith("_z") for one in names):
        return "GRU"
    if plain in (frozenset(["kernel", "bias"]), frozenset(["kernel"])) and sizes[0] in KERNELS:
        if "transpose" in name or _outputs_second(arrays):
            return KERNELS[sizes[0]] + "Transpose"
        return KERNELS[sizes[0]]
    raise CannotTranslateError(
        "%s has the weights %s, which no layer of Keras has alone: its class or its model is needed"
        % (name, ", ".join(names[:6]))
    )


def _outputs_second(arrays):
    """A transposed convolution keeps (rows, columns, out, in)."""
    if len(arrays) != 2 or arrays[0].ndim != 4:
        return False
    out, width = arrays[1].shape[0], arrays[0].shape
    return width[-1] != out and width[0] != out and width[-2] == out


def _recurrent_spec(arrays, name):
    """A recurrent layer of Keras 2 or 3, or of CuDNN."""
    kernel, recurrent = arrays[0], arrays[1]
    units = int(recurrent.shape[0])
    gates = int(kernel.shape[-1]) // units
    if gates not in RATIOS or kernel.ndim != 2:
        raise CannotTranslateError("%s: a recurrent layer of an unknown class" % name)
    kind = RATIOS[gates]
    config = {"units": units, "use_bias": len(arrays) > 2, "activation": "tanh"}
    done = dict(kind=kind, input=[SPACE, int(kernel.shape[0])], original={})
    if kind != "SimpleRNN":
        config["recurrent_activation"] = "sigmoid"
    bias = arrays[2] if len(arrays) > 2 else np.zeros(0)
    if bias.ndim == 1 and bias.size == 2 * gates * units:
        done["source"] = "CuDNN" + kind
    if kind == "GRU":
        config["reset_after"] = bias.ndim == 2 or "source" in done
    return dict(done, config=config)


def _keras1_recurrent(kind, arrays):
    """Keras 1 kept each gate apart."""
    units = int(arrays[0].shape[-1])
    config = {"units": units, "activation": "tanh", "recurrent_activation": "sigmoid"}
    if kind == "GRU":
        config["reset_after"] = False
    return dict(kind=kind, input=[SPACE, int(arrays[0].shape[0])], original={}, config=config)


def _arguments(saved, kind, name, names, arrays):
    """Arguments, the shape of the input, and what the original needs beside them."""
    shape = [int(one) for one in arrays[0].shape]
    bias = len(arrays) > 1
    if kind == "Dense":
        return {"units": shape[1], "use_bias": bias}, [shape[0]], {}
    if kind.startswith("Conv"):
        return _convolution_spec(saved, kind, name, arrays, shape, bias)
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        bias = len(arrays) > (1 if kind[0] == "D" else 2)
        config = {"kernel_size": shape[:2], "depth_multiplier": shape[3], "use_bias": bias}
        if kind[0] == "S":
            config["filters"] = int(arrays[1].shape[-1])
        return config, _space_axes(shape[:2]) + [shape[2]], {}
    if kind == "Embedding":
        return {"input_dim": shape[0], "output_dim": shape[1]}, [SPACE], {}
    if kind == "BatchNormalization":
        known = names if names and names[0].islower() else ["gamma", "beta"][: len(arrays) - 2]
        return {"scale": "gamma" in known, "center": "beta" in known}, [shape[0]], {}
    if kind == "LayerNormalization":
        return {}, shape, {}
    if kind == "PReLU":
        axes = [number + 1 for number, one in enumerate(shape) if one == 1]
        return {"shared_axes": axes or None}, [SPACE if one == 1 else one for one in shape], {}
    if kind == "Normalization":
        return {"axis": -1}, shape or [1], {}
    raise CannotTranslateError("%s (%s): its weights do not tell its arguments" % (name, kind))


def _convolution_spec(saved, kind, name, arrays, shape, bias):
    axes = len(shape) - 2
    original = {}
    if saved.major < 2 and axes == 2 and _axes_of_keras1(shape, arrays, name):
        original = {"data_format": "channels_first"}
        size, channels, filters = shape[2:], shape[1], shape[0]
        if kind.endswith("Transpose"):
            channels, filters = filters, channels
    elif saved.major < 2 and kind == "Conv2D" and "1d" in name.lower():
        raise CannotTranslateError("%s: a convolution of Keras 1 in one dimension" % name)
    else:
        size, channels, filters = shape[:axes], shape[-2], shape[-1]
        if kind.endswith("Transpose"):
            channels, filters = filters, channels
    config = {"filters": filters, "kernel_size": size, "use_bias": bias}
    return config, _space_axes(size) + [channels], original


def _axes_of_keras1(shape, arrays, name):
    """Keras 1 kept (out, in, rows, columns) where images had their channels first."""
    if len(arrays) > 1 and shape[0] != shape[3]:
        return int(arrays[1].shape[0]) == shape[0]
    if shape[0] == shape[3]:
        raise CannotTranslateError("%s: its axes have two meanings; give its architecture" % name)
    return shape[2] == shape[3] and shape[0] > shape[3]


def _space_axes(size):
    return [max(SPACE, int(one)) for one in size]
