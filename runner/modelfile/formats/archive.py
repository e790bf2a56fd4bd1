"""The members of a zip, read within bounds; stored ones through a window, without a copy."""

from __future__ import annotations

import io
import mmap
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from runner.modelfile import limits
from runner.modelfile import printable as text

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = b"PK\x03\x04"
CHUNK = 1 << 20
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,  # encrypted
    struct.error,
    MemoryError,
)


BROKEN = (zipfile.BadZipFile, zlib.error, EOFError)  # of FAULTS, what a changed byte causes
END = b"PK\x05\x06"


class NotReadable(ValueError):  # noqa: N818 - a fact about a file
    """A zip or a member that cannot be unpacked here: encrypted, or packed by another method."""


class Damaged(NotReadable):
    """Its checksum is wrong, its packed bytes are not valid, or its end is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Members:
    """An open zip's table of contents."""

    file: zipfile.ZipFile
    infos: dict[str, zipfile.ZipInfo]

    def read(self, name: str, limit: int = limits.CONFIG_BYTES) -> bytes:
        """One member, unpacked. Raises NotReadable, and TooMuch above ``limit`` bytes."""
        try:
            with self.file.open(self.infos[name]) as stream:
                data = stream.read(limit + 1)
        except FAULTS as error:
            raise _fault(name, error) from error
        if len(data) > limit:
            raise limits.TooMuch(f"{text.clean(name)} is larger than {text.size(limit)} unpacked")
        return data

    def open(self, name: str, path: Path) -> BinaryIO:
        """One member as a file to seek in. Raises as ``read``."""
        info = self.infos[name]
        if info.compress_type == zipfile.ZIP_STORED:
            return cast("BinaryIO", Window(path, _begin(path, info), info.file_size))
        if info.file_size > limits.UNPACKED_BYTES:
            raise limits.TooMuch(
                f"{text.clean(name)} would be {text.size(info.file_size)} unpacked"
            )
        target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        left = info.file_size
        try:
            with self.file.open(info) as stream:
                while left > 0 and (data := stream.read(min(CHUNK, left))):
                    target.write(data)
                    left -= len(data)
        except FAULTS as error:
            target.close()
            raise _fault(name, error) from error
        return target

    def check(self, name: str) -> None:
        """Compare a member with its checksum. Raises as ``read``."""
        try:
            with self.file.open(self.infos[name]) as stream:
                while stream.read(CHUNK):
                    pass
        except FAULTS as error:
            raise _fault(name, error) from error


def _fault(name: str, error: Exception) -> NotReadable:
    kind = Damaged if isinstance(error, BROKEN) else NotReadable
    return kind(f"{text.clean(name)}: {text.clean(error)}")


def open_zip(path: Path) -> Members:
    """Return the table of contents. Raises NotReadable, and TooMuch for too many members."""
    try:
        file = zipfile.ZipFile(path)
    except FAULTS as error:
        if isinstance(error, BROKEN) and not _has_end(path):
            raise Damaged("the zip has lost its end") from error
        raise NotReadable(text.clean(error)) from error
    infos = {one.filename: one for one in file.infolist() if not one.filename.endswith("/")}
    if len(infos) > limits.MEMBERS:
        file.close()
        raise limits.TooMuch(f"the zip has more than {limits.MEMBERS:,} members")
    return Members(file=file, infos=infos)


def _has_end(path: Path) -> bool:
    """Whether the record that ends a zip is anywhere in the file."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.rfind(END) >= 0


def _begin(path: Path, info: zipfile.ZipInfo) -> int:
    with path.open("rb") as stream:
        stream.seek(info.header_offset)
        header = stream.read(30)
    if len(header) < 30 or not header.startswith(LOCAL):
        raise Damaged(f"{text.clean(info.filename)}: no local header")
    name, extra = struct.unpack_from("<HH", header, 26)
    return int(info.header_offset) + 30 + int(name) + int(extra)


class Window(io.RawIOBase):
    """A part of a file as a file."""

    def __init__(self, path: Path, begin: int, size: int) -> None:
        self._file = path.open("rb")
        self._begin = begin
        end = self._file.seek(0, io.SEEK_END)
        self._size = max(0, min(size, end - begin))
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within the window; never before its begin."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place in the window."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as the window goes."""
        count = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._begin + self._at)
        data = self._file.read(count)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file under it."""
        self._file.close()
        super().close()


def rescue(path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """Small stored members at the front of a zip that lost its end, by their local headers."""
    found: dict[str, bytes] = {}
    with path.open("rb") as stream:
        for _ in range(16):
            header = stream.read(30)
            if len(header) < 30 or not header.startswith(LOCAL):
                break
            flags, method = struct.unpack_from("<HH", header, 6)
            packed, _size, name_length, extra = struct.unpack_from("<IIHH", header, 18)
            name = stream.read(name_length).decode("utf-8", "replace")
            stream.seek(extra, io.SEEK_CUR)
            if flags & 0x08 or packed > limits.CONFIG_BYTES:
                break
            data = stream.read(packed)
            if name in wanted and method == 0 and len(data) == packed:
                found[name] = data
    return found
