"""Sizes and shapes as configs have them; None for what is no size."""

from __future__ import annotations

Shape = tuple["int | None", ...]
LARGEST = 1 << 40  # a size above this is damage, not a size


def number(value: object) -> int | None:
    """Return a size; None for anything else."""
    sane = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if sane else None  # type: ignore[return-value]


def shape_of(value: object) -> Shape | None:
    """Return a shape as configs have it: a list of sizes and nulls, at most 16 long."""
    if not isinstance(value, (list, tuple)) or len(value) > 16:
        return None
    if any(one is not None and number(one) is None for one in value):
        return None
    return tuple(number(one) for one in value)
