"""The first block of an HDF5 file, read without the library: importing that takes 0.2 s."""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Superblock:
    """The first block of a file: where its addresses begin, and the length that it states."""

    base: int
    length: int


def superblock(head: bytes) -> Superblock | None:
    """Return the superblock of a file that begins with one; None where its version is not known."""
    if not head.startswith(MAGIC) or len(head) < 60:
        return None
    version = head[8]
    if version in (0, 1) and head[13] == 8:  # the size of offsets
        base = 24 if version == 0 else 28
    elif version in (2, 3) and head[9] == 8:
        base = 12
    else:
        return None
    (first,) = struct.unpack_from("<Q", head, base)
    (end,) = struct.unpack_from("<Q", head, base + 16)
    return Superblock(base=int(first), length=int(end))
