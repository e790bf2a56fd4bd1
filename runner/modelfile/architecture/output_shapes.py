"""Output shapes of common layers from their configs. Pure; None wherever it is not sure.

Keras 1's words (``output_dim``, ``nb_filter``, ``border_mode``) are understood as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from runner.modelfile.architecture import spatial_shapes as spatial
from runner.modelfile.architecture.sizes import Shape, number, shape_of

Config = dict[str, Any]
Rule = Callable[[Config, Sequence[Shape]], Shape | None]

SAME = frozenset(
    [
        "Activation",
        "ActivityRegularization",
        "AlphaDropout",
        "BatchNormalization",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "Highway",
        "InputLayer",
        "LayerNormalization",
        "LeakyReLU",
        "Masking",
        "Normalization",
        "PReLU",
        "RMSNormalization",
        "RandomContrast",
        "RandomFlip",
        "RandomRotation",
        "RandomZoom",
        "ReLU",
        "Rescaling",
        "SReLU",
        "Softmax",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "ThresholdedReLU",
        "UnitNormalization",
    ]
)
MERGES = frozenset(["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"])
RECURRENT = frozenset(["LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "LSTMV2", "GRUV2"])


def output_shape(name: str, config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Return the shape that a layer of this class makes of its inputs."""
    if not inputs:
        return None
    first = inputs[0]
    if name in SAME:
        return first
    if name in MERGES:
        return first if all(one == first for one in inputs) else None
    rule = RULES.get(name) or next(
        (rule for ending, rule in RULES_BY_ENDING if ending in name), None
    )
    if rule is not None:
        return rule(config, inputs)
    return None


def _last(key: str, *others: str) -> Rule:
    """Return a rule that puts a size of the config in the last place."""

    def rule(config: Config, inputs: Sequence[Shape]) -> Shape | None:
        size = next((number(config[name]) for name in (key, *others) if name in config), None)
        return (*inputs[0][:-1], size) if inputs[0] and size is not None else None

    return rule


def _flatten(_: Config, inputs: Sequence[Shape]) -> Shape | None:
    sizes = inputs[0][1:]
    return (*inputs[0][:1], None if None in sizes else math.prod(n or 0 for n in sizes))


def _embedding(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    size = number(config.get("output_dim"))
    return None if size is None else (*inputs[0], size)


def _recurrent(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    size = number(config.get("units", config.get("output_dim")))
    if size is None or config.get("return_state") or len(inputs[0]) != 3:
        return None
    return (*(inputs[0][:2] if config.get("return_sequences") else inputs[0][:1]), size)


def _reshape(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    target = config.get("target_shape", config.get("dims"))
    if not isinstance(target, (list, tuple)):
        return None
    if -1 not in target:
        rest = shape_of(target)
        return None if rest is None else (*inputs[0][:1], *rest)
    sizes = inputs[0][1:]
    known = math.prod(number(n) or 1 for n in target if n != -1)
    whole = None if None in sizes else math.prod(n or 0 for n in sizes)
    free = None if whole is None or not known else whole // known
    return (*inputs[0][:1], *(free if n == -1 else number(n) for n in target))


def _concatenate(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    axis, first = config.get("axis", config.get("concat_axis", -1)), inputs[0]
    if not isinstance(axis, int) or any(len(one) != len(first) for one in inputs):
        return None
    if not -len(first) <= axis < len(first):
        return None
    sizes = [one[axis] for one in inputs]
    joined = list(first)
    joined[axis] = None if None in sizes else sum(size or 0 for size in sizes)
    return tuple(joined)


def _merge(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Keras 1's layer for all ways of merging."""
    if config.get("mode") == "concat":
        return _concatenate(config, inputs)
    plain = config.get("mode") in ("sum", "mul", "ave", "max")
    return inputs[0] if plain and all(one == inputs[0] for one in inputs) else None


def _repeat(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    count = number(config.get("n"))
    return (inputs[0][0], count, inputs[0][-1]) if len(inputs[0]) == 2 else None


_units = _last("units", "output_dim")
RULES: dict[str, Rule] = {
    "Dense": _units,
    "TimeDistributedDense": _units,
    "MaxoutDense": _units,
    "Flatten": _flatten,
    "Embedding": _embedding,
    "Reshape": _reshape,
    "Concatenate": _concatenate,
    "Merge": _merge,
    "RepeatVector": _repeat,
    "DepthwiseConv2D": spatial.depthwise,
    "DepthwiseConv1D": spatial.depthwise,
    **dict.fromkeys(RECURRENT, _recurrent),
    **{
        f"{name}{rank}D": spatial.convolution
        for name in ("Conv", "SeparableConv", "Convolution", "SeparableConvolution")
        for rank in (1, 2, 3)
    },
}
RULES_BY_ENDING: tuple[tuple[str, Rule], ...] = (
    ("GlobalAveragePooling", spatial.global_pool),
    ("GlobalMaxPooling", spatial.global_pool),
    ("MaxPooling", spatial.pooling),
    ("AveragePooling", spatial.pooling),
    ("UpSampling", spatial.upsample),
    ("ZeroPadding", spatial.pads(+1)),
    ("Cropping", spatial.pads(-1)),
)
