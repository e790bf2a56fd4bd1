"""What the layers of a functional model are called with, as each Keras writes it down.

Keras 2 has a list of ``[layer, call, tensor, kwargs]`` for each call, one for each tensor; the
state that a recurrent layer begins with stands behind its input. Keras 3 has ``args`` and
``kwargs`` as they were given; it reads the lists of Keras 2 too, but only tensors that stand there
as inputs, and none that is an argument by its name.
"""

from typing import Any, List

from .aliases import Json
from .calls import Untranslatable

RNNS = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "RNN")
STATEFUL = (*RNNS, "Bidirectional")
# Arguments behind the first that may be given by their place, which Keras 2 knows by name alone.
BY_PLACE = {"MultiHeadAttention": ("value", "key")}
SEVERAL = (*STATEFUL, *BY_PLACE)
TENSOR = "__keras_tensor__"


def as_keras3(functional: Json) -> None:
    """Calls with more than inputs become Keras 3's own; all others stay lists."""
    names = {layer["config"].get("name") for layer in functional["layers"]}
    for layer in functional["layers"]:
        layer["inbound_nodes"] = [
            _with_names(node, layer["class_name"], names) if _is_list_of_links(node) else node
            for node in layer.get("inbound_nodes") or []
        ]


def _is_list_of_links(node: Any) -> bool:
    return isinstance(node, list) and bool(node) and isinstance(node[0], list)


def _with_names(node: Any, layer_class: str, names: Any) -> Any:
    tensors = [_tensor(link) for link in node]
    kwargs = dict(node[0][3]) if len(node[0]) > 3 and node[0][3] else {}
    named = {key: _revived(value, names) for key, value in kwargs.items()}
    states = tensors[1:] if layer_class in STATEFUL else []
    if not states and named == kwargs:
        return node
    inputs = tensors if not states and len(tensors) > 1 else tensors[0]
    if states:
        named["initial_state"] = states
    return {"args": [inputs], "kwargs": named}


def _revived(value: Any, names: Any) -> Any:
    """Links among the values of a call's arguments, as tensors."""
    if not isinstance(value, list):
        return value
    if len(value) in (3, 4) and isinstance(value[0], str) and value[0] in names:
        return _tensor(value)
    return [_revived(item, names) for item in value]


def _tensor(link: Any) -> Json:
    """Keras 3 looks at nothing but where the tensor comes from."""
    config = {"shape": [None], "dtype": "float32", "keras_history": list(link[:3])}
    return {"class_name": TENSOR, "config": config}


def as_keras2(node: Any, layer_class: str) -> List[Any]:
    """``{"args", "kwargs"}`` to ``[[name, call, tensor, kwargs]]``.

    Tensors are ``{"__history__": [name, call, tensor]}``.
    """
    kwargs = {key: value for key, value in node.get("kwargs", {}).items() if value is not None}
    arguments = list(node["args"])
    if layer_class in BY_PLACE:
        kwargs.update(zip(BY_PLACE[layer_class], arguments[1:]))
        del arguments[1:]
    if layer_class in STATEFUL:
        arguments += _several(kwargs.pop("initial_state", []))
    links = []
    for argument in arguments:
        for item in _several(argument):
            if not isinstance(item, dict) or "__history__" not in item:
                raise Untranslatable(f"a call takes {item!r} besides tensors")
            links.append([*item["__history__"], {}])
    if links:
        links[0][3] = {key: _linked(value) for key, value in kwargs.items()}
    return links


def _several(value: Any) -> List[Any]:
    return value if isinstance(value, list) else [value]


def _linked(value: Any) -> Any:
    """The tensors among the values of a call's arguments, as links."""
    if isinstance(value, list):
        return [_linked(item) for item in value]
    if isinstance(value, dict) and "__history__" in value:
        return value["__history__"]
    return value
