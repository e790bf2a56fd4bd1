"""A SavedModel's function, called with arrays: one, a list of them, or a dictionary."""

import tensorflow as tf


def tensors_of(inputs):
    """The inputs as tensors; a dictionary in the order of its keys."""
    if isinstance(inputs, dict):
        return [one for key in sorted(inputs) for one in tensors_of(inputs[key])]
    if isinstance(inputs, (list, tuple)):
        return [one for value in inputs for one in tensors_of(value)]
    return [tf.convert_to_tensor(inputs)]


def call_signature(signature, inputs):
    """The outputs of a signature, whose arguments have names, and types of their own."""
    tensors = tensors_of(inputs)
    described = getattr(signature, "structured_input_signature", None)
    if not described or not described[1]:
        return signature(*tensors)
    named = {
        name: tf.cast(tensor, described[1][name].dtype)
        for name, tensor in zip(sorted(described[1]), tensors)
    }
    return signature(**named)


def call_layer(layer, inputs):
    """The outputs of a ``TFSMLayer``, which takes one tensor, or several by name."""
    tensors = tensors_of(inputs)
    if len(tensors) == 1:
        return layer(tensors[0])
    described = getattr(layer.call_endpoint_fn, "structured_input_signature", ((), {}))
    return layer(dict(zip(sorted(described[1]), tensors)))


def call_endpoint(serve, inputs):
    """The outputs of ``serve``, the function that ``export`` writes."""
    if isinstance(inputs, dict):
        return serve({key: tf.convert_to_tensor(value) for key, value in inputs.items()})
    tensors = tensors_of(inputs)
    if not hasattr(serve, "structured_input_signature") or len(tensors) == 1:
        return serve(*tensors)
    try:
        return serve(*tensors)
    except TypeError:
        return serve(tensors)  # Keras 3.0 to 3.6 export several inputs as one list
