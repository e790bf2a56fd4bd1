"""Inputs and outputs as models take and give them: an array, a list, a dict, or these nested.

The order of the leaves is TensorFlow's and Keras 3's own: a dict by its sorted keys.
"""

from typing import Any, Iterator, List


def leaves(structure: Any) -> List[Any]:
    """The arrays or tensors of a structure in order."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in leaves(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for item in structure for leaf in leaves(item)]
    return [structure]


def packed(structure: Any, items: List[Any]) -> Any:
    """``items`` in the shape of ``structure``. Raises ValueError where their number differs."""
    count = len(leaves(structure))
    if count != len(items):
        raise ValueError(f"{len(items)} arrays for a structure of {count}")
    return _packed(structure, iter(items))


def _packed(structure: Any, items: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        made = {key: _packed(structure[key], items) for key in sorted(structure)}
        return {key: made[key] for key in structure}
    if isinstance(structure, (list, tuple)):
        return [_packed(item, items) for item in structure]
    return next(items)
