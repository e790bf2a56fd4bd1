"""A saved model read without Keras: its configuration, its arrays, and who wrote it."""

import hashlib
import io
import json
import os
import re
import zipfile

import h5py
import numpy as np

from .tfjs_files import read_tfjs
from .translation_rules import CannotTranslateError

LAYER_GROUPS = ("layers", "_layer_checkpoint_dependencies")
# Where a layer keeps its sublayers in the V3 layout, in the order of their weights.
YAML_AS_JSON = {}  # SHA-256 of a YAML text -> the same as JSON
PART_ORDER = (
    *("forward_layer", "backward_layer", "layer", "cell", "cells"),
    *("query_dense", "key_dense", "value_dense", "output_dense"),
)


class Saved:
    """What one file holds, its arrays in one of three forms.

    ``flat``: by top-level layer; ``by_layer``: by the layer itself; ``tree``: as the V3 layout.
    """

    def __init__(self, config, version="", backend=""):
        self.config = config
        self.version = version or ""
        self.backend = backend or ""
        self.flat = None
        self.names = {}
        self.tree = None
        self.by_layer = None
        self.training = None
        self.optimizer = False
        self.slots = []  # of the optimizer: names and arrays, in the file's order
        self.variable_names = {}  # by the names from the top, where the file has them
        self.assets = {}
        self.windows = False
        self.misnamed = False

    @property
    def has_weights(self):
        """Whether the file holds arrays, or only an architecture."""
        return any(one is not None for one in (self.flat, self.tree, self.by_layer))

    @property
    def major(self):
        """The Keras that wrote it: 0, 1, 2 or 3."""
        found = re.match(r"(\d+)\.", self.version)
        if found:
            return int(found.group(1))
        if isinstance(self.config, dict):
            if "class_name" not in self.config:
                return 0
            if "module" in self.config:
                return 3
        text = json.dumps(self.config)
        return 1 if ('"nb_filter"' in text or ('"output_dim"' in text and '"init"' in text)) else 2

    @property
    def minor(self):
        """(2, 1) for Keras 2.1.6."""
        found = re.match(r"(\d+)\.(\d+)", self.version)
        return (int(found.group(1)), int(found.group(2))) if found else (self.major, 0)

    @property
    def tensorflow(self):
        """Whether it was the Keras inside TensorFlow, as far as the version tells."""
        return "-tf" in self.version or self.minor >= (2, 4)


def read_saved(path, weights=None):
    """Read a file; ``weights``: of an architecture. ``config`` is None for weights alone."""
    with open(path, "rb") as stream:
        magic = stream.read(8)
    if magic.startswith(b"\x89HDF"):
        saved = read_hdf5(path)
    elif magic.startswith(b"PK"):
        saved = read_zip(path)
    else:
        saved = read_text(path)
    if weights is not None:
        add_weights(saved, weights)
    return saved


def text_of(value):
    """HDF5 attributes are bytes or text, by the age of h5py."""
    return value.decode("utf-8") if isinstance(value, bytes) else value


def attribute_list(group, name):
    """A list of names, which Keras splits over several attributes where it is long."""
    if name in group.attrs:
        return [text_of(item) for item in group.attrs[name]]
    found, number = [], 0
    while "%s%d" % (name, number) in group.attrs:
        found.extend(text_of(item) for item in group.attrs["%s%d" % (name, number)])
        number += 1
    return found


def read_hdf5(path):
    """A legacy HDF5 file, or the V3 layout of weights."""
    with h5py.File(path, "r") as stream:
        config = stream.attrs.get("model_config")
        version = text_of(stream.attrs.get("keras_version", ""))
        saved = Saved(json.loads(text_of(config)) if config is not None else None, version)
        saved.backend = text_of(stream.attrs.get("backend", ""))
        if "training_config" in stream.attrs:
            saved.training = json.loads(text_of(stream.attrs["training_config"]))
        saved.optimizer = "optimizer_weights" in stream
        if saved.optimizer:
            inner = stream["optimizer_weights"]
            for name in attribute_list(inner, "weight_names"):
                saved.slots.append((name, np.array(inner[name])))
        group = stream["model_weights"] if "model_weights" in stream else stream
        saved.version = saved.version or text_of(group.attrs.get("keras_version", ""))
        saved.backend = saved.backend or text_of(group.attrs.get("backend", ""))
        read_arrays_of(saved, group)
        saved.misnamed = path.endswith(".keras")
        if saved.config is None and not saved.version:
            saved.version = _age_of_weights(saved, group)
    return saved


def _age_of_weights(saved, group):
    """Keras before 1.2 did not write its version beside weights."""
    if saved.tree is not None:
        return "3.0.0"
    if "nb_layers" in group.attrs:
        return "0.3.3"
    names = [one for names in saved.names.values() for one in names]
    return "1.0.0" if names and not any(one.endswith(":0") for one in names) else "2.0.0"


def read_arrays_of(saved, group):
    """Arrays of either layout."""
    names = attribute_list(group, "layer_names")
    if names or "layer_names" in group.attrs:
        saved.flat = {}
        for name in names:
            arrays = attribute_list(group[name], "weight_names")
            saved.names[name] = arrays
            saved.flat[name] = [np.array(group[name][item]) for item in arrays]
    elif any(name.replace("\\", "/").split("/")[0] in LAYER_GROUPS for name in group):
        saved.tree = read_tree(group, saved)
    elif "nb_layers" in group.attrs:
        saved.flat = {}
        for number in range(int(group.attrs["nb_layers"])):
            inner = group["layer_%d" % number]
            count = int(inner.attrs["nb_params"])
            saved.flat[number] = [np.array(inner["param_%d" % one]) for one in range(count)]


def read_tree(group, saved):
    """``{"layers": {"dense": {"vars": [arrays]}}}``; a backslash is a path of Windows."""
    tree = {}

    def place(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        if "\\" in name:
            saved.windows = True
        parts = [one for one in name.replace("\\", "/").split("/") if one]
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = np.array(item)

    group.visititems(place)
    return tree


def read_zip(path):
    """A ``.keras`` archive, whoever's path separators it has."""
    with zipfile.ZipFile(path) as archive:
        members = {name.replace("\\", "/"): name for name in archive.namelist()}
        if "config.json" not in members:
            raise CannotTranslateError("no config.json in the archive")
        config = json.loads(archive.read(members["config.json"]).decode("utf-8"))
        metadata = {}
        if "metadata.json" in members:
            metadata = json.loads(archive.read(members["metadata.json"]).decode("utf-8"))
        saved = Saved(config, metadata.get("keras_version", ""))
        saved.training = config.get("compile_config")
        if "model.weights.h5" in members:
            data = io.BytesIO(archive.read(members["model.weights.h5"]))
            with h5py.File(data, "r") as stream:
                read_arrays_of(saved, stream)
                saved.slots = _slots_of_tree(saved)
                saved.optimizer = bool(saved.slots)
        for clean, name in members.items():
            if clean.startswith("assets/") and not clean.endswith("/"):
                saved.assets[clean[len("assets/") :]] = archive.read(name)
            if "\\" in name:
                saved.windows = True
    return saved


def _slots_of_tree(saved):
    """The optimizer's variables, which the V3 layout only numbers."""
    found = ((saved.tree or {}).get("optimizer") or {}).get("vars") or {}
    return [(key, found[key]) for key in sorted(found, key=numbered)]


def read_text(path):
    """An architecture as JSON."""
    with open(path, encoding="utf-8", errors="strict") as stream:
        text = stream.read()
    try:
        config = json.loads(text)
    except ValueError:
        config = yaml_of(text, path)
    if isinstance(config, str):  # some people write json.dumps(model.to_json())
        config = json.loads(config)
    if not isinstance(config, dict):
        raise CannotTranslateError("%s is not a model" % os.path.basename(path))
    if "modelTopology" in config:
        return read_javascript(path, config)
    return Saved(config, config.get("keras_version", ""), config.get("backend", ""))


def read_javascript(path, found):
    """A layers model of TensorFlow.js, whose arrays go by the names of layers."""
    config, version, layers = read_tfjs(path, found)
    if config is None:
        raise CannotTranslateError("a graph model of TensorFlow.js: there are no layers in it")
    saved = Saved(config, version, "tensorflow")
    saved.by_layer = {name: [array for _, array in arrays] for name, arrays in layers.items()}
    return saved


def yaml_of(text, path):
    """A YAML architecture, which the maker of this script wrote as JSON: h5py needs no PyYAML."""
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if digest not in YAML_AS_JSON:
        raise CannotTranslateError("%s is neither JSON nor a saved model" % os.path.basename(path))
    return json.loads(YAML_AS_JSON[digest])


def add_weights(saved, path):
    """The arrays of a second file."""
    with h5py.File(path, "r") as stream:
        group = stream["model_weights"] if "model_weights" in stream else stream
        version = text_of(
            group.attrs.get("keras_version", "") or stream.attrs.get("keras_version", "")
        )
        saved.version = version or saved.version
        saved.backend = text_of(group.attrs.get("backend", "")) or saved.backend
        read_arrays_of(saved, group)


def arrays_below(node):
    """All arrays of one layer in the V3 layout: its own first, then those of its parts."""
    found = []
    own = node.get("vars")
    if isinstance(own, dict):
        found.extend(
            own[key] for key in sorted(own, key=numbered) if not isinstance(own[key], dict)
        )
    for key in sorted((key for key in node if key != "vars"), key=part_rank):
        if isinstance(node[key], dict) and "seed_generator" not in key:
            found.extend(arrays_below(node[key]))
    return found


def numbered(key):
    """Sort ``10`` behind ``9``."""
    return (int(key), "") if key.isdigit() else (1 << 30, key)


def part_rank(key):
    """The place of a layer's part among the others."""
    clean = key.lstrip("_")
    if clean in PART_ORDER:
        return (PART_ORDER.index(clean), 0, clean)
    found = re.match(r"(.*?)_?(\d*)$", clean)
    return (len(PART_ORDER), int(found.group(2) or 0), clean)
