"""A SavedModel without a Keras model in it: its graph as a function, with its variables."""

import json
import os

from .translation_rules import CannotTranslateError

PREFERRED = ("serving_default", "serve", "default", "predict")
VARIABLES = ("VariableV2", "Variable", "VarHandleOp")
READERS = ("ReadVariableOp",)
FROZEN = ("graph.pb", "signature.json")


def parsed_graph(path):
    """The graph that is for serving, and its signature: ``(meta graph, name, signature)``."""
    from tensorflow.core.protobuf import saved_model_pb2

    found = saved_model_pb2.SavedModel()
    with open(os.path.join(path, "saved_model.pb"), "rb") as stream:
        found.ParseFromString(stream.read())
    for meta in sorted(found.meta_graphs, key=lambda one: "serve" not in one.meta_info_def.tags):
        signatures = {name: one for name, one in meta.signature_def.items() if one.outputs}
        signatures = {name: one for name, one in signatures.items() if name[:2] != "__"}
        for name in PREFERRED + tuple(sorted(signatures)):
            if name in signatures:
                return meta, name, signatures[name]
    raise CannotTranslateError("a SavedModel without a signature: nothing in it can be called")


def graph_function(path):
    """``(function, inputs, outputs, what keeps the variables)``; the function takes a list.

    ``inputs``: ``[name, shape, type]`` of each; a shape is None where its rank is not known.
    """
    import tensorflow as tf

    if os.path.exists(os.path.join(path, FROZEN[0])):
        return _of_frozen(tf, path)
    meta, name, signature = parsed_graph(path)
    try:
        loaded = tf.saved_model.load(path, tags=list(meta.meta_info_def.tags))
        function = loaded.signatures[name]
        specs = function.structured_input_signature[1]
    except Exception as error:
        try:
            return _cut_out(tf, path, meta, signature)
        except Exception:
            raise CannotTranslateError("TensorFlow does not load this graph: %s" % _line(error))
    inputs = [[key, _sizes_of(specs[key].shape), specs[key].dtype.name] for key in sorted(specs)]
    outputs = sorted(function.structured_outputs)

    def call(tensors):
        found = function(**{one[0]: tensor for one, tensor in zip(inputs, tensors)})
        return [found[key] for key in outputs]

    return call, inputs, outputs, (loaded, function)


def _line(error):
    lines = [one for one in str(error).splitlines() if one.strip()]
    return lines[0][:300] if lines else type(error).__name__


def _sizes_of(shape):
    return None if shape.rank is None else [None if one is None else int(one) for one in shape]


def _cut_out(tf, path, meta, signature):
    """Only what the outputs need, with the variables as constants: the rest may not load here."""
    names = {key: one.name for key, one in signature.inputs.items()}
    graph = tf.compat.v1.GraphDef()
    for node in meta.graph_def.node:
        new = graph.node.add()
        if node.name + ":0" in names.values():
            info = next(one for one in signature.inputs.values() if one.name == node.name + ":0")
            new.name, new.op = node.name, "Placeholder"
            new.attr["dtype"].type = info.dtype
            new.attr["shape"].shape.unknown_rank = not info.tensor_shape.dim
            if info.tensor_shape.dim:
                new.attr["shape"].shape.CopyFrom(info.tensor_shape)
            continue
        new.CopyFrom(node)
        new.attr.pop("_class", None)
    outputs = [one.name.split(":")[0] for one in signature.outputs.values()]
    graph = tf.compat.v1.graph_util.extract_sub_graph(graph, outputs)
    prefix = os.path.join(path, "variables", "variables")
    reader = tf.train.load_checkpoint(prefix) if os.path.exists(prefix + ".index") else None
    for node in graph.node:
        if node.op in VARIABLES:
            _constant(tf, node, reader.get_tensor(node.name))
        elif node.op in READERS:
            node.op = "Identity"
            node.attr["T"].type = node.attr.pop("dtype").type
    keys = sorted(signature.outputs)
    return _wrapped(tf, graph, names, {key: signature.outputs[key].name for key in keys})


def _constant(tf, node, value):
    node.op = "Const"
    node.attr.clear()
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    node.attr["dtype"].type = node.attr["value"].tensor.dtype


def _wrapped(tf, graph, inputs, outputs):
    """A function out of a graph of constants. ``inputs`` and ``outputs``: names of tensors."""
    whole = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, name=""), [])
    feeds = [whole.graph.get_tensor_by_name(inputs[key]) for key in sorted(inputs)]
    fetches = [whole.graph.get_tensor_by_name(outputs[key]) for key in sorted(outputs)]
    function = whole.prune(feeds, fetches)
    listed = [
        [key, _sizes_of(one.shape), one.dtype.name] for key, one in zip(sorted(inputs), feeds)
    ]

    def call(tensors):
        found = function(*tensors)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    return call, listed, sorted(outputs), (whole, function)


def freeze(path, new):
    """Write the graph with its variables as constants, for a TensorFlow that cannot load it."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    call, inputs, outputs, _ = graph_function(path)
    specs = [tf.TensorSpec(shape, dtype) for _, shape, dtype in inputs]
    function = tf.function(lambda *tensors: call(tensors)).get_concrete_function(*specs)
    frozen = convert_variables_to_constants_v2(function, lower_control_flow=False)
    os.makedirs(new)
    with open(os.path.join(new, FROZEN[0]), "wb") as stream:
        stream.write(frozen.graph.as_graph_def().SerializeToString())
    named = {
        "inputs": {one[0]: tensor.name for one, tensor in zip(inputs, frozen.inputs)},
        "outputs": {key: tensor.name for key, tensor in zip(outputs, frozen.outputs)},
    }
    with open(os.path.join(new, FROZEN[1]), "w", encoding="utf-8") as stream:
        json.dump(named, stream)


def _of_frozen(tf, path):
    graph = tf.compat.v1.GraphDef()
    with open(os.path.join(path, FROZEN[0]), "rb") as stream:
        graph.ParseFromString(stream.read())
    with open(os.path.join(path, FROZEN[1]), encoding="utf-8") as stream:
        named = json.load(stream)
    return _wrapped(tf, graph, named["inputs"], named["outputs"])
