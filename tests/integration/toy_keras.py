"""A Keras of a hundred lines, copied into toy environments as ``keras``. It saves JSON.

``behaviour.json`` beside it says which version it is, what it refuses, how long it takes, and what
kills it; the engine around it is the real one.
"""

import json
import os
import signal
import time
import types

import numpy as np

with open(os.path.join(os.path.dirname(__file__), "behaviour.json")) as stream:
    BEHAVIOUR = json.load(stream)
__version__ = BEHAVIOUR["version"]
if BEHAVIOUR.get("does_not_import"):
    raise ImportError(BEHAVIOUR["does_not_import"])


class InputLayer:
    name = "source"
    trainable = True

    def __init__(self, input_shape):
        self.width = input_shape[-1]

    def build(self, width):
        return self.width

    def get_weights(self):
        return []

    def get_config(self):
        return {"class": "InputLayer", "input_shape": [self.width]}

    def __call__(self, values):
        return values


class Dense:
    trainable = True

    def __init__(self, units, name, activation=None):
        self.units, self.name, self.activation = units, name, activation

    def build(self, width):
        self.arrays = [np.zeros((width, self.units), "float32"), np.zeros(self.units, "float32")]
        return self.units

    def get_weights(self):
        return self.arrays

    def set_weights(self, arrays):
        self.arrays = [np.array(value) for value in arrays]

    def get_config(self):
        return {
            "class": type(self).__name__,
            "units": self.units,
            "name": self.name,
            "activation": self.activation,
        }

    def __call__(self, values):
        found = values.dot(self.arrays[0]) + self.arrays[1]
        return np.tanh(found) if self.activation == "tanh" else found


class Sequential:
    optimizer = None

    def __init__(self, layers):
        width = None
        self.layers = list(layers)
        for layer in self.layers:
            width = layer.build(width)

    @property
    def weights(self):
        return [
            types.SimpleNamespace(name="%s/%d" % (layer.name, number))
            for layer in self.layers
            for number, _ in enumerate(layer.get_weights())
        ]

    def get_weights(self):
        return [value for layer in self.layers for value in layer.get_weights()]

    def predict(self, values, **_options):
        for layer in self.layers:
            values = layer(values)
        return values

    def get_config(self):
        return {"layers": [layer.get_config() for layer in self.layers]}

    def to_json(self):
        return json.dumps({"version": __version__, "config": self.get_config()})

    def save(self, path):
        _take_time()
        if not path.endswith(".h5"):
            raise ValueError("save_format: this Keras writes .h5 only")
        arrays = [value.tolist() for value in self.get_weights()]
        with open(path, "w") as stream:
            json.dump({"model": self.to_json(), "arrays": arrays}, stream)

    def save_weights(self, path):
        with open(path, "w") as stream:
            json.dump([value.tolist() for value in self.get_weights()], stream)

    def load_weights(self, path):
        with open(path) as stream:
            _set_arrays(self, json.load(stream))


def _set_arrays(model, arrays):
    arrays = [np.array(value, dtype="float32") for value in arrays]
    for layer in model.layers:
        count = len(layer.get_weights())
        if count:
            layer.set_weights(arrays[:count])
            arrays = arrays[count:]


def _take_time():
    time.sleep(BEHAVIOUR.get("seconds", 0.0))


def model_from_json(text, custom_objects=None):
    found = json.loads(text)
    newer = [int(part) for part in found["version"].split(".")]
    if BEHAVIOUR.get("refuses_newer") and newer > [int(part) for part in __version__.split(".")]:
        raise ValueError("Unknown entries in layer configuration: %s" % found["version"])
    known = {"InputLayer": InputLayer, "Dense": Dense}
    known.update(custom_objects or {})
    layers = []
    for config in found["config"]["layers"]:
        name = config.pop("class")
        if name not in known:
            raise ValueError("Unknown layer: %s" % name)
        layers.append(known[name](**config))
    return Sequential(layers)


def _zygote():
    return os.getppid()


def load_model(path, custom_objects=None, **_options):
    _take_time()
    with open(path) as stream:
        found = json.load(stream)
    if BEHAVIOUR.get("writes_into_artifacts"):
        with open(path, "a") as stream:
            stream.write("tampered")
    killer = BEHAVIOUR.get("kills_its_worker_over")
    if killer and killer in found["model"]:
        os.kill(_zygote(), signal.SIGKILL)
        time.sleep(60)
    model = model_from_json(found["model"], custom_objects)
    _set_arrays(model, found["arrays"])
    return model


class Backend:
    def backend(self):
        return "toy"

    def reset_uids(self):
        pass


backend = Backend()
layers = types.SimpleNamespace(Dense=Dense, Layer=Dense, InputLayer=InputLayer, Input=InputLayer)
models = types.SimpleNamespace(
    Model=Sequential,
    Sequential=Sequential,
    load_model=load_model,
    model_from_json=model_from_json,
)
losses = metrics = optimizers = types.SimpleNamespace()
