"""Fixed numbers: weights and inputs that depend on nothing but a name and a shape.

No framework's random numbers, no NumPy generator (whose streams changed): crc32 and arithmetic,
the same on every version and every machine.
"""

import zlib
from typing import Any, Optional, Sequence

import numpy as np

from .aliases import Array, Arrays

SAVED = "saved"  # the weights that go into an artifact
BLANK = "blank"  # the weights a loader's model holds before it loads: an untouched one shows


def noise(name: str, shape: Sequence[int], low: float = -1.0, high: float = 1.0) -> Array:
    """Evenly spread float32 numbers in [low, high) that depend on ``name`` and ``shape`` only."""
    count = int(np.prod(shape)) if len(shape) else 1
    seed = zlib.crc32(name.encode("utf-8")) % 99991
    steps = (np.arange(1, count + 1, dtype=np.float64) * 0.6180339887498949 + seed * 0.0137) % 1.0
    # One multiplicative pass breaks the regular steps, so that neighbours do not correlate.
    spread = (steps * 7919.0 + np.sin(np.arange(count) * 1.7 + seed) * 0.5 + 0.5) % 1.0
    return np.asarray((low + (high - low) * spread).reshape(shape), dtype="float32")


def probes(name: str, shape: Sequence[int], rows: int = 4) -> Array:
    """Float inputs of ``rows`` samples: the first half near zero, the rest far out, both signs."""
    half = max(1, rows // 2)
    near = noise(name + "/near", (half,) + tuple(shape), -0.3, 0.3)
    far = noise(name + "/far", (rows - half,) + tuple(shape), -4.0, 4.0)
    return np.concatenate([near, far]).astype("float32")


def layer_weights(layer_class: str, layer_name: str, current: Any, salt: str = SAVED) -> Arrays:
    """New values, of the shapes of ``current``, for one layer's ``get_weights()``.

    Batch normalisation's last array is a variance, which must be positive. Integer and boolean
    state (seeds, counters, vocabularies) stays as it is.
    """
    fresh = []
    for index, old in enumerate(current):
        old = np.asarray(old)
        if old.dtype.kind != "f":
            fresh.append(old)
            continue
        name = f"{salt}/{layer_name}/{index}"
        value = noise(name, old.shape)
        if layer_class.startswith("BatchNorm") and index == len(current) - 1:
            value = np.abs(value) * 0.5 + 0.75
        elif old.ndim >= 2:
            fan_in = max(1.0, float(np.prod(old.shape[:-1])))
            value = value * np.float32(np.sqrt(3.0 / fan_in))
        else:
            value = value * np.float32(0.5)
        fresh.append(value.astype(old.dtype))
    return fresh


def set_weights(model: Any, salt: str = SAVED, only: Optional[Sequence[str]] = None) -> None:
    """Give every layer of ``model`` its fixed weights; ``only``: those of these names."""
    for layer in model.layers:
        current = layer.get_weights() if only is None or layer.name in only else []
        if current:
            layer.set_weights(layer_weights(type(layer).__name__, layer.name, current, salt))
