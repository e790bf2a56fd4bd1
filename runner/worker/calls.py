"""The calls that connect the layers of a functional model, as each Keras counts them.

A model inside a model counts from 0 in Keras 3. In Keras 2 one that knows its inputs counts from
1: the making of it was a call too.
"""

from typing import Any, List, Set

from .aliases import Json


class Untranslatable(ValueError):
    """A key that means something, and that the other Keras does not have."""


def count_as_keras2(functional: Json) -> None:
    """One more for each nested model that knows its inputs; a call that is missing is an error."""
    for layer in functional["layers"]:
        if _starts_with_a_call(layer):
            _count(functional, layer, 1)
    _complete(functional)


def count_as_keras3(functional: Json) -> None:
    """One less for each nested Sequential that knows its inputs.

    A nested functional model is left alone: Keras 3 itself expects the old count there.
    """
    for layer in functional["layers"]:
        made = _calls(functional, layer)
        if layer.get("class_name") == "Sequential" and made and min(made) == 1:
            _count(functional, layer, -1)


def _count(functional: Json, layer: Any, change: Any) -> None:
    """Add ``change`` to the number of every call of ``layer`` that another takes its input from."""
    for link in _links(functional):
        if link[0] == layer["config"].get("name"):
            link[1] += change


def _links(functional: Json) -> List[Any]:
    """Every ``[layer, call, tensor, ...]`` that a functional model of Keras 2 consists of."""
    nodes = [node for layer in functional["layers"] for node in layer.get("inbound_nodes", [])]
    for key in ("input_layers", "output_layers"):
        ends = functional.get(key) or []
        nodes.append(list(ends.values()) if isinstance(ends, dict) else ends)
    links = [link for node in nodes if isinstance(node, list) for link in node]
    return [link for link in links if isinstance(link, list) and len(link) > 1]


def _calls(functional: Json, layer: Any) -> Set[int]:
    """The numbers of the calls of ``layer`` that others take their input from."""
    name = layer["config"].get("name")
    return {link[1] for link in _links(functional) if link[0] == name}


def _starts_with_a_call(layer: Any) -> bool:
    """Whether Keras 2 counts a call from the making of it on: a model that knows its inputs."""
    inner = (layer.get("config") or {}).get("layers") or [{}]
    nested = layer.get("class_name") in ("Functional", "Model", "Sequential")
    return nested and inner[0].get("class_name") == "InputLayer"


def _complete(functional: Json) -> None:
    """Keras 2 waits without end for a call that nobody makes."""
    made = {
        layer["config"].get("name"): len(layer["inbound_nodes"]) + _starts_with_a_call(layer)
        for layer in functional["layers"]
    }
    for link in _links(functional):
        if link[1] >= max(1, made.get(link[0], 0)):
            raise Untranslatable(f"no call {link[1]} of {link[0]} is made")
