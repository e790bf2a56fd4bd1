"""The graph of a model, of any age, in one form: layers, calls, references to tensors."""

from collections import namedtuple

from .keras1_names import layer_of_keras1, sequential_of_keras0
from .translation_rules import CannotTranslateError

Ref = namedtuple("Ref", ["layer", "call", "tensor"])
MODELS = ("Model", "Functional", "Sequential", "Container")


class Layer:
    """A layer, or a model inside a model (``graph``). ``calls``: positional and named arguments."""

    def __init__(self, name, kind, config, calls=(), graph=None, module=""):
        self.name = name
        self.kind = kind
        self.config = config
        self.calls = list(calls)
        self.graph = graph
        self.module = module
        self.build = None


class Graph:
    """A model: ``sequential`` or with named inputs and outputs."""

    def __init__(self, name, layers, sequential, inputs=None, outputs=None):
        self.name = name
        self.layers = layers
        self.sequential = sequential
        self.inputs = inputs
        self.outputs = outputs
        self.input_shape = None


def graph_of(config, saved, notes):
    """The graph of a file's configuration. Raises CannotTranslateError."""
    if "class_name" not in config:
        config = sequential_of_keras0(config, notes)
    return _model(config, saved, notes)


def _model(node, saved, notes):
    kind, inner = node.get("class_name"), node.get("config")
    if isinstance(inner, list):
        if saved.major == 2:
            notes.rule("sequential-list", "model", "layers without a name")
        inner = {"layers": inner}
    if not isinstance(inner, dict) or "layers" not in inner:
        raise CannotTranslateError("%s keeps no architecture; its class is needed" % kind)
    name = inner.get("name") or kind.lower()
    if kind == "Sequential":
        layers = [_layer(one, saved, notes) for one in inner["layers"]]
        _unique_names(layers)
        graph = Graph(name, layers, True)
        graph.input_shape = inner.get("build_input_shape") or (node.get("build_config") or {}).get(
            "input_shape"
        )
        return graph
    if "input_layers" not in inner:
        raise CannotTranslateError("%s keeps no graph of layers; its class is needed" % kind)
    layers = []
    for one in inner["layers"]:
        layer = _layer(one, saved, notes)
        layer.name = one.get("name") or layer.name
        layer.calls = [_call(call) for call in one.get("inbound_nodes") or []]
        layers.append(layer)
    graph = Graph(name, layers, False)
    graph.inputs = _links(inner["input_layers"])
    graph.outputs = _links(inner["output_layers"])
    _count_calls(graph, notes)
    return graph


def _layer(node, saved, notes):
    kind = node["class_name"]
    inner = node.get("config")
    if kind in MODELS or (isinstance(inner, dict) and "input_layers" in inner):
        graph = _model(node, saved, notes)
        return Layer(graph.name, kind, {"name": graph.name}, graph=graph)
    if saved.major < 2:
        node = layer_of_keras1(node, notes)
    config = dict(node["config"])
    name = config.get("name") or node.get("name") or node["class_name"].lower()
    found = Layer(name, node["class_name"], config, module=str(node.get("module") or ""))
    found.build = node.get("build_config")
    return found


def _unique_names(layers):
    seen = {}
    for layer in layers:
        seen[layer.name] = seen.get(layer.name, 0) + 1


def _links(links):
    """References in the structure in which Keras keeps them."""
    if isinstance(links, dict):
        return {key: _links(value) for key, value in links.items()}
    if _is_link(links):
        return Ref(links[0], links[1], links[2])
    return [_links(one) for one in links]


def _is_link(value):
    return (
        isinstance(value, (list, tuple))
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and isinstance(value[2], int)
        and not isinstance(value[1], bool)
    )


def _call(node):
    if isinstance(node, dict):
        args = [_argument(one) for one in node.get("args", [])]
        return args, {key: _argument(one) for key, one in node.get("kwargs", {}).items()}
    if node and isinstance(node[0], str):  # an operation's call; a constant may come first
        node = [node]
    if isinstance(node, dict) or not node:
        return [], {}
    tensors, kwargs = [], {}
    for one in node:
        if one[0] == "_CONSTANT_VALUE":
            tensors.append(one[2])
        else:
            tensors.append(Ref(one[0], one[1], one[2]))
        if len(one) > 3 and one[3]:
            kwargs.update({key: _argument(value) for key, value in one[3].items()})
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _argument(value):
    """An argument of a call; Keras 3 wraps tensors, Keras 2 writes links."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return Ref(*value["config"]["keras_history"])
        if value.get("class_name") == "__tuple__":
            return tuple(_argument(one) for one in value.get("items", value.get("config", [])))
        if value.get("class_name") == "__ellipsis__":
            return Ellipsis
        if value.get("class_name") == "__tensor__":
            return value["config"]["value"]
        if value.get("class_name") == "__slice__":
            inner = value["config"]
            return slice(inner["start"], inner["stop"], inner["step"])
        return {key: _argument(one) for key, one in value.items()}
    if _is_link(value):
        return Ref(value[0], value[1], value[2])
    if isinstance(value, list):
        if len(value) == 3 and value[0] == "_CONSTANT_VALUE":
            return value[2]
        return [_argument(one) for one in value]
    return value


def references(value):
    """All references in an argument."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, dict):
        return [ref for one in value.values() for ref in references(one)]
    if isinstance(value, (list, tuple)):
        return [ref for one in value for ref in references(one)]
    return []


def _count_calls(graph, notes):
    """Number the calls of inner models from 0: most versions of Keras begin with 1."""
    used = [graph.outputs] + [call for layer in graph.layers for call in layer.calls]
    highest, lowest = {}, {}
    for ref in references(used):
        highest[ref.layer] = max(ref.call, highest.get(ref.layer, 0))
        lowest[ref.layer] = min(ref.call, lowest.get(ref.layer, ref.call))
    shift = set()
    for layer in graph.layers:
        count, top = len(layer.calls), highest.get(layer.name, 0)
        if layer.kind == "InputLayer":
            continue
        first = layer.graph is not None and lowest.get(layer.name, 0) >= 1
        if top >= count > 0 or first:
            shift.add(layer.name)
            notes.rule("node-index", layer.name, "calls are counted from 0")

    def moved(value):
        if isinstance(value, Ref):
            step = 1 if value.layer in shift else 0
            return Ref(value.layer, value.call - step, value.tensor)
        if isinstance(value, dict):
            return {key: moved(one) for key, one in value.items()}
        if isinstance(value, tuple):
            return tuple(moved(one) for one in value)
        return [moved(one) for one in value] if isinstance(value, list) else value

    graph.outputs = moved(graph.outputs)
    for layer in graph.layers:
        layer.calls = [(moved(args), moved(kwargs)) for args, kwargs in layer.calls]
