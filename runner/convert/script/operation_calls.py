"""TensorFlow operations in a graph of layers, called again with what the target has for them."""

import json
import re

import numpy as np

from .translation_rules import CannotTranslateError

TF_LAYERS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")
SKIPPED = ("name", "trainable", "dtype", "function", "node_def", "constants")
# The function of ``tf`` (without its module), or the operation of a graph: that of ``keras.ops``.
SAME = {
    "add": "add",
    "addv2": "add",
    "subtract": "subtract",
    "sub": "subtract",
    "multiply": "multiply",
    "mul": "multiply",
    "truediv": "true_divide",
    "divide": "true_divide",
    "realdiv": "true_divide",
    "div": "true_divide",
    "floordiv": "floor_divide",
    "pow": "power",
    "maximum": "maximum",
    "minimum": "minimum",
    "squared_difference": "squared_difference",
    "greater": "greater",
    "greater_equal": "greater_equal",
    "less": "less",
    "less_equal": "less_equal",
    "equal": "equal",
    "not_equal": "not_equal",
    "logical_and": "logical_and",
    "logical_or": "logical_or",
    "matmul": "matmul",
    "batchmatmulv2": "matmul",
    "abs": "absolute",
    "neg": "negative",
    "negative": "negative",
    "exp": "exp",
    "log": "log",
    "log1p": "log1p",
    "sqrt": "sqrt",
    "rsqrt": "rsqrt",
    "square": "square",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "round": "round",
    "relu": "relu",
    "relu6": "relu6",
    "elu": "elu",
    "selu": "selu",
    "softplus": "softplus",
    "silu": "silu",
    "swish": "silu",
    "logical_not": "logical_not",
    "erf": "erf",
    "zeros_like": "zeros_like",
    "ones_like": "ones_like",
    "stop_gradient": "stop_gradient",
    "where": "where",
    "shape": "shape",
}
OPERATORS = {"radd": "add", "rsub": "subtract", "rmul": "multiply", "rtruediv": "true_divide"}
REDUCTIONS = {
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_any": "any",
    "reduce_all": "all",
    "mean": "mean",
    "sum": "sum",
    "max": "max",
    "min": "min",
    "prod": "prod",
    "argmax": "argmax",
    "argmin": "argmin",
    "reduce_std": "std",
    "reduce_variance": "var",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
}
SECOND = ("y", "b", "other", "x2")


def is_operation(layer):
    """Whether it is an operation of TensorFlow, or of Keras 3, between layers."""
    return layer.kind in TF_LAYERS or layer.module.startswith("keras.src.ops")


def call_operation(layer, args, kwargs, target, notes):
    """The result of the operation on the target's tensors. Raises CannotTranslateError."""
    value = _called(layer, args, kwargs, target, notes)
    if target.is3:
        _name_operations(value, (args, kwargs), layer.name.replace("/", "_"))
    return value


def _name_operations(value, given, name):
    """Call them by the file's name: those that Keras makes up may be names of layers."""
    ends = {id(one) for one in _tensors_in(given)}
    waiting, seen, number = _tensors_in(value), set(), 0
    while waiting:
        tensor = waiting.pop()
        operation = getattr(getattr(tensor, "_keras_history", None), "operation", None)
        if id(tensor) in ends or operation is None or id(operation) in seen:
            continue
        seen.add(id(operation))
        operation.name = "%s_part_%d" % (name, number) if number else name
        number += 1
        for node in operation._inbound_nodes:
            waiting.extend(node.input_tensors)


def _tensors_in(value):
    if isinstance(value, dict):
        return [one for part in value.values() for one in _tensors_in(part)]
    if isinstance(value, (list, tuple)):
        return [one for part in value for one in _tensors_in(part)]
    return [value] if hasattr(value, "_keras_history") else []


def _called(layer, args, kwargs, target, notes):
    kwargs = {key: one for key, one in kwargs.items() if key != "name"}
    if layer.kind == "TFOpLambda":
        name = layer.config["function"]
        notes.rule("tensorflow-operations", layer.name, name)
        if not target.is3 and name.endswith("getitem"):
            spec = kwargs.get("slice_spec", args[1] if len(args) > 1 else None)
            return args[0][_without_ellipsis(_slices(spec), args[0])]
        if not target.is3:
            return _of_tensorflow(name)(*args, **kwargs)
        return _of_keras(target.keras.ops, name.rsplit(".", 1)[-1], args, kwargs, layer)
    if layer.kind == "SlicingOpLambda":
        notes.rule("tensorflow-operations", layer.name, "slice")
        spec = kwargs.get("slice_spec", args[1] if len(args) > 1 else None)
        return args[0][_without_ellipsis(_slices(spec), args[0])]
    if layer.kind == "TensorFlowOpLayer":
        notes.rule("tensorflow-operations", layer.name, "node")
        return _of_node(layer, args, target)
    if not target.is3:
        return _keras3_in_tensorflow(layer, args, kwargs, notes)
    return _again(layer, args, kwargs, target)


def _of_tensorflow(path):
    import tensorflow as tf

    found = tf
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _slices(spec):
    if isinstance(spec, dict):
        return slice(spec.get("start"), spec.get("stop"), spec.get("step"))
    if isinstance(spec, (list, tuple)):
        return tuple(_slices(one) for one in spec)
    return Ellipsis if spec == "..." else spec


def _of_keras(ops, name, args, kwargs, layer):
    """One function of ``tf`` as calls of ``keras.ops``."""
    plain = name.lower().strip("_")
    if plain in OPERATORS:
        first, second = args[0], args[1] if len(args) > 1 else kwargs.get("y", kwargs.get("x"))
        return getattr(ops, OPERATORS[plain])(_as_array(second), _as_array(first))
    if plain in SAME:
        positional = list(args)
        positional.extend(kwargs[key] for key in SECOND if key in kwargs)
        if plain == "matmul" and kwargs.get("transpose_b"):
            positional[1] = ops.swapaxes(positional[1], -1, -2)
        return getattr(ops, SAME[plain])(*[_as_array(one) for one in positional])
    if plain in REDUCTIONS:
        axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
        options = {"axis": tuple(axis) if isinstance(axis, list) else axis}
        if kwargs.get("keepdims"):
            options["keepdims"] = True
        if "softmax" in plain and axis is None:
            options["axis"] = -1
        return getattr(ops, REDUCTIONS[plain])(args[0], **options)
    special = SPECIAL.get(plain)
    if special is None:
        raise CannotTranslateError("no rule for the operation %s (%s)" % (name, layer.name))
    return special(ops, args, kwargs)


def _as_array(value):
    """A constant that JSON keeps as a list."""
    if not isinstance(value, (list, tuple)):
        return value
    found = np.asarray(value)
    return found.astype("float32") if found.dtype.kind == "f" else found


def _get(args, kwargs, number, names, default=None):
    for name in names:
        if name in kwargs:
            return kwargs[name]
    return args[number] if len(args) > number else default


def _concat(ops, args, kwargs):
    return ops.concatenate(_get(args, kwargs, 0, ("values",)), _get(args, kwargs, 1, ("axis",), 0))


def _split(ops, args, kwargs):
    size = _get(args, kwargs, 1, ("num_or_size_splits",))
    axis = _get(args, kwargs, 2, ("axis",), 0)
    if isinstance(size, (list, tuple)):
        ends = [sum(size[: one + 1]) for one in range(len(size) - 1)]
        return ops.split(args[0], ends, axis)
    return ops.split(args[0], size, axis)


def _l2_normalize(ops, args, kwargs):
    axis = _get(args, kwargs, 1, ("axis",))
    epsilon = kwargs.get("epsilon", 1e-12)
    total = ops.sum(ops.square(args[0]), axis=axis, keepdims=True)
    return ops.multiply(args[0], ops.rsqrt(ops.maximum(total, epsilon)))


def _resize(ops, args, kwargs):
    size = tuple(_get(args, kwargs, 1, ("size",)))
    method = _get(args, kwargs, 2, ("method",), "bilinear")
    if kwargs.get("antialias") or kwargs.get("preserve_aspect_ratio"):
        raise CannotTranslateError("tf.image.resize with antialias or preserve_aspect_ratio")
    return ops.image.resize(args[0], size, interpolation=method, data_format="channels_last")


SPECIAL = {
    "concat": _concat,
    "split": _split,
    "l2_normalize": _l2_normalize,
    "resize": _resize,
    "stack": lambda ops, a, k: ops.stack(_get(a, k, 0, ("values",)), _get(a, k, 1, ("axis",), 0)),
    "reshape": lambda ops, a, k: ops.reshape(a[0], tuple(_get(a, k, 1, ("shape",)))),
    "transpose": lambda ops, a, k: ops.transpose(a[0], _get(a, k, 1, ("perm",))),
    "expand_dims": lambda ops, a, k: ops.expand_dims(a[0], _get(a, k, 1, ("axis",))),
    "squeeze": lambda ops, a, k: ops.squeeze(a[0], _get(a, k, 1, ("axis",))),
    "cast": lambda ops, a, k: ops.cast(a[0], _get(a, k, 1, ("dtype",))),
    "clip_by_value": lambda ops, a, k: ops.clip(
        a[0], _get(a, k, 1, ("clip_value_min",)), _get(a, k, 2, ("clip_value_max",))
    ),
    "tile": lambda ops, a, k: ops.tile(a[0], tuple(_get(a, k, 1, ("multiples",)))),
    "gather": lambda ops, a, k: ops.take(a[0], _get(a, k, 1, ("indices",)), k.get("axis", 0)),
    "one_hot": lambda ops, a, k: ops.one_hot(a[0], _get(a, k, 1, ("depth",))),
    "identity": lambda ops, a, k: ops.multiply(a[0], 1),
    "convert_to_tensor": lambda ops, a, k: a[0],
    "leaky_relu": lambda ops, a, k: ops.leaky_relu(a[0], _get(a, k, 1, ("alpha",), 0.2)),
    "gelu": lambda ops, a, k: ops.gelu(a[0], k.get("approximate", False)),
    "bias_add": lambda ops, a, k: ops.add(a[0], _as_array(_get(a, k, 1, ("bias",)))),
    "reverse": lambda ops, a, k: ops.flip(a[0], _get(a, k, 1, ("axis",))),
    "roll": lambda ops, a, k: ops.roll(a[0], _get(a, k, 1, ("shift",)), _get(a, k, 2, ("axis",))),
    "pad": lambda ops, a, k: ops.pad(a[0], _get(a, k, 1, ("paddings",))),
    "einsum": lambda ops, a, k: ops.einsum(*a),
    "norm": lambda ops, a, k: ops.norm(
        a[0], axis=_get(a, k, 2, ("axis",)), keepdims=bool(k.get("keepdims"))
    ),
    "getitem": lambda ops, a, k: a[0][_slices(_get(a, k, 1, ("slice_spec",)))],
}


def _of_node(layer, args, target):
    """A TensorFlowOpLayer of TensorFlow 1.15 to 2.3: an operation's name and its constants."""
    node = layer.config["node_def"]
    try:
        kind = json.loads(node)["op"]
    except ValueError:
        kind = re.search(r'op:\s*"(\w+)"', node).group(1)
    tensors = list(args[0]) if isinstance(args[0], (list, tuple)) else [args[0]]
    for place, value in sorted(
        (layer.config.get("constants") or {}).items(), key=lambda one: int(one[0])
    ):
        tensors.insert(int(place), value)
    ops = target.keras.ops if target.is3 else None
    plain = kind.lower()
    if ops is None:
        raise CannotTranslateError("no rule for the operation %s in this Keras" % kind)
    if plain == "concatv2":
        return ops.concatenate(tensors[:-1], int(tensors[-1]))
    if plain in REDUCTIONS and len(tensors) > 1:
        keep = '"keep_dims": {"b": true' in re.sub(r"\s+", " ", node).replace('{ "b"', '{"b"')
        axis = tensors[1]
        axis = tuple(axis) if isinstance(axis, list) else axis
        return getattr(ops, REDUCTIONS[plain])(tensors[0], axis=axis, keepdims=keep)
    return _of_keras(ops, kind, tensors, {}, layer)


def _again(layer, args, kwargs, target):
    """An operation of Keras 3 in Keras 3."""
    config = {key: one for key, one in layer.config.items() if key not in SKIPPED}
    if layer.kind == "GetItem":
        return args[0][_slices(args[1] if len(args) > 1 else kwargs["key"])]
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", layer.kind).lower()
    found = getattr(target.keras.ops, name, None)
    if found is None:
        raise CannotTranslateError("no keras.ops.%s here" % name)
    return found(*args, **dict(config, **kwargs))


TO_TENSORFLOW = {
    "Add": "math.add",
    "Subtract": "math.subtract",
    "Multiply": "math.multiply",
    "TrueDivide": "math.truediv",
    "Divide": "math.truediv",
    "Power": "math.pow",
    "Maximum": "math.maximum",
    "Minimum": "math.minimum",
    "Matmul": "linalg.matmul",
    "Absolute": "math.abs",
    "Negative": "math.negative",
    "Exp": "math.exp",
    "Log": "math.log",
    "Sqrt": "math.sqrt",
    "Square": "math.square",
    "Tanh": "math.tanh",
    "Sigmoid": "math.sigmoid",
    "Relu": "nn.relu",
    "Relu6": "nn.relu6",
    "Mean": "math.reduce_mean",
    "Sum": "math.reduce_sum",
    "Max": "math.reduce_max",
    "Min": "math.reduce_min",
    "Softmax": "nn.softmax",
    "ExpandDims": "expand_dims",
    "NotEqual": "math.not_equal",
    "Equal": "math.equal",
    "Greater": "math.greater",
    "Less": "math.less",
    "LogicalAnd": "math.logical_and",
    "LogicalOr": "math.logical_or",
    "Rsqrt": "math.rsqrt",
    "Where": "where",
    "Silu": "nn.silu",
    "Softplus": "math.softplus",
    "Any": "math.reduce_any",
    "All": "math.reduce_all",
    "Squeeze": "squeeze",
    "Sin": "math.sin",
    "Cos": "math.cos",
    "Log1p": "math.log1p",
    "Expm1": "math.expm1",
    "Erf": "math.erf",
    "Sign": "math.sign",
    "Floor": "math.floor",
    "Ceil": "math.ceil",
    "Round": "math.round",
    "Reciprocal": "math.reciprocal",
    "FloorDivide": "math.floordiv",
    "Mod": "math.floormod",
    "GreaterEqual": "math.greater_equal",
    "LessEqual": "math.less_equal",
    "LogicalNot": "math.logical_not",
    "Prod": "math.reduce_prod",
    "Std": "math.reduce_std",
    "Var": "math.reduce_variance",
    "Argmax": "math.argmax",
    "Argmin": "math.argmin",
    "Elu": "nn.elu",
    "Selu": "nn.selu",
    "Gelu": "nn.gelu",
    "LogSoftmax": "nn.log_softmax",
    "OnesLike": "ones_like",
    "ZerosLike": "zeros_like",
    "SquaredDifference": "math.squared_difference",
    "Einsum": "einsum",
}
# The name in TensorFlow, and its arguments as Keras 3 calls them.
WITH_ARGUMENTS = {
    "Clip": ("clip_by_value", {"x_min": "clip_value_min", "x_max": "clip_value_max"}),
    "Cast": ("cast", {"dtype": "dtype"}),
    "Reshape": ("reshape", {"newshape": "shape"}),
    "Transpose": ("transpose", {"axes": "perm"}),
    "Concatenate": ("concat", {"axis": "axis"}),
    "Stack": ("stack", {"axis": "axis"}),
    "Tile": ("tile", {"repeats": "multiples"}),
    "Repeat": ("repeat", {"repeats": "repeats", "axis": "axis"}),
    "Take": ("gather", {"indices": "indices", "axis": "axis"}),
    "Flip": ("reverse", {"axis": "axis"}),
    "Roll": ("roll", {"shift": "shift", "axis": "axis"}),
    "LeakyRelu": ("nn.leaky_relu", {"negative_slope": "alpha"}),
    "OneHot": ("one_hot", {"num_classes": "depth", "axis": "axis"}),
    "Split": ("split", {"indices_or_sections": "num_or_size_splits", "axis": "axis"}),
    "BroadcastTo": ("broadcast_to", {"shape": "shape"}),
}


def _keras3_in_tensorflow(layer, args, kwargs, notes):
    notes.rule("tensorflow-operations", layer.name, layer.kind)
    if layer.kind == "GetItem":
        return args[0][_without_ellipsis(_slices(args[1]), args[0])]
    if layer.kind in WITH_ARGUMENTS:
        return _renamed_call(layer, args, kwargs)
    if layer.kind == "Normalize" and layer.config.get("order", 2) == 2:
        return _of_tensorflow("math.l2_normalize")(args[0], axis=layer.config.get("axis", -1))
    config = {key: one for key, one in layer.config.items() if key not in SKIPPED}
    if layer.kind not in TO_TENSORFLOW:
        raise CannotTranslateError("no rule for the operation %s in this Keras" % layer.kind)
    if config.get("keepdims") is False:
        del config["keepdims"]
    for key in [key for key, one in config.items() if one is None]:
        del config[key]
    return _of_tensorflow(TO_TENSORFLOW[layer.kind])(*args, **dict(config, **kwargs))


def _renamed_call(layer, args, kwargs):
    """A function of TensorFlow whose arguments have other names."""
    name, renamed = WITH_ARGUMENTS[layer.kind]
    given = dict(layer.config, **kwargs)
    options = {new: given[old] for old, new in renamed.items() if given.get(old) is not None}
    if layer.kind == "Flip" and isinstance(options.get("axis"), int):
        options["axis"] = [options["axis"]]
    return _of_tensorflow(name)(*args, **options)


def _without_ellipsis(key, tensor):
    """Whole slices instead: Keras 2.15 does not write an ellipsis."""
    rank = getattr(getattr(tensor, "shape", None), "rank", None)
    if not isinstance(key, tuple) or Ellipsis not in key or rank is None or None in key:
        return key
    place = key.index(Ellipsis)
    free = (slice(None),) * (rank - len(key) + 1)
    return key[:place] + free + key[place + 1 :]
