"""A model of the target's Keras, layer by layer, call by call, with the file's weights."""

import re

from .layer_rules import translated
from .model_graph import Ref
from .operation_calls import call_operation, is_operation
from .replaced_layers import chain_of
from .target_keras import TargetKeras  # noqa: F401 - one text with it
from .translation_rules import CannotTranslateError
from .weight_forms import inner_of, scale_of

STATEFUL = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D", "RNN", "CuDNNLSTM", "CuDNNGRU")
TEXTS = ("TextVectorization", "StringLookup")
WRAPPERS = ("TimeDistributed", "Bidirectional")


class Placed:
    """One source layer and the target's layers that do its work."""

    def __init__(self, layer, parts, objects, change=None):
        self.layer = layer
        self.parts = parts  # names from the top, the layer's own last
        self.objects = objects
        self.change = change  # arrays to arrays, where the layers differ

    def variables(self):
        """The variables of the target, in order."""
        return [one for part in self.objects for one in part.weights]


class Rebuild:
    """Builds models of graphs; ``placed`` lists where the weights go."""

    def __init__(self, target, saved, notes):
        self.target = target
        self.saved = saved
        self.notes = notes
        self.placed = []
        self.names = {}

    def model(self, graph, parts=()):
        """The target's model of a graph."""
        if graph.sequential:
            return self._sequential(graph, parts)
        return self._functional(graph, parts)

    def _name(self, name):
        """Keras 3 takes no slash in a name."""
        clean = name.replace("/", "_").replace("\\", "_") if self.target.is3 else name
        if clean != name:
            self.notes.rule("renamed-layer", name, clean)
        return clean

    def _layers(self, layer, parts):
        """The target's layers for one of the file, in order."""
        if layer.graph is not None:
            return [self.model(layer.graph, parts + (layer.name,))]
        chain = chain_of(
            layer, self.target, self.saved, self.notes, scale_of(self.saved, self.target), self._one
        )
        if chain is not None:
            objects, change = chain
        else:
            objects, change = [self._one(layer)], None
        self.placed.append(Placed(layer, parts + (layer.name,), objects, change))
        return objects

    def _one(self, layer):
        own, layer.name = layer.name, self._name(layer.name)
        try:
            kind, config = translated(layer, self.target, self.saved, self.notes)
            if layer.kind in WRAPPERS:
                return self._wrapper(layer, kind, config)
            if "cell" in config:
                config["cell"] = self._part(layer.config["cell"])
            if layer.kind == "StackedRNNCells":
                config["cells"] = [self._part(one) for one in layer.config["cells"]]
            return kind(**config)
        except (TypeError, ValueError) as error:
            raise CannotTranslateError("%s (%s): %s" % (layer.name, layer.kind, error))
        finally:
            layer.name = own

    def _wrapper(self, layer, kind, config):
        for key in ("layer", "backward_layer"):
            if isinstance(layer.config.get(key), dict):
                config[key] = self._part(self._direction(layer, layer.config[key]))
        if config.get("backward_layer", 1) is None:
            del config["backward_layer"]
        return kind(config.pop("layer"), **config)

    def _direction(self, layer, node):
        """Bidirectional sets this on its layers itself, in every Keras that has it."""
        if layer.kind != "Bidirectional" or "zero_output_for_mask" not in node["config"]:
            return node
        config = {key: one for key, one in node["config"].items() if key != "zero_output_for_mask"}
        return dict(node, config=config)

    def _part(self, node):
        """A layer inside a layer: no weights of its own in the list, they come with the outer."""
        from .model_graph import _layer

        layer = _layer(node, self.saved, self.notes)
        if layer.graph is not None:
            inner = Rebuild(self.target, self.saved, self.notes)
            return inner.model(layer.graph)
        return self._one(layer)

    # Sequential

    def _sequential(self, graph, parts):
        model = self.target.keras.Sequential(name=self._name(graph.name))
        layers = list(graph.layers)
        shape, dtype, name = self._first_shape(graph)
        if layers and layers[0].kind == "InputLayer":
            layers.pop(0)
        if shape is not None:
            self._add_input(model, shape, dtype, name)
        for layer in layers:
            for one in self._layers(layer, parts):
                model.add(one)
        if shape is not None and not self.target.is3 and not self.target.inside_tensorflow:
            model.layers[0].batch_input_shape = tuple(shape)  # all that this Keras saves of it
        return model

    def _add_input(self, model, shape, dtype, name):
        keras = self.target.keras
        shape = tuple(shape)
        if self.target.is3:
            model.add(keras.Input(batch_shape=shape, dtype=dtype, name=self._name(name)))
        else:
            model.add(keras.layers.InputLayer(batch_input_shape=shape, dtype=dtype, name=name))

    def _first_shape(self, graph):
        first = graph.layers[0] if graph.layers else None
        config = first.config if first is not None else {}
        shape = None
        name = "%s_input" % (first.name if first is not None else graph.name)
        if first is not None and first.kind == "InputLayer":
            shape, name = config.get("batch_shape") or config.get("batch_input_shape"), first.name
        elif first is not None and first.graph is None:
            shape = config.get("batch_input_shape")
            if shape is None and "input_shape" in config:
                shape = [None] + list(config["input_shape"])
            if shape is None and isinstance(config.get("layer"), dict):
                shape = config["layer"].get("config", {}).get("batch_input_shape")
        if shape is None and first is not None and first.kind == "TextVectorization":
            shape = [None, 1]
        if shape is None and (first is None or first.graph is None):
            shape = graph.input_shape or self._inferred(graph)
            if shape is not None:
                self.notes.rule("input-shape-inferred", graph.name, str(list(shape)))
        if shape is not None and first.kind != "InputLayer":
            self.notes.rule("input-shape", graph.name, "an InputLayer")
        dtype = config.get("dtype") if first is not None else None
        if isinstance(dtype, dict) or first is None or dtype is None or dtype == "mixed_float16":
            dtype = "float32"
        if first is not None and first.kind == "Embedding":
            dtype = "float32"
        if first is not None and first.kind in TEXTS:
            dtype = "string"
        return shape, dtype, name

    def _inferred(self, graph):
        """A shape that follows from the first array of the file."""
        flat = self.saved.flat or {}
        arrays = [(layer, flat.get(layer.name)) for layer in graph.layers if flat.get(layer.name)]
        if not arrays:
            if self.saved.flat is not None and graph.layers:
                raise CannotTranslateError(
                    "the file holds neither weights nor the shape of its input: the model was "
                    "saved before it was built"
                )
            return None
        layer, found = arrays[0]
        if layer.kind == "Dense":
            return (None, int(found[0].shape[0]))
        if layer.kind == "Embedding":
            return (None, None)
        if layer.kind in ("LSTM", "GRU", "SimpleRNN", "Conv1D"):
            return (None, None, int(found[0].shape[-2]))
        return (None, None, None, int(found[0].shape[-2])) if layer.kind == "Conv2D" else None

    # Functional

    def _functional(self, graph, parts):
        made, waiting, inputs = {}, [], {}
        for layer in graph.layers:
            if layer.kind == "InputLayer":
                inputs[layer.name] = self._input(layer)
                made[(layer.name, 0)] = inputs[layer.name]
            else:
                waiting.append(layer)
        built, calls = {}, {}
        while waiting:
            rest, progress = [], False
            for layer in waiting:
                number = calls.get(layer.name, 0)
                while number < len(layer.calls) and self._ready(layer.calls[number], made):
                    made[(layer.name, number)] = self._apply(layer, number, made, built, parts)
                    number += 1
                    progress = True
                calls[layer.name] = number
                if number < len(layer.calls):
                    rest.append(layer)
            if not progress:
                raise CannotTranslateError(
                    "the graph has no order: %s" % ", ".join(one.name for one in rest[:3])
                )
            waiting = rest
        ins = _resolved(graph.inputs, made)
        outs = _resolved(graph.outputs, made)
        order = {layer.name: number for number, layer in enumerate(graph.layers)}
        self.placed.sort(
            key=lambda one: (
                order.get(one.parts[len(parts)], -1) if one.parts[: len(parts)] == parts else -1
            )
        )
        return self.target.keras.Model(
            inputs=_single(ins), outputs=_single(outs), name=self._name(graph.name)
        )

    def _input(self, layer):
        config = layer.config
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        if shape is None:
            raise CannotTranslateError("the input %s has no shape" % layer.name)
        dtype = config.get("dtype") or "float32"
        if isinstance(dtype, dict):
            dtype = "float32"
        options = {"sparse": True} if config.get("sparse") else {}
        return self.target.keras.layers.Input(
            batch_shape=tuple(shape), dtype=dtype, name=self._name(layer.name), **options
        )

    @staticmethod
    def _ready(call, made):
        from .model_graph import references

        return all((ref.layer, ref.call) in made for ref in references(call))

    def _apply(self, layer, number, made, built, parts):
        args, kwargs = layer.calls[number]
        args = [_resolved(one, made) for one in args]
        kwargs = {key: _resolved(one, made) for key, one in kwargs.items()}
        if is_operation(layer):
            return call_operation(layer, args, kwargs, self.target, self.notes)
        if layer.name not in built:
            built[layer.name] = self._layers(layer, parts)
        objects = built[layer.name]
        kwargs = {key: one for key, one in kwargs.items() if key != "training" or one is not None}
        for key in ("mask", "attention_mask"):
            if kwargs.get(key, 1) is None:
                del kwargs[key]
        if self.target.is3 and inner_of(layer)[0] in STATEFUL and isinstance(args[0], list):
            self.notes.rule("initial-state", layer.name, "an argument of its own")
            kwargs["initial_state"], args[0] = args[0][1:], args[0][0]
        value = objects[0](*args, **kwargs)
        for one in objects[1:]:
            value = one(value)
        return value


def _resolved(value, made):
    """References become tensors."""
    if isinstance(value, Ref):
        found = made[(value.layer, value.call)]
        if isinstance(found, (list, tuple)):
            return found[value.tensor]
        if isinstance(found, dict):
            return list(found.values())[value.tensor]
        return found
    if isinstance(value, dict):
        return {key: _resolved(one, made) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_resolved(one, made) for one in value)
    if isinstance(value, list):
        return [_resolved(one, made) for one in value]
    return value


def _single(values):
    """One tensor out of a list of one."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def snake_case(name):
    """The name of a class as the V3 layout writes it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
