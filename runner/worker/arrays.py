"""Weights read with h5py from either layout, and set on a model built from code."""

import re
from typing import Any, Dict, List, Tuple

import numpy as np

from .aliases import Arrays

LEGACY = "legacy"  # a group for each layer, named in the attribute ``layer_names``
V3 = "v3"  # Keras 2.12 and later: the tree of the model's attributes
ORDER = (
    *("vars", "cell", "forward_layer", "backward_layer", "layer"),
    *("query_dense", "key_dense", "value_dense", "output_dense"),
)


def _open(path: str) -> Any:
    import h5py

    return h5py.File(path, "r")


def layout(path: str) -> str:
    """``legacy`` or ``v3``, by what the file holds."""
    with _open(path) as stream:
        if "layer_names" in stream.attrs or "model_weights" in stream:
            return LEGACY
        return V3


def is_empty(path: str) -> bool:
    """Whether the file has no array of a layer; what an optimizer left does not count."""
    found: List[str] = []
    with _open(path) as stream:
        stream.visititems(lambda name, item: found.append(name) if hasattr(item, "shape") else None)
    return all("optimizer" in name.split("/")[0] for name in found)


def copy_into(model: Any, path: str) -> None:
    """Set every layer's arrays from the file. Raises ValueError where they do not fit."""
    with _open(path) as stream:
        if "model_weights" in stream:
            found = _legacy(stream["model_weights"])
        elif "layer_names" in stream.attrs:
            found = _legacy(stream)
        else:
            found = _v3(stream, model)
    layers = [layer for layer in model.layers if layer.get_weights()]
    if len(found) != len(layers):
        raise ValueError(f"the file has weights of {len(found)} layers, the model {len(layers)}")
    for layer, values in zip(layers, found):
        layer.set_weights(_fit(layer, values))


def _fit(layer: Any, values: Any) -> Arrays:
    """The file's arrays in the layer's order; states that only one side has are its own."""
    current = [np.asarray(value) for value in layer.get_weights()]
    floats = [value for value in values if value.dtype.kind == "f"]
    fresh = []
    for value in current:
        if value.dtype.kind != "f":
            fresh.append(value)
            continue
        if not floats:
            raise ValueError(f"layer {layer.name}: too few arrays in the file")
        taken = floats.pop(0)
        if taken.shape != value.shape:
            text = "layer %s: an array of shape %s in the file, %s in the model"
            raise ValueError(text % (layer.name, taken.shape, value.shape))
        fresh.append(taken.astype(value.dtype))
    if floats:
        raise ValueError(f"layer {layer.name}: {len(floats)} arrays more in the file")
    return fresh


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _legacy(group: Any) -> List[Arrays]:
    found = []
    for name in group.attrs["layer_names"]:
        layer = group[_text(name)]
        names = [_text(item) for item in layer.attrs["weight_names"]]
        if names:
            found.append([np.asarray(layer[item]) for item in names])
    return found


def _v3(stream: Any, model: Any) -> List[Arrays]:
    """In the order of the model's layers: groups are called by class, counted up."""
    root = stream["layers"] if "layers" in stream else stream.get("_layer_checkpoint_dependencies")
    if root is None:
        raise ValueError("the file has no group of layers")
    counts: Dict[str, int] = {}
    found: List[Arrays] = []
    for layer in model.layers:
        kind = snake_case(type(layer).__name__)
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        names = _of_kind(root, kind)
        values = _collect(root[names[number]]) if number < len(names) else []
        if values:
            found.append(values)
    return found


def _of_kind(root: Any, kind: str) -> List[str]:
    """The groups of one class, in order. Keras 2.13 counted them otherwise than later ones."""
    found = {}
    for name in root:
        match = re.match(kind + r"(?:_(\d+))?$", name)
        if match:
            found[int(match.group(1) or 0)] = name
    return [found[number] for number in sorted(found)]


def snake_case(name: str) -> str:
    """As Keras names containers: ``Conv2D`` is ``conv2d``, ``LayerNorm`` is ``layer_norm``."""
    text = re.sub(r"\W+", "", name)
    text = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub("([a-z])([A-Z])", r"\1_\2", text).lower()


def _collect(group: Any) -> Arrays:
    values = []
    for name in sorted(group, key=_rank):
        item = group[name]
        values.extend(_collect(item) if hasattr(item, "keys") else [np.asarray(item)])
    return values


def _rank(name: str) -> Tuple[int, int, str]:
    plain = name.lstrip("_")
    known = ORDER.index(plain) if plain in ORDER else len(ORDER)
    digits = re.sub(r"\D", "", name)
    return known, int(digits) if digits else -1, name
