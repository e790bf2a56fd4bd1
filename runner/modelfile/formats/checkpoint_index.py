"""The index of a TensorFlow checkpoint: a sorted table of names to shapes, read without TF."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.formats import protobuf

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)
FOOTER = 48
UNCOMPRESSED, SNAPPY = 0, 1
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
# Endings and parts of names that hold training state, not the model.
TRAINING = (
    "/.OPTIMIZER_SLOT/",
    "optimizer/",
    "keras_api/metrics/",
    "save_counter/",
    "optimizer_experimental/",
    "_optimizer/",
)
TYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string",
    8: "complex64", 9: "int64", 10: "bool", 11: "qint8", 14: "bfloat16", 17: "uint16",
    18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
}  # fmt: skip


class NotReadable(ValueError):  # noqa: N818 - a fact about a file
    """The bytes are not such a table, or one that was cut off or damaged."""


class NotSupported(ValueError):  # noqa: N818 - a fact about this reader
    """The table may be valid, and this reader cannot decode it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One tensor of a checkpoint."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """The product of the shape."""
        return math.prod(self.shape)

    @property
    def variable(self) -> bool:
        """Whether it is an array of numbers, not a string or the graph of objects."""
        return self.dtype not in ("string", "resource", "variant", "unknown")

    @property
    def training(self) -> bool:
        """Whether it is an optimizer's or a metric's."""
        return any(part in self.name for part in TRAINING) or self.name.startswith("save_counter")


def is_table(tail: bytes) -> bool:
    """Whether a file with this end is such a table."""
    return tail.endswith(MAGIC)


def entries(data: memoryview) -> tuple[Entry, ...]:
    """Read the tensors of an index file. Raises NotReadable and NotSupported."""
    try:
        return tuple(
            _entry(key, value)
            for key, value in _records(data)
            if key  # the empty key holds the bundle's own header
        )
    except (protobuf.NotProtobuf, struct.error, IndexError) as error:
        raise NotReadable(str(error)) from error


def _records(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    if len(data) < FOOTER or bytes(data[-8:]) != MAGIC:
        raise NotReadable("it does not end as an index does")
    footer = data[-FOOTER:]
    _, at = protobuf.varint(footer, 0)
    _, at = protobuf.varint(footer, at)
    offset, at = protobuf.varint(footer, at)
    size, at = protobuf.varint(footer, at)
    count = 0
    for _, handle in _block(data, offset, size):
        begin, at = protobuf.varint(handle, 0)
        length, at = protobuf.varint(handle, at)
        for record in _block(data, begin, length):
            count += 1
            if count > limits.OBJECTS:
                raise NotSupported(f"it has more than {limits.OBJECTS:,} entries")
            yield record


def _block(data: memoryview, offset: int, size: int) -> Iterator[tuple[bytes, memoryview]]:
    """Keys, of which each repeats the beginning of the one before, and their values."""
    if offset + size + 5 > len(data):
        raise NotReadable("a block lies outside of it")
    block = _uncompressed(data[offset : offset + size], data[offset + size])
    if len(block) < 4:
        raise NotReadable("a block is damaged")
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise NotReadable("a block is damaged")
    key, at = b"", 0
    while at < end:
        shared, at = protobuf.varint(block, at)
        unshared, at = protobuf.varint(block, at)
        length, at = protobuf.varint(block, at)
        if shared > len(key) or at + unshared + length > end or shared + unshared > 1 << 16:
            raise NotReadable("a block is damaged")
        key = key[:shared] + bytes(block[at : at + unshared])
        at += unshared
        yield key, block[at : at + length]
        at += length


def _uncompressed(block: memoryview, compression: int) -> memoryview:
    """Decode a block by the type in the byte behind it (tensorflow/core/lib/io/format.h)."""
    if compression == UNCOMPRESSED:
        return block
    if compression != SNAPPY:
        raise NotSupported(f"its blocks have compression {compression}, which is not read here")
    from cramjam import DecompressionError, snappy  # noqa: PLC0415 - most files do not need it

    try:
        if snappy.decompress_raw_len(block) > limits.ATTRIBUTE_BYTES:
            raise NotSupported("a compressed block is larger than is read here")
        return memoryview(bytes(snappy.decompress_raw(block)))
    except DecompressionError as error:
        raise NotReadable(f"a compressed block is damaged ({error})") from error


def _entry(key: bytes, value: memoryview) -> Entry:
    shape: list[int] = []
    found = protobuf.first(value, 2)
    if found is not None:
        shape = [protobuf.number(one, 1) or 0 for one in protobuf.messages(found, 2)]
    dtype = TYPES.get(protobuf.number(value, 1) or 0, "unknown")
    return Entry(
        name=text.clean(key.decode("utf-8", "replace"), 400), dtype=dtype, shape=tuple(shape)
    )
