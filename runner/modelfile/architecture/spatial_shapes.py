"""Shapes behind convolutions, pooling, padding and upsampling. Pure.

Keras 1's words (``nb_filter``, ``border_mode``, ``subsample``) are understood as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.modelfile.architecture.sizes import Shape, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Config = dict[str, Any]


def channels_first(config: Config) -> bool:
    """Whether the channels stand before the spatial axes."""
    return config.get("data_format", config.get("dim_ordering")) in ("channels_first", "th")


def global_pool(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Pooling over all of the spatial axes."""
    first = inputs[0]
    if len(first) < 3 or config.get("keepdims"):
        return None
    return (first[0], first[1] if channels_first(config) else first[-1])


def _spatial(
    config: Config, shape: Shape, change: Callable[[int, int], int | None]
) -> list[int | None]:
    """Return the spatial sizes of a shape, each changed by ``change(size, axis)``."""
    sizes = shape[2:] if channels_first(config) else shape[1:-1]
    return [None if size is None else change(size, axis) for axis, size in enumerate(sizes)]


def _join(config: Config, shape: Shape, sizes: list[int | None], channels: int | None) -> Shape:
    if channels_first(config):
        return (shape[0], channels, *sizes)
    return (shape[0], *sizes, channels)


def _per_axis(config: Config, *names: str) -> list[int]:
    """Return a size for each spatial axis: a number counts for all of them."""
    for name in names:
        value = config.get(name)
        if isinstance(value, (list, tuple)):
            return [number(one) or 1 for one in value]
        if number(value) is not None:
            return [number(value) or 1] * 3
    return [1, 1, 1]


def _kernel(config: Config) -> list[int]:
    if "nb_row" in config:
        return [number(config["nb_row"]) or 1, number(config.get("nb_col")) or 1]
    return _per_axis(
        config, "kernel_size", "pool_size", "pool_length", "filter_length", "pool_size"
    )


def _window(config: Config, shape: Shape, channels: int | None) -> Shape | None:
    """Convolution and pooling: how often a window fits, by padding and strides."""
    kernel = _kernel(config)
    pool = "pool_size" in config or "pool_length" in config
    strides = _per_axis(
        config, "strides", "subsample", "stride", "subsample_length",
        *(("pool_size", "pool_length") if pool else ()),
    )  # fmt: skip
    dilation = _per_axis(config, "dilation_rate", "atrous_rate")
    padding = config.get("padding", config.get("border_mode", "valid"))

    def change(size: int, axis: int) -> int | None:
        if axis >= len(kernel) or axis >= len(strides):
            return None
        stride = max(1, strides[axis])
        if padding in ("same", "causal"):
            return -(-size // stride)
        reach = (kernel[axis] - 1) * (dilation[axis] if axis < len(dilation) else 1) + 1
        return max(0, (size - reach) // stride + 1)

    return _join(config, shape, _spatial(config, shape, change), channels)


def _channels(config: Config, shape: Shape) -> int | None:
    return shape[1] if channels_first(config) else shape[-1]


def convolution(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Return a convolution with filters."""
    filters = number(config.get("filters", config.get("nb_filter")))
    return None if len(inputs[0]) < 3 else _window(config, inputs[0], filters)


def depthwise(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Return a convolution of each channel by itself."""
    if len(inputs[0]) < 3:
        return None
    channels, times = _channels(config, inputs[0]), number(config.get("depth_multiplier")) or 1
    return _window(config, inputs[0], None if channels is None else channels * times)


def pooling(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Pooling in windows."""
    if len(inputs[0]) < 3:
        return None
    return _window(config, inputs[0], _channels(config, inputs[0]))


def upsample(config: Config, inputs: Sequence[Shape]) -> Shape | None:
    """Every spatial axis, some times as long."""
    times = _per_axis(config, "size", "length")
    if len(inputs[0]) < 3:
        return None
    sizes = _spatial(
        config, inputs[0], lambda size, axis: size * times[axis] if axis < len(times) else None
    )
    return _join(config, inputs[0], sizes, _channels(config, inputs[0]))


def pads(sign: int) -> Callable[[Config, Sequence[Shape]], Shape | None]:
    """Return a rule for padding (``sign`` +1) and cropping (-1)."""

    def rule(config: Config, inputs: Sequence[Shape]) -> Shape | None:
        pads = config.get("padding", config.get("cropping"))
        if len(inputs[0]) < 3:
            return None
        rank = len(inputs[0]) - 2
        pairs = _pairs(pads, rank)
        if pairs is None:
            return None
        sizes = _spatial(config, inputs[0], lambda size, axis: max(0, size + sign * pairs[axis]))
        return _join(config, inputs[0], sizes, _channels(config, inputs[0]))

    return rule


def _pairs(pads: object, rank: int) -> list[int] | None:
    """Return what is added on both sides of each axis; None where the config is not plain."""
    if number(pads) is not None:
        return [2 * (number(pads) or 0)] * rank
    if not isinstance(pads, (list, tuple)):
        return None
    if rank == 1 and len(pads) == 2 and all(number(one) is not None for one in pads):
        return [sum(number(one) or 0 for one in pads)]
    if len(pads) != rank:
        return None
    found = []
    for one in pads:
        if number(one) is not None:
            found.append(2 * (number(one) or 0))
        elif isinstance(one, (list, tuple)) and all(number(n) is not None for n in one):
            found.append(sum(number(n) or 0 for n in one))
        else:
            return None
    return found
