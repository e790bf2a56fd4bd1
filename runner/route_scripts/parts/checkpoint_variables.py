"""Variables of a TensorFlow checkpoint, or of the one inside a SavedModel, set layer by layer."""

import numpy as np
import tensorflow as tf

# Children that lead to the same variables once more, and those of the training.
ASIDE = (
    *("keras_api", "variables", "trainable_variables", "non_trainable_variables"),
    *("regularization_losses", "optimizer", "loss", "signatures", "layers"),
)


def copy_variables(model, prefix):
    """Set the model's variables, in the order of its layers. Raises ValueError if none fit."""
    reader = tf.train.load_checkpoint(prefix)
    keys = {}
    walk(object_graph(reader), 0, "", frozenset(), keys)
    weighted = [layer for layer in model.layers if layer.get_weights()]
    for index, layer in enumerate(weighted):
        start = "layer_with_weights-%d/" % index
        values = {
            path: reader.get_tensor(key) for path, key in keys.items() if path.startswith(start)
        }
        if not values:
            raise ValueError("the checkpoint has nothing for layer %s" % layer.name)
        layer.set_weights(by_attribute(layer, values))


def object_graph(reader):
    """The graph of objects: a SavedModel's own keys do not say the layer."""
    try:
        from tensorflow.core.protobuf.trackable_object_graph_pb2 import (
            TrackableObjectGraph as Graph,
        )
    except ImportError:  # before TensorFlow 1.14
        from tensorflow.core.protobuf.checkpointable_object_graph_pb2 import (
            CheckpointableObjectGraph as Graph,
        )
    graph = Graph()
    graph.ParseFromString(reader.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))
    return graph


def walk(graph, number, path, above, found):
    """Note the key of every variable under its path through the model's attributes."""
    node = graph.nodes[number]
    for attribute in node.attributes:
        if attribute.name == "VARIABLE_VALUE":
            found[path] = attribute.checkpoint_key
    for child in node.children:
        if child.local_name not in ASIDE and child.node_id not in above:
            inner = "%s/%s" % (path, child.local_name) if path else child.local_name
            walk(graph, child.node_id, inner, above | {number}, found)


def by_attribute(layer, values):
    """Each variable's array by the attribute's name, which ends its path in the checkpoint."""
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
            raise ValueError("the checkpoint has no %s for layer %s" % (last, layer.name))
        # Both directions of a Bidirectional have the same names and shapes.
        fits.sort(key=lambda name: ("backward" in name) != ("backward" in path))
        fresh.append(left.pop(fits[0]).astype(np.asarray(old).dtype))
    return fresh
