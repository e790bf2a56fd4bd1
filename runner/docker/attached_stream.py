"""A container's stdin and stdout over one connection that the Engine hands on."""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = struct.Struct(">BxxxL")  # which stream, how many bytes
STDOUT = 1
MOST_ERRORS = 1 << 20  # bytes of stderr that are kept; the rest is thrown away
CHUNK = 1 << 16


class Stream:
    """Bytes in, bytes out. ``output`` is read by one thread; ``send`` may be called by several."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - a socket, or the client's own wrapper
        self._socket = getattr(connection, "_sock", connection)
        self._keep = connection  # closing it would close the socket
        with contextlib.suppress(AttributeError):
            self._socket.settimeout(None)
        self._lock = threading.Lock()
        self.errors = bytearray()
        self.output = io.BufferedReader(_Output(self), CHUNK)

    def send(self, chunks: Iterable[bytes]) -> None:
        """All chunks, nothing of another thread between them. Raises OSError at a closed end."""
        with self._lock:
            for chunk in chunks:
                self._socket.sendall(chunk)

    def receive(self, count: int) -> bytes:
        """Up to ``count`` bytes; none at the end."""
        try:
            return bytes(self._socket.recv(count))
        except (OSError, ValueError):
            return b""

    def close(self) -> None:
        """Hang up: the container's stdin ends."""
        with contextlib.suppress(OSError, AttributeError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._keep.close()
        with contextlib.suppress(OSError):
            self._socket.close()


class _Output(io.RawIOBase):
    """Standard output alone, cut out of the frames in which both streams arrive."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = 0  # bytes of the present frame that are still to come

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever BufferedReader hands over
        while self._left == 0:
            header = self._exactly(HEADER.size)
            if header is None:
                return 0
            kind, size = HEADER.unpack(header)
            if kind == STDOUT:
                self._left = size
            elif not self._keep_errors(size):
                return 0
        data = self._stream.receive(min(self._left, len(buffer)))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def _keep_errors(self, size: int) -> bool:
        while size:
            data = self._stream.receive(min(size, CHUNK))
            if not data:
                return False
            size -= len(data)
            room = MOST_ERRORS - len(self._stream.errors)
            self._stream.errors += data[: max(0, room)]
        return True

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            data = self._stream.receive(count - len(found))
            if not data:
                return None
            found += data
        return found
