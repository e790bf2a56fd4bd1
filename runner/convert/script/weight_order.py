"""Which of the file's arrays belong to which layer."""

import re

from .rebuild import snake_case
from .saved_files import LAYER_GROUPS, arrays_below
from .target_keras import shape_of
from .translation_rules import CannotTranslateError
from .weight_forms import source_count

LOOKUPS = ("TextVectorization", "StringLookup", "IntegerLookup")
NON_TRAINABLE = {"BatchNormalization": 2, "Normalization": 9}


def arrays_of_flat(saved, graph, placed, notes):
    """Arrays by the names from the top, out of lists by top-level layer."""
    found = {}
    top = {}
    for item in placed:
        top.setdefault(item.parts[0], []).append(item)
    named = list(saved.flat)
    if not any(one.name in saved.flat for one in graph.layers) and named:
        named = _by_order(saved, graph, top)
    for name, items in top.items():
        arrays = saved.flat.get(name, [])
        if len(items) == 1 and len(items[0].parts) == 1:
            found[items[0].parts] = arrays
            saved.variable_names[items[0].parts] = saved.names.get(name, [])
            continue
        found.update(_shared_out(saved, name, arrays, items, notes))
    return found


def _by_order(saved, graph, top):
    """The lists belong to the layers in order where no name fits."""
    lists = [arrays for arrays in saved.flat.values() if arrays]
    owners = [
        layer.name
        for layer in graph.layers
        if any(one.variables() for one in top.get(layer.name, []))
    ]
    if len(lists) != len(owners):
        raise CannotTranslateError(
            "%d layers with weights in the file, %d in the architecture" % (len(lists), len(owners))
        )
    saved.flat = dict(zip(owners, lists))
    return owners


def _shared_out(saved, name, arrays, items, notes):
    """One list for a whole inner model: first what is trained, then the rest, or layer by layer."""
    notes.rule("nested-weights", name, "%d arrays" % len(arrays))
    counts = []
    for item in items:
        total = source_count(item.layer, saved, len(item.variables()))
        if item.change is not None or item.layer.kind.startswith("LocallyConnected"):
            total = 1 + bool(item.layer.config.get("use_bias", True))
        fixed = min(total, NON_TRAINABLE.get(item.layer.kind, 0))
        if item.layer.config.get("trainable") is False:
            fixed = total
        counts.append((total - fixed, fixed))
    if sum(map(sum, counts)) != len(arrays):
        raise CannotTranslateError(
            "%s has %d weights in the file and %d here" % (name, len(arrays), sum(map(sum, counts)))
        )
    usual = [
        (min(total + fixed, NON_TRAINABLE.get(item.layer.kind, 0)))
        for item, (total, fixed) in zip(items, counts)
    ]
    plain = [(sum(one) - fixed, fixed) for one, fixed in zip(counts, usual)]
    best = None
    for split in (counts, plain, [(sum(one), 0) for one in counts]):
        places = _places(split)
        wrong = _misfits(places, items, arrays, saved.names.get(name, []))
        if best is None or wrong < best[0]:
            best = (wrong, places)
    named = saved.names.get(name, [])
    for item, places in zip(items, best[1]):
        saved.variable_names[item.parts] = [named[one] for one in places if one < len(named)]
    return {item.parts: [arrays[one] for one in places] for item, places in zip(items, best[1])}


def _places(counts):
    """The numbers of each layer's arrays in a list that begins with all that is trained."""
    first, done = 0, []
    second = sum(one for one, _ in counts)
    for trained, fixed in counts:
        done.append(list(range(first, first + trained)) + list(range(second, second + fixed)))
        first += trained
        second += fixed
    return done


def _misfits(places, items, arrays, names):
    """How many arrays have another name or shape than the layer that would get them."""
    wrong = 0
    for numbers, item in zip(places, items):
        shapes = [shape_of(one) for one in item.variables()]
        for place, number in enumerate(numbers):
            if number < len(names) and item.parts[-1] not in names[number].split("/"):
                wrong += 1
            if len(shapes) == len(numbers) and shapes[place] != tuple(arrays[number].shape):
                wrong += 100
    return wrong


def arrays_of_tree(saved, graph, tree=None, parts=()):
    """Arrays by the names from the top, out of the V3 layout, which counts layers by class."""
    tree = saved.tree if tree is None else tree
    group = next((tree[one] for one in LAYER_GROUPS if one in tree), {})
    found, classes = {}, {}
    for layer in graph.layers:
        if layer.module.startswith("keras.src.ops"):
            continue
        kind = "Functional" if layer.graph is not None and layer.kind == "Model" else layer.kind
        classes.setdefault(snake_case(kind), []).append(layer)
    for base, layers in classes.items():
        for layer, node in zip(layers, _groups_of(group, base, layers)):
            own = parts + (layer.name,)
            if layer.graph is not None:
                found.update(arrays_of_tree(saved, layer.graph, node or {}, own))
            else:
                found[own] = (_stacked(layer, node) or arrays_below(node)) if node else []
    return found


def _stacked(layer, node):
    """The cells of a stack lie by their classes; their order is that of the configuration."""
    cell = layer.config.get("cell") or {}
    if cell.get("class_name") != "StackedRNNCells":
        return None
    group, counts, found = (node.get("cell") or {}).get("cells") or {}, {}, []
    for one in cell["config"]["cells"]:
        base = snake_case(one["class_name"])
        number = counts[base] = counts.get(base, -1) + 1
        found += arrays_below(group.get("%s_%d" % (base, number) if number else base) or {})
    return found


def add_vocabularies(saved, graph, folder=""):
    """Vocabularies that an archive keeps as text files become arguments of their layers."""
    classes = {}
    for layer in graph.layers:
        kind = "Functional" if layer.graph is not None and layer.kind == "Model" else layer.kind
        classes.setdefault(snake_case(kind), []).append(layer)
    for base, layers in classes.items():
        for number, layer in enumerate(layers):
            own = "%s_%d" % (base, number) if number else base
            for root in LAYER_GROUPS:
                inside = "%s%s/%s/" % (folder, root, own)
                if layer.graph is not None:
                    add_vocabularies(saved, layer.graph, inside)
                elif layer.kind in LOOKUPS:
                    _add_vocabulary(saved, layer, inside)


def _add_vocabulary(saved, layer, folder):
    for name in ("_lookup_layer/vocabulary.txt", "vocabulary.txt"):
        data = saved.assets.get(folder + name)
        if data is not None and not layer.config.get("vocabulary"):
            words = data.decode("utf-8").split("\n")
            whole = layer.kind == "IntegerLookup"
            layer.config["vocabulary"] = [int(one) for one in words if one] if whole else words


def _groups_of(group, base, layers):
    """The groups of the layers of one class. Keras 2.13 counts each twice, and leaves gaps."""
    names = ["%s_%d" % (base, number) if number else base for number in range(len(layers))]
    there = [name for name in group if re.match(re.escape(base) + r"(_\d+)?$", name)]
    there.sort(key=lambda name: int(name[len(base) + 1 :] or 0))
    if len(there) == len(layers):
        names = there
    elif not any(name in group for name in names):
        names = [layer.name for layer in layers]
    return [group.get(name) for name in names]
