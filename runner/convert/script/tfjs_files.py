"""Layers models of TensorFlow.js: ``model.json`` and shards of weights beside it."""

import json
import os

import numpy as np


def read_tfjs(path, found):
    """``(configuration, version, {layer: [(name, array)]})``; ``found``: the parsed JSON."""
    topology = found["modelTopology"]
    if not isinstance(topology, dict) or "node" in topology:
        return None, "", {}
    config = topology.get("model_config", topology)
    config = json.loads(config) if isinstance(config, str) else config
    version = str(topology.get("keras_version") or "2.2.4-tf")
    version = "2.2.4-tf" if version.startswith("tfjs") else version
    layers, folder = {}, os.path.dirname(os.path.abspath(path))
    for group in found.get("weightsManifest") or []:
        data = b""
        for name in group["paths"]:
            with open(os.path.join(folder, os.path.basename(name)), "rb") as stream:
                data += stream.read()
        place = 0
        for entry in group["weights"]:
            array, place = _tfjs_array(entry, data, place)
            parts = entry["name"].split("/")
            layers.setdefault(parts[-2] if len(parts) > 1 else parts[0], []).append(
                (parts[-1], array)
            )
    return config, version, layers


def _tfjs_array(entry, data, place):
    """One array, and where the next one begins."""
    packed = entry.get("quantization") or {}
    kind = np.dtype(packed.get("dtype", entry["dtype"]))
    count = int(np.prod(entry["shape"], dtype="int64"))
    end = place + count * kind.itemsize
    array = np.frombuffer(data[place:end], kind.newbyteorder("<")).reshape(entry["shape"])
    if "scale" in packed:
        array = array * packed["scale"] + packed["min"]
    return array.astype(entry["dtype"]), end


def arrays_in_layers(model, layers):
    """Give each layer of a model of Keras 2 its arrays, by its name; inner models too."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            arrays_in_layers(layer, layers)
        elif layer.weights:
            layer.set_weights([array for _, array in layers[layer.name]])
