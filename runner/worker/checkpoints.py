"""Variables of a TensorFlow checkpoint, or of the one inside a SavedModel, set on a model."""

from typing import Any, Dict, List

import numpy as np

from .aliases import Arrays

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
# Children that lead to the same variables once more, and those of the training.
ASIDE = (
    *("keras_api", "variables", "trainable_variables", "non_trainable_variables"),
    *("regularization_losses", "optimizer", "loss", "signatures", "layers"),
)


def copy_into(tf: Any, model: Any, prefix: str) -> None:
    """Set the model's variables from an object-based checkpoint, in its layers' order.

    Raises ValueError where they do not fit.
    """
    reader = tf.train.load_checkpoint(prefix)
    keys = _keys(tf, reader)
    for index, layer in enumerate(_weighted(model)):
        start = f"layer_with_weights-{index}/"
        values = {
            path: reader.get_tensor(key) for path, key in keys.items() if path.startswith(start)
        }
        if not values:
            raise ValueError(f"the checkpoint has nothing for layer {layer.name}")
        layer.set_weights(_by_attribute(layer, values))


def _weighted(model: Any) -> List[Any]:
    return [layer for layer in model.layers if layer.get_weights()]


def _keys(tf: Any, reader: Any) -> Dict[str, str]:
    """Path through the model's attributes to the key that holds the variable.

    A checkpoint of weights says the path in the key itself. A SavedModel holds many a variable
    under another path (``variables/7``), so the path is read from the graph of objects.
    """
    graph = _graph_class(tf)()
    graph.ParseFromString(reader.get_tensor(GRAPH))
    found: Dict[str, str] = {}
    _walk(graph, 0, "", frozenset(), found)
    return found


def _graph_class(tf: Any) -> Any:
    """The protobuf class, which TensorFlow renamed in 1.14."""
    try:
        from tensorflow.core.protobuf import trackable_object_graph_pb2 as proto

        return proto.TrackableObjectGraph
    except ImportError:
        from tensorflow.core.protobuf import checkpointable_object_graph_pb2 as proto

        return proto.CheckpointableObjectGraph


def _walk(graph: Any, number: int, path: str, above: Any, found: Any) -> None:
    node = graph.nodes[number]
    for attribute in node.attributes:
        if attribute.name == "VARIABLE_VALUE":
            found[path] = attribute.checkpoint_key
    for child in node.children:
        if child.local_name not in ASIDE and child.node_id not in above:
            inner = f"{path}/{child.local_name}" if path else child.local_name
            _walk(graph, child.node_id, inner, above | {number}, found)


def _by_attribute(layer: Any, values: Any) -> Arrays:
    """Each variable's array by the attribute name that ends its path in the checkpoint."""
    fresh, left = [], dict(values)
    for variable, old in zip(layer.weights, layer.get_weights()):
        if np.asarray(old).dtype.kind != "f":
            fresh.append(old)
            continue
        path = str(getattr(variable, "path", None) or getattr(variable, "name", "")).split(":")[0]
        last = path.split("/")[-1]
        fits = [
            name
            for name in sorted(left)
            if name.split("/")[-1] == last and left[name].shape == old.shape
        ]
        if not fits:
            raise ValueError(f"the checkpoint has no {last} for layer {layer.name}")
        # Both directions of a Bidirectional have the same names and shapes.
        fits.sort(key=lambda name: ("backward" in name) != ("backward" in path))
        fresh.append(left.pop(fits[0]).astype(np.asarray(old).dtype))
    return fresh
