"""Which releases a config rules out: keys and classes that only newer ones write. Pure.

A release refuses a key it does not know, so a key that is always written since some release makes
that release the oldest loader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner.model.inspection import Minimum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """``key`` in the config of one of ``classes`` needs ``version``; "" stands for the class."""

    version: str
    key: str
    classes: frozenset[str]


def _rule(version: str, key: str, classes: str) -> Rule:
    return Rule(version=version, key=key, classes=frozenset(classes.split()))


SCALING = "GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal VarianceScaling"
TRANSPOSED = "Conv1DTranspose Conv2DTranspose Conv3DTranspose"

# Keras 3, from the constructors of every release, and measured between 13 releases.
KERAS3 = (
    _rule("3.3", "pad_to_aspect_ratio", "Resizing"),
    _rule("3.4", "seed", "MultiHeadAttention"),
    _rule("3.5", "data_format", "ZeroPadding1D"),
    _rule("3.5", "", "Orthogonal"),
    _rule("3.6", "data_format", "RandomFlip"),
    _rule("3.7", "seed", "GroupedQueryAttention GroupQueryAttention"),
    _rule("3.9", "antialias", "Resizing"),
    _rule("3.12", "name", "LossScaleOptimizer"),
    _rule("3.13", "quantization_config", "Dense EinsumDense Embedding"),
    _rule("3.14", "renorm", "BatchNormalization"),
    _rule("3.14", "use_gate", "MultiHeadAttention GroupedQueryAttention GroupQueryAttention"),
    _rule("3.14", "oov_method", "IntegerLookup StringLookup"),
    _rule("3.14", "salt", "IntegerLookup"),
    _rule("3.15", "sliding_window", "MultiHeadAttention GroupedQueryAttention GroupQueryAttention"),
    _rule("3.15", "input_axes", SCALING),
    _rule("3.15", "output_axes", SCALING),
    _rule("3.15", "output_padding", TRANSPOSED),
)

# tf.keras, by the release of TensorFlow. ``ragged`` came with 1.15.
TENSORFLOW = (
    _rule("1.15", "ragged", "InputLayer"),
    _rule("2.3", "groups", "Conv1D Conv2D Conv3D DepthwiseConv2D SeparableConv1D SeparableConv2D"),
    _rule("2.3", "", "Functional"),
    _rule("2.4", "", "MultiHeadAttention TFOpLambda SlicingOpLambda"),
    _rule("2.6", "keepdims", "GlobalAveragePooling2D GlobalMaxPooling2D GlobalAveragePooling1D"),
    _rule("2.6", "crop_to_aspect_ratio", "Resizing"),
    _rule("2.9", "score_mode", "Attention"),
    _rule("2.12", "synchronized", "BatchNormalization"),
)


def minimum_loaders(
    keys: Mapping[str, Iterable[str]], *, generation: int | None, zipped: bool = False
) -> tuple[Minimum, ...]:
    """Return the releases a config needs, the newest first, and one for each release.

    ``keys``: class to the keys in its configs. ``zipped``: the format is that of TensorFlow 2.12
    and later. Keras 1 and a config of unknown age need nothing.
    """
    rules, package = {3: (KERAS3, "keras"), 2: (TENSORFLOW, "tensorflow")}.get(
        generation or 0, ((), "")
    )
    found: dict[str, list[str]] = {}
    for rule in rules:
        for name in sorted(rule.classes & set(keys)):
            if not rule.key or rule.key in keys[name]:
                reason = f"{name}.{rule.key}" if rule.key else f"class {name}"
                found.setdefault(rule.version, []).append(reason)
    if generation == 2 and zipped:
        found.setdefault("2.12", []).append("the format")
    if generation == 3:
        found.setdefault("3.0", ["written by Keras 3"])
    newest_first = sorted(found, key=Version, reverse=True)
    return tuple(
        Minimum(package=package, version=version, because=_some(found[version]))
        for version in newest_first
    )


def _some(reasons: list[str]) -> str:
    shown = ", ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown} and {len(reasons) - 3} more"


def generation_of(keras: str | None) -> int | None:
    """0 to 3, from a version as files have it (``2.2.4-tf``); None without one."""
    if keras is None:
        return None
    try:
        return Version(keras.split("-")[0]).major
    except InvalidVersion:
        return None


# The release of TensorFlow behind a version of tf.keras that does not name it.
TENSORFLOW_OF = {"2.2.4": "1.13 to 2.1", "2.3.0": "2.2", "2.4.0": "2.3 or 2.4"}


def tensorflow_of(keras: str | None) -> str | None:
    """Return the TensorFlow whose tf.keras has this version; None where that cannot be told."""
    if keras is None:
        return None
    plain, _, suffix = keras.partition("-")
    if suffix == "tf" or plain == "2.4.0":
        return TENSORFLOW_OF.get(plain)
    try:
        version = Version(plain)
    except InvalidVersion:
        return None
    if version.major == 2 and 5 <= version.minor <= 15:
        return f"2.{version.minor}"
    return None
