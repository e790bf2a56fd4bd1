"""Checkpoints of TensorFlow: variables by the path of their objects, sometimes a configuration."""

import json
import os
import re

from .saved_files import Saved
from .translation_rules import CannotTranslateError

VARIABLE_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
CONFIG = "/.ATTRIBUTES/OBJECT_CONFIG_JSON"
WITH_WEIGHTS = "layer_with_weights-"
VARIABLE_ORDER = (
    *("forward_layer", "backward_layer", "layer", "cell"),
    *("kernel", "depthwise_kernel", "pointwise_kernel", "recurrent_kernel", "bias"),
    *("gamma", "beta", "moving_mean", "moving_variance", "mean", "variance", "count"),
)


def checkpoint_prefix(path):
    """The name before ``.index``; None where the path is not a checkpoint."""
    if os.path.isfile(path):
        return path[: -len(".index")] if path.endswith(".index") else None
    if not os.path.isdir(path) or os.path.exists(os.path.join(path, "saved_model.pb")):
        return None
    found = sorted(one[: -len(".index")] for one in os.listdir(path) if one.endswith(".index"))
    listed = os.path.join(path, "checkpoint")
    if os.path.exists(listed):
        with open(listed, encoding="utf-8") as stream:
            named = re.search(r'model_checkpoint_path: "([^"]+)"', stream.read())
        if named is not None and os.path.basename(named.group(1)) in found:
            return os.path.join(path, os.path.basename(named.group(1)))
    return os.path.join(path, found[-1]) if found else None


def read_checkpoint(prefix):
    """What ``save_weights`` of TensorFlow 1.12 to 2.15 wrote."""
    try:
        import tensorflow as tf
    except ImportError:
        raise CannotTranslateError("a checkpoint is read by TensorFlow, which is not installed")
    reader = tf.train.load_checkpoint(prefix)
    names = sorted(reader.get_variable_to_shape_map())
    config = None
    if CONFIG in names:
        config = json.loads(reader.get_tensor(CONFIG).decode("utf-8"))
    saved = Saved(config, "2.2.4-tf", "tensorflow")
    layers = {}
    for name in names:
        if (
            name.startswith(WITH_WEIGHTS)
            and name.endswith(VARIABLE_VALUE)
            and "OPTIMIZER_SLOT" not in name
        ):
            parts = name[: -len(VARIABLE_VALUE)].split("/")
            layers.setdefault(parts[0], []).append(parts)
    if not layers:
        raise CannotTranslateError(
            "the checkpoint holds variables without layers of Keras (%s); build the model in code "
            "and restore it" % ", ".join(one for one in names[:4] if not one.startswith("_"))
        )
    saved.flat = {}
    for layer in sorted(layers, key=_number_of):
        rows = sorted(layers[layer], key=_variable_rank)
        saved.names[layer] = ["/".join(_without_cell(row)) for row in rows]
        saved.flat[layer] = [reader.get_tensor("/".join(row) + VARIABLE_VALUE) for row in rows]
    saved.optimizer = any(one.startswith("optimizer/") for one in names)
    return saved


def _number_of(part):
    found = re.search(r"-(\d+)$", part)
    return int(found.group(1)) if found else -1


def _variable_rank(parts):
    return [
        (
            _number_of(part),
            VARIABLE_ORDER.index(part) if part in VARIABLE_ORDER else len(VARIABLE_ORDER),
            part,
        )
        for part in parts
    ]


def _without_cell(parts):
    """``forward_layer`` is how a name of HDF5 begins with ``forward_``."""
    return [part for part in parts if part != "cell"]
