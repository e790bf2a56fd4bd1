"""The arrays of one layer as the target's layer of the same meaning keeps them."""

import numpy as np

from .translation_rules import CannotTranslateError

CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose", "ConvLSTM2D")
GATES = {"LSTM": (1, 1, 0, 1), "GRU": (1, 1, 0), "ConvLSTM2D": (1, 1, 0, 1)}
WRAPPED = ("Bidirectional", "TimeDistributed")


def inner_of(layer):
    """The kind and configuration of what a wrapper holds."""
    kind, config = layer.kind, layer.config
    while kind in WRAPPED:
        kind, config = config["layer"]["class_name"], config["layer"]["config"]
    return kind, config


def source_count(layer, saved, built):
    """How many arrays the file has for a layer that has ``built`` here."""
    kind, _ = inner_of(layer)
    several = 2 if layer.kind == "Bidirectional" else 1
    if saved.major < 2 and kind in ("LSTM", "GRU"):
        return several * (12 if kind == "LSTM" else 9)
    return built


def converted(layer, arrays, saved, target, notes):
    """``arrays`` in the form of the target."""
    kind, config = inner_of(layer)
    if layer.kind == "Bidirectional":
        half = len(arrays) // 2
        parts = [arrays[:half], arrays[half:]]
    else:
        parts = [arrays]
    done = []
    for part in parts:
        done.extend(_one(kind, config, list(part), saved, target, notes, layer.name))
    return done


def _one(kind, config, arrays, saved, target, notes, where):
    if not arrays:
        return arrays
    if saved.major < 2:
        arrays = _of_keras1(kind, config, arrays, notes, where)
    if kind in CONVOLUTIONS and _convolves_otherwise(saved, target):
        arrays = [_turned(one) if one.ndim > 2 else one for one in arrays]
        notes.rule("theano-kernels", where, "turned along their axes of space")
    if kind in ("CuDNNLSTM", "CuDNNGRU"):
        arrays = _of_cudnn(kind, arrays)
        notes.rule("cudnn-layers", where, "one order of gates and biases")
    factor = scale_of(saved, target)
    if factor is not None:
        arrays = _scaled(kind, config, arrays, factor, notes, where)
    return arrays


def _convolves_otherwise(saved, target):
    """Whether one of both is Theano. Files before Keras 2 may not say what they were written on."""
    known = saved.backend or saved.major >= 3
    return known and (saved.backend == "theano") != (target.backend == "theano")


def scale_of(saved, target):
    """Keras 3's hard_sigmoid(1.2 x) is Keras 2's hard_sigmoid(x)."""
    if target.is3 and saved.major < 3:
        return 1.2
    return 1 / 1.2 if not target.is3 and saved.major >= 3 else None


def _scaled(kind, config, arrays, factor, notes, where):
    if kind in GATES and config.get("recurrent_activation", "hard_sigmoid") == "hard_sigmoid":
        if config.get("activation") == "hard_sigmoid":
            raise CannotTranslateError("%s uses hard_sigmoid for its state" % where)
        notes.rule("hard-sigmoid", where, "gates times %.9g, which gives the same numbers" % factor)
        gates = GATES[kind]

        def scaled(array):
            factors = np.repeat(
                [factor if one else 1.0 for one in gates], array.shape[-1] // len(gates)
            )
            return (array.astype("float64") * factors).astype(array.dtype)

        return [scaled(one) for one in arrays]
    if config.get("activation") == "hard_sigmoid" and kind != "Activation":
        if kind not in ("Dense", "SimpleRNN") and kind not in CONVOLUTIONS:
            raise CannotTranslateError("no rule for hard_sigmoid in %s (%s)" % (kind, where))
        notes.rule("hard-sigmoid", where, "weights times %.9g" % factor)
        return [(one.astype("float64") * factor).astype(one.dtype) for one in arrays]
    return arrays


def _turned(kernel):
    """Along the axes of space: all but the last two."""
    return kernel[tuple(slice(None, None, -1) for _ in range(kernel.ndim - 2))]


def _of_keras1(kind, config, arrays, notes, where):
    if kind == "LSTM" and len(arrays) == 12:
        notes.rule("keras1-recurrent-weights", where, "12 arrays become 3")
        return [
            np.concatenate([arrays[one + part] for one in (0, 6, 3, 9)], -1) for part in range(3)
        ]
    if kind == "GRU" and len(arrays) == 9:
        notes.rule("keras1-recurrent-weights", where, "9 arrays become 3")
        return [np.concatenate([arrays[one + part] for one in (0, 3, 6)], -1) for part in range(3)]
    first = config.get("data_format") == "channels_first"
    moves = None
    if kind == "Conv1D" and arrays[0].ndim == 4:
        size = config["kernel_size"]
        size = size[0] if isinstance(size, (list, tuple)) else size
        kernel = arrays[0]
        if kernel.shape[:2] != (size, 1) or kernel.shape[3] != config["filters"]:
            kernel = kernel.transpose(2, 3, 1, 0)
        notes.rule("keras1-convolution-weights", where, "no axis of size 1")
        return [kernel[:, 0]] + arrays[1:]
    if kind == "Conv2D" and first:
        moves = (2, 3, 1, 0)
    elif kind == "Conv2DTranspose":
        moves = (2, 3, 0, 1) if first else (0, 1, 3, 2)
    elif kind == "Conv3D" and first:
        moves = (2, 3, 4, 1, 0)
    if moves is not None:
        notes.rule("keras1-convolution-weights", where, "axes moved")
        arrays = [arrays[0].transpose(moves)] + arrays[1:]
    return arrays


def _of_cudnn(kind, arrays):
    gates = 4 if kind == "CuDNNLSTM" else 3
    kernel = np.hstack([one.T.reshape(one.shape, order="F") for one in np.hsplit(arrays[0], gates)])
    recurrent = np.hstack([one.T for one in np.hsplit(arrays[1], gates)])
    bias = np.sum(np.split(arrays[2], 2), axis=0) if gates == 4 else arrays[2].reshape((2, -1))
    return [kernel, recurrent, bias]
