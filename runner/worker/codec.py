"""Arrays as JSON, and files written whole or not at all."""

import base64
import hashlib
import json
import os

import numpy as np


def encode(array):
    """An array to ``{"dtype", "shape", "data"}``; data is base64 of little-endian C order."""
    array = np.asarray(array)
    if array.dtype.kind not in "fiub":
        array = array.astype("float32")  # bfloat16 and the like, which NumPy does not know
    plain = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    data = base64.b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(array.shape), "data": data}


def decode(item):
    """The reverse of ``encode``."""
    raw = base64.b64decode(item["data"])
    return np.frombuffer(raw, dtype=np.dtype(item["dtype"])).reshape(item["shape"]).copy()


def digest(array):
    """sha256 over shape and little-endian bytes; floats as float32, so that only values count."""
    array = np.asarray(array)
    if array.dtype.kind == "f" or array.dtype.kind not in "iub":
        array = array.astype("<f4")
    else:
        array = array.astype("<i8")
    found = hashlib.sha256(repr(tuple(int(n) for n in array.shape)).encode("ascii"))
    found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def write_json(path, value):
    """Write ``value`` to ``path`` in one step: a reader sees all of it or no file."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(value, stream)
    os.replace(temporary, path)
