"""Arrays as JSON, and files written whole or not at all."""

import base64
import hashlib
import json
import os
from typing import Any

import numpy as np

from .aliases import Array, Json


def plain(array: Any) -> Array:
    """An array of numbers, of True and False, or of Unicode text.

    TensorFlow gives text as objects of bytes; bfloat16 and the like, which NumPy does not have,
    become float32.
    """
    found: Array = np.asarray(array)
    if found.dtype.kind in "fiubU":
        return found
    if found.dtype.kind in "SO":
        texts = [_text(item) for item in found.ravel().tolist()]
        if None not in texts:
            return np.array(texts or [""], dtype="U")[: len(texts)].reshape(found.shape)
    return np.asarray(found.astype("float32"))


def _text(item: Any) -> Any:
    if isinstance(item, bytes):
        return item.decode("utf-8", "backslashreplace")
    return item if isinstance(item, str) else None


def encode(array: Any) -> Json:
    """An array to ``{"dtype", "shape", "data"}``; data is base64 of little-endian C order."""
    array = plain(array)
    if array.dtype.itemsize == 0:
        array = array.astype("U1")  # only empty texts, whose type would have no size
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode("ascii")
    return {"dtype": little.dtype.str, "shape": list(array.shape), "data": data}


def decode(item: Json) -> Array:
    """The reverse of ``encode``."""
    raw = base64.b64decode(item["data"])
    return np.frombuffer(raw, dtype=np.dtype(item["dtype"])).reshape(item["shape"]).copy()


def digest(array: Any) -> str:
    """sha256 over shape and little-endian bytes; floats as float32, so that only values count."""
    array = plain(array)
    found = hashlib.sha256(repr(tuple(int(n) for n in array.shape)).encode("ascii"))
    if array.dtype.kind == "U":
        found.update(json.dumps(array.ravel().tolist()).encode("ascii"))
        return found.hexdigest()
    array = array.astype("<f4" if array.dtype.kind == "f" else "<i8")
    found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def write_json(path: str, value: Any) -> None:
    """Write ``value`` to ``path`` in one step: a reader sees all of it or no file."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(value, stream)
    os.replace(temporary, path)
