"""Weights read with h5py from either layout, and set layer by layer."""

import re

import h5py
import numpy as np

# Where a layer keeps its sublayers in the newer layout, in the order of their weights.
ORDER = (
    *("vars", "cell", "forward_layer", "backward_layer", "layer"),
    *("query_dense", "key_dense", "value_dense", "output_dense"),
)


def copy_weights(model, path):
    """Set every layer's arrays from the file. Raises ValueError where they do not fit."""
    with h5py.File(path, "r") as stream:
        if "model_weights" in stream:
            found = arrays_by_layer(stream["model_weights"])
        elif "layer_names" in stream.attrs:
            found = arrays_by_layer(stream)
        else:
            found = arrays_by_class(stream, model)
    layers = [layer for layer in model.layers if layer.get_weights()]
    if len(found) != len(layers):
        raise ValueError("weights of %d layers in the file, %d here" % (len(found), len(layers)))
    for layer, values in zip(layers, found):
        layer.set_weights(fitting(layer, values))


def fitting(layer, values):
    """The file's arrays in the layer's order; states that only one side has are its own."""
    floats = [value for value in values if value.dtype.kind == "f"]
    fresh = []
    for value in [np.asarray(one) for one in layer.get_weights()]:
        if value.dtype.kind != "f":
            fresh.append(value)
            continue
        if not floats:
            raise ValueError("layer %s: too few arrays in the file" % layer.name)
        taken = floats.pop(0)
        if taken.shape != value.shape:
            text = "layer %s: an array of shape %s in the file, %s in the model"
            raise ValueError(text % (layer.name, taken.shape, value.shape))
        fresh.append(taken.astype(value.dtype))
    if floats:
        raise ValueError("layer %s: %d arrays more in the file" % (layer.name, len(floats)))
    return fresh


def as_text(value):
    """HDF5 attributes are bytes or text, by the age of h5py."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def arrays_by_layer(group):
    """Of the layout before Keras 2.12: a group for each layer."""
    found = []
    for name in group.attrs["layer_names"]:
        layer = group[as_text(name)]
        names = [as_text(item) for item in layer.attrs["weight_names"]]
        if names:
            found.append([np.asarray(layer[item]) for item in names])
    return found


def arrays_by_class(stream, model):
    """Of the newer layout: groups are called by the layer's class, counted up."""
    root = stream["layers"] if "layers" in stream else stream.get("_layer_checkpoint_dependencies")
    if root is None:
        raise ValueError("the file has no group of layers")
    counts, found = {}, []
    for layer in model.layers:
        kind = snake_case(type(layer).__name__)
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        names = groups_of(root, kind)
        values = arrays_below(root[names[number]]) if number < len(names) else []
        if values:
            found.append(values)
    return found


def groups_of(root, kind):
    """The groups of one class, in order. Keras 2.13 counted them otherwise than later ones."""
    found = {}
    for name in root:
        match = re.match(kind + r"(?:_(\d+))?$", name)
        if match:
            found[int(match.group(1) or 0)] = name
    return [found[number] for number in sorted(found)]


def snake_case(name):
    """As Keras names groups: ``Conv2D`` is ``conv2d``, ``LayerNorm`` is ``layer_norm``."""
    text = re.sub(r"\W+", "", name)
    text = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub("([a-z])([A-Z])", r"\1_\2", text).lower()


def arrays_below(group):
    """The arrays of a group and of the groups in it, in the order of the layer's weights."""
    values = []
    for name in sorted(group, key=place_of):
        item = group[name]
        values.extend(arrays_below(item) if hasattr(item, "keys") else [np.asarray(item)])
    return values


def place_of(name):
    """What names are sorted by."""
    plain = name.lstrip("_")
    known = ORDER.index(plain) if plain in ORDER else len(ORDER)
    digits = re.sub(r"\D", "", name)
    return known, int(digits) if digits else -1, name
