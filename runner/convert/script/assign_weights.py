"""The file's arrays go into the rebuilt model, each checked by its shape."""

import numpy as np

from .target_keras import shape_of
from .translation_rules import CannotTranslateError
from .weight_forms import converted
from .weight_order import LOOKUPS, arrays_of_flat, arrays_of_tree


def assign(saved, graph, placed, target, notes):
    """Set every weight. Raises CannotTranslateError where the file's do not fit."""
    if saved.by_layer is not None:
        notes.rule("tensorflow-js", "file", "arrays by the names of layers")
        found = {item.parts: saved.by_layer.get(item.parts[-1], []) for item in placed}
    elif saved.tree is not None:
        found = arrays_of_tree(saved, graph)
    else:
        found = arrays_of_flat(saved, graph, placed, notes)
    for item in placed:
        variables = item.variables()
        arrays = found.get(item.parts, [])
        if not variables and not arrays:
            continue
        if item.layer.kind in LOOKUPS and not arrays:
            continue  # the table that Keras 2 counts as a weight comes from the vocabulary
        arrays = converted(item.layer, arrays, saved, target, notes)
        if item.change is not None:
            arrays = item.change(arrays)
        if item.layer.kind == "Normalization" and len(arrays) == 2 < len(variables):
            notes.rule("normalization-count", item.layer.name, "a count of 0")
            arrays = list(arrays) + [np.zeros((), "int64")]
        _set(item, variables, arrays)


def _set(item, variables, arrays):
    name = "/".join(item.parts)
    if len(arrays) != len(variables):
        raise CannotTranslateError(
            "%s has %d weights in the file and %d here" % (name, len(arrays), len(variables))
        )
    for variable, array in zip(variables, arrays):
        wanted = shape_of(variable)
        if wanted != tuple(array.shape):
            raise CannotTranslateError(
                "%s has a weight of shape %s in the file and %s here"
                % (name, tuple(array.shape), wanted)
            )
    begin = 0
    for part in item.objects:
        count = len(part.weights)
        part.set_weights(arrays[begin : begin + count])
        begin += count
