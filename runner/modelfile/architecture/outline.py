"""The inputs and outputs of a model, from its config: names, shapes, what they feed. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.model.inspection import TensorFacts
from runner.modelfile import printable as text
from runner.modelfile.architecture.output_shapes import output_shape
from runner.modelfile.architecture.sizes import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.modelfile.architecture.sizes import Shape

Layer = dict[str, Any]
SHAPE_KEYS = ("batch_input_shape", "batch_shape")
MOST_LAYERS = 20_000
MOST_TENSORS = 200
NESTING = 12  # models inside models


def outline(model: Layer) -> tuple[tuple[TensorFacts, ...], tuple[TensorFacts, ...]]:
    """Return inputs and outputs of a serialized model; empty where it is built by code."""
    layers = layers_of(model)
    if model.get("class_name") == "Sequential":
        return _sequential(model, layers)
    config = _config(model)
    names = list(_names(config.get("input_layers")))[:MOST_TENSORS]
    results = list(_names(config.get("output_layers")))[:MOST_TENSORS]
    by_name = {_name(layer): layer for layer in layers}
    shapes = _graph_shapes(layers)
    if not names:  # Keras 0.x, or a model of a later Keras that was built by code
        names = [_name(layer) for layer in layers if layer.get("class_name") == "InputLayer"]
    inputs = tuple(_input(by_name.get(name, {}), name) for name in names)
    inputs = tuple(replace(one, below=_below(one.name, layers)) for one in inputs)
    outputs = tuple(TensorFacts(name=text.clean(name), shape=shapes.get(name)) for name in results)
    if not inputs and (built := _built_shape(model)) is not None:
        inputs = (TensorFacts(name="input", shape=built),)
    return inputs, outputs


def layers_of(model: Layer) -> list[Layer]:
    """Return the serialized layers of a model, those that are no dicts left out."""
    config = model.get("config")
    found = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(found, (list, tuple)):
        return []
    return [one for one in found if isinstance(one, dict)][:MOST_LAYERS]


def _config(layer: Layer) -> dict[str, Any]:
    config = layer.get("config")
    return config if isinstance(config, dict) else {}


def _name(layer: Layer) -> str:
    return str(layer.get("name") or _config(layer).get("name") or "")


def _names(places: Any) -> Iterator[str]:  # noqa: ANN401
    """Layer names in ``input_layers``: one place or a list or dict of places."""
    if isinstance(places, dict):
        places = list(places.values())
    if not isinstance(places, (list, tuple)) or not places:
        return
    if isinstance(places[0], str):
        yield places[0]
        return
    for place in places:
        if isinstance(place, (list, tuple)) and place and isinstance(place[0], str):
            yield place[0]


def _input(layer: Layer, name: str) -> TensorFacts:
    config = _config(layer)
    dtype = config.get("dtype", config.get("input_dtype"))
    return TensorFacts(
        name=text.clean(name), shape=_declared(config), dtype=_dtype(dtype), below=None
    )


def _dtype(value: object) -> str | None:
    if isinstance(value, dict):
        value = _config(value).get("name")
    return text.optional(value, 40)


def _declared(config: dict[str, Any]) -> Shape | None:
    for key in SHAPE_KEYS:
        if key in config:
            return shape_of(config[key])
    size = shape_of([config.get("input_dim")])  # Keras 1's short way
    return None if size is None or size[0] is None or "output_dim" not in config else (None, *size)


def _built_shape(model: Layer) -> Shape | None:
    built = model.get("build_config")
    candidates = (
        built.get("input_shape") if isinstance(built, dict) else None,
        _config(model).get("build_input_shape"),
        model.get("batch_input_shape"),
    )
    return next((shape for shape in map(shape_of, candidates) if shape), None)


def _sequential(
    model: Layer, layers: list[Layer]
) -> tuple[tuple[TensorFacts, ...], tuple[TensorFacts, ...]]:
    if not layers:
        return (), ()
    first = layers[0]
    shape = _first_shape(first) or _built_shape(model)
    source = TensorFacts(
        name=text.clean(_name(first)),
        shape=shape,
        dtype=_input(first, "").dtype if first.get("class_name") == "InputLayer" else None,
        below=_embedding_size(_first_real(layers)),
    )
    return (source,), (
        TensorFacts(name=text.clean(_name(layers[-1])), shape=_chain(layers, shape, 0)),
    )


def _first_shape(layer: Layer) -> Shape | None:
    """Return the shape that a first layer declares itself, or the layer that it wraps."""
    shape, depth = _declared(_config(layer)), 0
    while shape is None and depth < NESTING:
        depth += 1
        inner = _config(layer).get("layer")
        inside = layers_of(layer)
        if isinstance(inner, dict) and layer.get("class_name") == "Bidirectional":
            layer = inner
        elif inside:
            layer = inside[0]
        else:
            return None
        shape = _declared(_config(layer))
    return shape


def _first_real(layers: list[Layer]) -> Layer:
    return next((one for one in layers if one.get("class_name") != "InputLayer"), {})


def _embedding_size(layer: Layer) -> int | None:
    if layer.get("class_name") != "Embedding":
        return None
    size = shape_of([_config(layer).get("input_dim")])
    return size[0] if size else None


def _below(name: str, layers: list[Layer]) -> int | None:
    """Return the smallest of the Embeddings that an input feeds directly."""
    sizes = [
        size
        for layer in layers
        if (size := _embedding_size(layer)) is not None
        and any(name in _sources(node) for node in _nodes(layer))
    ]
    return min(sizes, default=None)


def _nodes(layer: Layer) -> list[Any]:
    nodes = layer.get("inbound_nodes")
    return list(nodes[:MOST_TENSORS]) if isinstance(nodes, list) else []


def _sources(node: Any) -> list[str]:  # noqa: ANN401
    """Return the layers that feed one call: ``[["name", 0, 0, {}], …]``, or Keras 3's tensors."""
    found: list[str] = []
    waiting, visited = [node], 0
    while waiting and visited < 2000:
        visited += 1
        item = waiting.pop(0)
        if isinstance(item, dict):
            history = _config(item).get("keras_history")
            if isinstance(history, (list, tuple)) and history and isinstance(history[0], str):
                found.append(history[0])
            elif "args" in item:
                waiting.append(item["args"])
            elif item.get("class_name") == "__tuple__":
                waiting.append(item.get("items"))
        elif isinstance(item, (list, tuple)) and item:
            if isinstance(item[0], str):
                found.append(item[0])
            else:
                waiting.extend(item)
    return found


def _graph_shapes(layers: list[Layer], depth: int = 0) -> dict[str, Shape]:
    """Return each layer's output shape at its first call, where its inputs are known."""
    shapes: dict[str, Shape] = {}
    for layer in layers:
        name, shape = _name(layer), None
        if layer.get("class_name") == "InputLayer":
            shape = _declared(_config(layer))
        elif nodes := _nodes(layer):
            sources = [shapes.get(source) for source in _sources(nodes[0])]
            known = [one for one in sources if one is not None]
            if len(known) == len(sources):
                shape = _shape(layer, known, depth)
        if shape is not None:
            shapes[name] = shape
    return shapes


def _chain(layers: list[Layer], shape: Shape | None, depth: int) -> Shape | None:
    for layer in layers:
        if shape is None:
            return None
        shape = _shape(layer, [shape], depth)
    return shape


def _shape(layer: Layer, inputs: list[Shape], depth: int) -> Shape | None:
    """One layer's output; models and wrappers are looked into."""
    name, config = str(layer.get("class_name")), _config(layer)
    if depth > NESTING or not inputs:
        return None
    if name == "Sequential":
        return _chain(layers_of(layer), inputs[0], depth + 1)
    if name in ("Functional", "Model"):
        results = list(_names(config.get("output_layers")))
        inside = _graph_shapes(layers_of(layer), depth + 1)
        return inside.get(results[0]) if len(results) == 1 else None
    if isinstance(config.get("layer"), dict):
        return _wrapped(name, config, inputs, depth)
    return output_shape(name, config, inputs)


def _wrapped(name: str, config: dict[str, Any], inputs: list[Shape], depth: int) -> Shape | None:
    inner = config["layer"]
    if name == "TimeDistributed":
        each = [(*one[:1], *one[2:]) for one in inputs if len(one) > 2]
        out = _shape(inner, each, depth + 1) if len(each) == len(inputs) else None
        return None if out is None else (*out[:1], inputs[0][1], *out[1:])
    if name == "Bidirectional":
        out = _shape(inner, inputs, depth + 1)
        if out is None or out[-1] is None:
            return out
        return (*out[:-1], out[-1] * 2) if config.get("merge_mode") == "concat" else out
    return None
