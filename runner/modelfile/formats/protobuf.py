"""Protocol buffers on the wire: fields of a message, without schemas or generated code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Field = tuple[int, "int | memoryview"]
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
GROUPS = (3, 4)


class NotProtobuf(ValueError):  # noqa: N818 - a fact about bytes
    """The bytes are no message, or one that was cut off or damaged."""


class NotSupported(NotProtobuf):
    """A message may hold this, and this reader does not read it: groups, which nobody writes."""


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number and the place behind it. Raises NotProtobuf."""
    value = shift = 0
    while shift < 70:
        if at >= len(data):
            raise NotProtobuf("it ends inside a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise NotProtobuf("a number is too long")


def fields(data: memoryview) -> Iterator[Field]:
    """Yield the fields of one message in order: number, and an int or the bytes.

    Raises NotProtobuf.
    """
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if not number:
            raise NotProtobuf("a field has the number 0")
        if wire == VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if wire == BYTES:
            length, at = varint(data, at)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        elif wire in GROUPS:
            raise NotSupported("a field is a group")
        else:
            raise NotProtobuf(f"a field has the type {wire}")
        if length > len(data) - at:
            raise NotProtobuf("it ends inside a field")
        piece = data[at : at + length]
        at += length
        yield number, piece if wire == BYTES else int.from_bytes(piece, "little")


def messages(data: memoryview, wanted: int) -> Iterator[memoryview]:
    """All submessages with the field number ``wanted``."""
    for number, value in fields(data):
        if number == wanted and isinstance(value, memoryview):
            yield value


def first(data: memoryview, *path: int) -> memoryview | None:
    """Return the submessage at a path of field numbers; None where one is missing."""
    for wanted in path:
        found = next(messages(data, wanted), None)
        if found is None:
            return None
        data = found
    return data


def text(data: memoryview, *path: int) -> str | None:
    """Return the string at a path."""
    found = first(data, *path)
    return None if found is None else bytes(found).decode("utf-8", "replace")


def number(data: memoryview, wanted: int) -> int | None:
    """Return the last number with this field number, as a reader of protocol buffers takes it."""
    found = None
    for key, value in fields(data):
        if key == wanted and isinstance(value, int):
            found = value
    return found
