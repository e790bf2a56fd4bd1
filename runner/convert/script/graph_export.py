"""A graph as a file for inference only, in the form that the target loads."""

from .graph_files import graph_function
from .translation_rules import CannotTranslateError

LOAD_3 = 'keras.layers.TFSMLayer(%r, call_endpoint="serve")'
LOAD_2 = "tf.keras.models.load_model(%r)"


def export_graph(target, path, new, notes):
    """Write a SavedModel for inference. Returns what its inputs are, and how it is loaded."""
    if target.backend != "tensorflow":
        raise CannotTranslateError("a graph of TensorFlow runs in Keras on TensorFlow only")
    call, inputs, outputs, kept = graph_function(path)
    notes.rule("graph-only", "file", "inference only")
    notes.loss("layers, training and configuration: the original has a graph only")
    if target.is3:
        _as_module(call, inputs, outputs, kept, new)
        load = LOAD_3
    elif target.inside_tensorflow:
        _as_keras2(target, call, inputs, outputs, kept, new)
        load = LOAD_2
    else:
        raise CannotTranslateError("a graph of TensorFlow runs in the Keras of TensorFlow only")
    return {"inputs": inputs, "outputs": outputs, "load": load}


def _as_module(call, inputs, outputs, kept, new):
    """With the endpoint that ``TFSMLayer`` calls: one tensor, or a dictionary of them."""
    import tensorflow as tf

    specs = {name: tf.TensorSpec(shape, dtype, name=name) for name, shape, dtype in inputs}
    several = len(inputs) > 1

    def run(tensors):
        found = call([tensors[one[0]] for one in inputs] if several else [tensors])
        return found[0] if len(outputs) == 1 else dict(zip(outputs, found))

    module = tf.Module()
    module.kept = kept[0]
    given = specs if several else next(iter(specs.values()))
    module.serve = tf.function(run, input_signature=[given])

    def named(**tensors):
        return dict(zip(outputs, call([tensors[one[0]] for one in inputs])))

    signature = tf.function(named).get_concrete_function(**specs)
    tf.saved_model.save(module, new, signatures={"serving_default": signature})


def _as_keras2(target, call, inputs, outputs, kept, new):
    """A model with one layer, which Keras 2 revives from a SavedModel without its class."""
    keras = target.keras

    class GraphLayer(keras.layers.Layer):
        """Calls the graph."""

        def __init__(self, **options):
            super().__init__(**options)
            self.kept = kept[0]

        def call(self, tensors):
            """One tensor, or a list in the order of the names."""
            found = call(tensors if isinstance(tensors, (list, tuple)) else [tensors])
            return found[0] if len(outputs) == 1 else dict(zip(outputs, found))

    tensors = []
    for name, shape, dtype in inputs:
        sizes = (None, None) if shape is None else tuple(shape)
        tensors.append(keras.Input(batch_shape=sizes, dtype=dtype, name=name))
    layer = GraphLayer(name="graph")
    model = keras.Model(tensors, layer(tensors if len(tensors) > 1 else tensors[0]))
    model.save(new, save_format="tf")
