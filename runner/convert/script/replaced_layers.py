"""Layers that the target does not have, made of layers that it has."""

import re

import numpy as np

from .translation_rules import CannotTranslateError

MOST_POSITIONS = 1 << 22  # elements of a kernel of patches


def chain_of(layer, target, saved, notes, factor, make):
    """The target's layers in place of one, and how its arrays change; None where it stays."""
    layers = target.keras.layers
    if _channels_first(layer, target):
        notes.rule("channels-first", layer.name, "between two Permute layers")
        return _permuted(layer, target, make)
    if layer.kind == "ThresholdedReLU" and target.layer_class("ThresholdedReLU") is None:
        notes.rule("thresholded-relu", layer.name, "ReLU with a threshold")
        theta = layer.config.get("theta", 1.0)
        theta = theta["value"] if isinstance(theta, dict) else theta
        return [layers.ReLU(threshold=float(theta), name=layer.name)], None
    if layer.kind == "Activation" and layer.config.get("activation") == "hard_sigmoid" and factor:
        notes.rule("hard-sigmoid", layer.name, "a Rescaling in front")
        scaling = target.layer_class("Rescaling")
        if scaling is None:
            raise CannotTranslateError("this Keras has no Rescaling for hard_sigmoid")
        return [
            scaling(scale=factor, name=layer.name + "_scale"),
            layers.Activation("hard_sigmoid", name=layer.name),
        ], None
    if layer.kind in ("CuDNNLSTM", "CuDNNGRU") and target.layer_class(layer.kind) is None:
        return [_plain_recurrent(layer, target, notes)], None
    if layer.kind.startswith("LocallyConnected") and target.layer_class(layer.kind) is None:
        notes.rule("locally-connected", layer.name, "patches and an EinsumDense")
        return _locally_connected(layer, target, saved)
    return None


def _channels_first(layer, target):
    """TensorFlow computes these layers with channels first on a GPU only."""
    return (
        layer.config.get("data_format") == "channels_first"
        and target.backend == "tensorflow"
        and re.match(r"(Separable|Depthwise)?Conv[123]D|(Max|Average)Pooling[123]D", layer.kind)
    )


def _permuted(layer, target, make):
    """The layer with channels last. Kernels have the same form in both cases."""
    axes = int(re.search(r"(\d)D", layer.kind).group(1))
    last = tuple(range(2, axes + 2)) + (1,)
    first = (axes + 1,) + tuple(range(1, axes + 1))
    permute, old = target.keras.layers.Permute, layer.config
    layer.config = dict(old, data_format="channels_last")
    try:
        inner = make(layer)
    finally:
        layer.config = old
    before = permute(last, name=layer.name + "_to_last")
    return [before, inner, permute(first, name=layer.name + "_to_first")], None


def _plain_recurrent(layer, target, notes):
    notes.rule("cudnn-layers", layer.name, "the plain layer")
    config = layer.config
    kept = ("units", "return_sequences", "return_state", "go_backwards", "stateful", "trainable")
    options = {key: config[key] for key in kept if key in config}
    options.update(activation="tanh", recurrent_activation="sigmoid", name=layer.name)
    if layer.kind == "CuDNNGRU":
        return target.keras.layers.GRU(reset_after=True, **options)
    return target.keras.layers.LSTM(**options)


def _locally_connected(layer, target, saved):
    """Cut patches with a fixed convolution, then one kernel for each position."""
    config, layers = layer.config, target.keras.layers
    arrays = (saved.flat or {}).get(layer.name) or []
    if not arrays:
        raise CannotTranslateError("%s: its sizes are not known without its weights" % layer.name)
    if config.get("implementation", 1) != 1 or config.get("data_format") == "channels_first":
        raise CannotTranslateError("%s: only implementation 1, channels last" % layer.name)
    kernel = arrays[0]
    two = layer.kind.endswith("2D")
    size = [int(one) for one in _pair(config["kernel_size"], two)]
    features = kernel.shape[1]
    channels = features // int(np.prod(size))
    if features * features > MOST_POSITIONS:
        raise CannotTranslateError("%s: its patches are too large" % layer.name)
    cut = (layers.Conv2D if two else layers.Conv1D)(
        features,
        tuple(size),
        strides=tuple(_pair(config.get("strides", 1), two)),
        padding=config.get("padding", "valid"),
        use_bias=False,
        trainable=False,
        name=layer.name + "_patches",
    )
    ones = np.eye(features, dtype="float32").reshape(size + [channels, features])
    shape = (kernel.shape[0], kernel.shape[2])
    dense = layers.EinsumDense(
        "bpi,pio->bpo",
        output_shape=shape,
        bias_axes="po" if config.get("use_bias", True) else None,
        activation=config.get("activation"),
        name=layer.name if not two else layer.name + "_kernels",
    )
    chain = [cut, dense]
    rows = None
    if two:
        bias = arrays[1] if len(arrays) > 1 else None
        rows = bias.shape[:2] if bias is not None else None
        if rows is None:
            side = round(kernel.shape[0] ** 0.5)
            rows = (side, kernel.shape[0] // side)
        chain = [
            cut,
            layers.Reshape((kernel.shape[0], features), name=layer.name + "_rows"),
            dense,
            layers.Reshape(tuple(rows) + (kernel.shape[2],), name=layer.name),
        ]

    def change(values):
        done = [ones, values[0]]
        done.extend(one.reshape(shape) for one in values[1:])
        return done

    return chain, change


def _pair(value, two):
    if isinstance(value, (list, tuple)):
        return list(value)
    return [value, value] if two else [value]
