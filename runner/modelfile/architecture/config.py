"""A model's config, walked once: layers, custom names, code it would run, keys that date it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.model.inspection import CodeItem, CustomName
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.architecture.known_names import generations_of
from runner.modelfile.formats.bytecode import python_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = ("keras", "tf_keras", "tensorflow", "tensorflow.python.keras")  # modules of Keras itself
SKIPPED = frozenset({"inbound_nodes", "input_layers", "output_layers", "shared_object_id"})
LAYERS, OBJECT = "layers", "object"
KIND_OF_KEY = {
    "activation": "activations", "inner_activation": "activations", "fn": "losses",
    "init": "initializers", "inner_init": "initializers", "initializer": "initializers",
    "dtype": "dtypes", "dtype_policy": "dtypes", "learning_rate": "optimizers",
    "optimizer": "optimizers", "inner_optimizer": "optimizers", "optimizer_config": "optimizers",
    "loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics",
    "layers": LAYERS, "layer": LAYERS, "cell": LAYERS, "cells": LAYERS, "backward_layer": LAYERS,
    "forward_layer": LAYERS,
}  # fmt: skip
KIND_OF_ENDING = (
    ("_activation", "activations"), ("_initializer", "initializers"), ("_init", "initializers"),
    ("_regularizer", "regularizers"), ("_constraint", "constraints"),
)  # fmt: skip
KIND_OF_MODULE = {f"keras.{kind}": kind for kind in ("layers", "initializers", "regularizers",
    "constraints", "optimizers", "losses", "metrics")}  # fmt: skip
# Kinds whose plain strings name a function or class; a string of another kind is just text.
NAMED = frozenset(
    {"activations", "initializers", "regularizers", "constraints", "optimizers", "losses",
     "metrics"}
)  # fmt: skip
SINGULAR = {"losses": "loss", "layers": "layer", OBJECT: "object", "dtypes": "dtype policy"}
VOCABULARY = ("StringLookup", "IntegerLookup", "TextVectorization")


@dataclass
class Found:
    """What a walk collects."""

    layers: Counter[str] = field(default_factory=Counter)
    custom: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    code: list[CodeItem] = field(default_factory=list)
    dtypes: dict[str, None] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)  # class to the keys of its configs
    values: set[tuple[str, str, str]] = field(default_factory=set)  # class, key, text
    pythons: dict[str, None] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)  # built-in class to its generations

    def custom_names(self) -> tuple[CustomName, ...]:
        """Return the custom names, each once."""
        return tuple(
            CustomName(kind=SINGULAR.get(kind, kind[:-1]), key=key, module=module, count=count)
            for (kind, key, module), count in self.custom.items()
        )


@dataclass(frozen=True, slots=True)
class _Item:
    """A part of a config still to be looked at."""

    value: Any
    kind: str
    depth: int
    owner: str = ""  # the class and key it belongs to
    key: str = ""


def walk(config: Any, kind: str = LAYERS, into: Found | None = None) -> Found:  # noqa: ANN401
    """Look at every object in a config. Raises TooMuch for one that is too large or deep."""
    found = into or Found()
    waiting = [_Item(config, kind, 0)]
    visited = 0
    while waiting:
        item = waiting.pop()
        visited += 1
        if visited > limits.NODES:
            raise limits.TooMuch(f"its config has more than {limits.NODES:,} parts")
        if item.depth > limits.DEPTH:
            raise limits.TooMuch(f"its config is nested more than {limits.DEPTH} levels deep")
        # Reversed, so that things are found in the order in which they stand in the file.
        waiting.extend(reversed(list(_parts(item, found))))
    return found


def _parts(item: _Item, found: Found) -> Iterator[_Item]:
    value, depth = item.value, item.depth + 1
    if isinstance(value, str):
        _string(item, found)
    elif isinstance(value, (list, tuple)):
        for one in value:
            if isinstance(one, (str, dict, list, tuple)):
                yield _Item(one, item.kind, depth, item.owner, item.key)
    elif isinstance(value, dict) and isinstance(value.get("class_name"), str):
        yield from _object(value, item, found)
    elif isinstance(value, dict):
        # ``loss: {"output": "mse"}``: the values of a plain dict are of the same kind.
        inherit = item.kind if item.kind in ("losses", "metrics", LAYERS) else OBJECT
        for key, one in value.items():
            if key not in SKIPPED and isinstance(one, (str, dict, list, tuple)):
                own = kind_of(str(key))
                kind = own if own != OBJECT else inherit
                yield _Item(one, kind, depth, item.owner, str(key))


def kind_of(key: str) -> str:
    """Return the kind of a value from its key."""
    kind = KIND_OF_KEY.get(key)
    if kind is not None:
        return kind
    return next((kind for ending, kind in KIND_OF_ENDING if key.endswith(ending)), OBJECT)


def _string(item: _Item, found: Found) -> None:
    name = str(item.value)
    if item.kind == "dtypes":
        found.dtypes[text.clean(name, 40)] = None
        return
    if item.kind in NAMED:
        found.values.add((item.owner, item.key, text.clean(name, 60)))
        if not generations_of(item.kind, name):
            found.custom[(item.kind, text.clean(name), None)] += 1


def _object(value: dict[str, Any], item: _Item, found: Found) -> Iterator[_Item]:
    name, module = text.clean(value["class_name"]), value.get("module")
    kind = KIND_OF_MODULE.get(str(module), item.kind)
    config = value.get("config")
    depth = item.depth + 1
    if name == "__lambda__":
        _bytecode(item.owner or "a function", value, found)
        return
    if name == "function" and isinstance(config, str):
        _function(config, value, kind, item, found)
        return
    if name.startswith("__"):  # tuples, tensors and the like
        yield _Item(config, kind, depth, item.owner, item.key)
        return
    if kind == LAYERS or (kind == OBJECT and generations_of(LAYERS, name)):
        found.layers[name] += 1
        kind = LAYERS
    _own_name(name, value, kind, found)
    if isinstance(config, dict):
        found.keys.setdefault(name, set()).update(str(key) for key in config)
        _special(name, config, found)
        for key, one in config.items():
            if key not in SKIPPED and isinstance(one, (str, dict, list, tuple)):
                yield _Item(one, kind_of(str(key)), depth, name, str(key))
    elif isinstance(config, list):  # a Sequential of Keras 1
        yield _Item(config, LAYERS, depth, name, "layers")
    compiled = value.get("compile_config")
    if isinstance(compiled, dict):
        yield _Item(compiled, OBJECT, depth, "", "compile_config")


def _own_name(name: str, value: dict[str, Any], kind: str, found: Found) -> None:
    """Note the class when it is not one of Keras's own."""
    module, registered = value.get("module"), value.get("registered_name")
    module = text.clean(module) if isinstance(module, str) else None
    generations = generations_of(kind, name)
    prefix, _, plain = name.rpartition(">")
    if prefix == "Custom" and generations_of("optimizers", plain):
        return  # optimizers of TensorFlow 2.11 and later are written like this
    if module is not None and (module in OURS or module.startswith(tuple(f"{m}." for m in OURS))):
        if not (isinstance(registered, str) and ">" in registered):
            if kind == LAYERS and generations:
                found.removed[name] = generations
            return
    elif "module" not in value and generations:
        if kind == LAYERS:
            found.removed[name] = generations
        return
    key = text.clean(registered) if isinstance(registered, str) and registered else name
    found.custom[(kind, key, module)] += 1
    if module is not None and module != "builtins":
        detail = f"a loader imports the module {module}"
        found.code.append(CodeItem(kind="import", where=name, detail=detail))


def _function(config: str, value: dict[str, Any], kind: str, item: _Item, found: Found) -> None:
    """Read a function by its name, as TensorFlow 2.12 and later write it."""
    registered = value.get("registered_name")
    found.values.add((item.owner, item.key, text.clean(config, 60)))
    if isinstance(registered, str) and ">" in registered:
        found.custom[(kind, text.clean(registered), None)] += 1
    elif not generations_of(kind, config):
        found.custom[(kind, text.clean(config), None)] += 1


def _special(name: str, config: dict[str, Any], found: Found) -> None:
    """Classes whose config holds code, or a path."""
    label = text.clean(config.get("name") or name)
    if name == "Lambda":
        function = config.get("function")
        stored = isinstance(function, list) or config.get("function_type") == "lambda"
        if stored:
            _bytecode(label, function, found)
        elif isinstance(function, str):
            found.custom[("functions", text.clean(function), None)] += 1
    elif name == "TorchModuleWrapper":
        detail = "holds a pickled torch module"
        found.code.append(CodeItem(kind="pickle", where=label, detail=detail))
    elif name in ("JaxLayer", "FlaxLayer"):
        _bytecode(label, config.get("call_fn"), found)
    elif name == "TFSMLayer":
        detail = f"loads another SavedModel, {text.clean(config.get('filepath'))}"
        found.code.append(CodeItem(kind="path", where=label, detail=detail))
    elif name in VOCABULARY and isinstance(config.get("vocabulary"), str):
        detail = f"reads its vocabulary from {text.clean(config['vocabulary'])}"
        found.code.append(CodeItem(kind="path", where=label, detail=detail))
    elif name == "UpSampling2D" and isinstance(config.get("interpolation"), str):
        found.values.add((name, "interpolation", text.clean(config["interpolation"], 20)))


def _bytecode(where: str, stored: object, found: Found) -> None:
    python = python_of(stored)
    by = f", written by Python {python}" if python else ""
    found.code.append(CodeItem(kind="bytecode", where=where, detail=f"runs stored bytecode{by}"))
    if python:
        found.pythons[python] = None


def modern(config: Any) -> Any:  # noqa: ANN401
    """Return a config of Keras 0.x in the words of later ones; others as they are."""
    if not isinstance(config, dict) or "class_name" in config:
        return config
    nodes, layers, name = config.get("nodes"), config.get("layers"), config.get("name")
    if name == "Graph" and isinstance(nodes, dict):
        inputs = [_input(one) for one in _dicts(config.get("input_config"))]
        items = [_node(one) for one in list(nodes.values())[: limits.NODES]]
        return {"class_name": "Graph", "config": {"layers": [*inputs, *items]}}
    if name in ("Sequential", "Merge") and isinstance(layers, list):
        return {"class_name": name, "config": {"layers": [_node(one) for one in layers]}}
    return config


def _input(one: dict[str, Any]) -> dict[str, Any]:
    shape = one.get("input_shape")
    config = {"name": one.get("name"), "batch_input_shape": [None, *shape]} if isinstance(
        shape, list
    ) else {"name": one.get("name")}  # fmt: skip
    return {"class_name": "InputLayer", "config": config}


def _node(one: Any) -> Any:  # noqa: ANN401
    if isinstance(one, dict) and isinstance(one.get("name"), str) and "class_name" not in one:
        config = {key: value for key, value in one.items() if key != "name"}
        return {"class_name": one["name"], "config": {**config, "name": one.get("custom_name")}}
    return one


def _dicts(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()
