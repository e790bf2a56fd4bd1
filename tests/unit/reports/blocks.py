"""A reader of the page's blocks, written as ``templates/data.js`` is."""

import base64
import json
import struct
import zlib

CODES = {"u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i"}


def read_block(text):
    raw = zlib.decompress(base64.b64decode(text))
    (size,) = struct.unpack_from("<I", raw)
    data = json.loads(raw[4 : 4 + size])
    for name, (kind, at, length) in data["columns"].items():
        assert (4 + size + at) % 4 == 0  # a typed array wants it so
        data["columns"][name] = struct.unpack_from(f"<{length}{CODES[kind]}", raw, 4 + size + at)
    return data
