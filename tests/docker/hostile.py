"""Artifacts that nobody should open outside a sandbox, made for the tests that do it inside."""

import json
import subprocess
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np

from runner.environments.interpreters import find_interpreter

PAYLOAD = Path(__file__).with_name("payload.py")
ZEROS = bytes(1 << 24)


def lambda_h5(folder, attack):
    """A Keras 2.3 model that runs ``attack`` as soon as it is loaded."""
    python = find_interpreter("3.7")
    code = subprocess.run(
        [python, PAYLOAD, attack], capture_output=True, text=True, check=True
    ).stdout.strip()
    layer = {
        "name": "lambda_1",
        "trainable": True,
        "batch_input_shape": [None, 3],
        "dtype": "float32",
        "function": [code, None, None],
        "function_type": "lambda",
        "output_shape": [3],
        "output_shape_type": "raw",
        "arguments": {},
    }
    config = {"name": "m", "layers": [{"class_name": "Lambda", "config": layer}]}
    folder.mkdir()
    with h5py.File(folder / "model.h5", "w") as file:
        # Bytes of a fixed length: Keras of that time decodes what it reads.
        text = json.dumps({"class_name": "Sequential", "config": config})
        file.attrs["model_config"] = np.bytes_(text)
        file.attrs["keras_version"] = np.bytes_("2.3.1")
        file.attrs["backend"] = np.bytes_("theano")
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"lambda_1"]
        weights.attrs["keras_version"] = np.bytes_("2.3.1")
        weights.attrs["backend"] = np.bytes_("theano")
        weights.create_group("lambda_1").attrs["weight_names"] = []
    return folder


def absurd_h5(folder):
    """A real artifact whose arrays claim a thousand billion rows; the file stays small."""

    def blow_up(name, item):
        if isinstance(item, h5py.Dataset):
            sets.append(name)

    sets = []
    with h5py.File(folder / "model.h5", "a") as file:
        file.visititems(blow_up)
        for name in sets:
            del file[name]
            file.create_dataset(name, shape=(1 << 40, 8), dtype="f4", chunks=(1024, 8))
    return folder


def outside_h5(folder, target):
    """A real artifact whose arrays lie in another file: HDF5's external storage."""
    sets = []
    with h5py.File(folder / "model.h5", "a") as file:
        file.visititems(lambda name, item: sets.append(name) if hasattr(item, "shape") else None)
        for name in sets:
            shape = file[name].shape
            del file[name]
            external = [(str(target), 0, h5py.h5f.UNLIMITED)]
            file.create_dataset(name, shape=shape, dtype="f4", external=external)
    return folder


def linked(folder, target):
    """An artifact that is a link to somewhere else."""
    folder.mkdir()
    (folder / "model.h5").symlink_to(target)
    return folder


def climbing_zip(folder):
    """A real .keras with members that climb out of it."""
    with zipfile.ZipFile(folder / "model.keras", "a") as file:
        for name in ("../../kmatrix-was-here", "/kmatrix-was-here", "../model.weights.h5"):
            file.writestr(name, "here")
    return folder


def doubled_zip(folder):
    """A real .keras with its configuration twice; the second is another model's."""
    with zipfile.ZipFile(folder / "model.keras", "a") as file:
        config = json.loads(file.read("config.json"))
        config["config"]["name"] = "somebody_else"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the name is there twice on purpose
            file.writestr("config.json", json.dumps(config))
    return folder


def bomb_zip(folder, gigabytes):
    """A real .keras whose weights unpack to some gigabytes of nothing."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path) as file:
        kept = {name: file.read(name) for name in ("config.json", "metadata.json")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in kept.items():
            file.writestr(name, content)
        with file.open("model.weights.h5", "w", force_zip64=True) as sink:
            for _ in range(gigabytes << 6):
                sink.write(ZEROS)
    return folder
