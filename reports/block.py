"""A block of data inside the page: JSON, and columns of whole numbers that need no parsing.

A hundred thousand cells are a dozen columns; as text a browser reads them in a second, as bytes at
once. Layout before it is deflated: four bytes with the length of the JSON, the JSON (filled up to
a multiple of four), the columns one after the other, each starting at a multiple of four; all
numbers little-endian. The JSON's ``columns`` says of each: kind, offset behind the JSON, length.
The reader is ``templates/data.js``.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence  # noqa: TC003 - fields of a noun
from dataclasses import dataclass
from typing import Any

from reports.untrusted_text import writable

ALIGN = 4
# Narrowest first; the reader has a typed array for each. With the type codes of ``array``, which
# is used because the import of NumPy costs as much as writing a small page.
KINDS = {"u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """``data`` has no key ``columns``; those are apart."""

    data: Mapping[str, Any]
    columns: Mapping[str, Sequence[int]]


def packed(block: Block) -> str:
    """As text that holds no character with a meaning in HTML."""
    return base64.b64encode(zlib.compress(_bytes(block), 9)).decode("ascii")


def _bytes(block: Block) -> bytes:
    places: dict[str, tuple[str, int, int]] = {}
    body = bytearray()
    for name, values in block.columns.items():
        kind = _narrowest(values)
        places[name] = (kind, len(body), len(values))
        body += _little_endian(KINDS[kind], values)
        body += b"\0" * (-len(body) % ALIGN)
    data = {**block.data, "columns": places}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    head = writable(text).encode()
    head += b" " * (-len(head) % ALIGN)
    return len(head).to_bytes(ALIGN, "little") + head + bytes(body)


def _little_endian(code: str, values: Sequence[int]) -> bytes:
    column = array(code, values)
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _narrowest(values: Sequence[int]) -> str:
    low, high = min(values, default=0), max(values, default=0)
    for kind in KINDS:
        bits = 8 * int(kind[1])
        signed = kind[0] == "i"
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        if least <= low and high <= most:
            return kind
    raise OverflowError(f"{low} to {high} do not fit in four bytes")
