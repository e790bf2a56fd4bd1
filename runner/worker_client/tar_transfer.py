"""Files to and from a container as tars: nothing of ours is followed, nothing of theirs trusted."""

from __future__ import annotations

import os
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

IN_MEMORY = 32 << 20  # bytes; a larger parcel lies in a temporary file
CHUNK = 1 << 20


class Refused(Exception):  # noqa: N818 - a fact about a parcel, not our error
    """What a container sent is not what was asked for."""


def packed(items: Iterable[tuple[Path, str]]) -> IO[bytes]:
    """Files and folders under the names given. Links are packed as links, never followed."""
    sink = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, name in items:
            tar.add(path, arcname=name, filter=_anonymous)
    return sink


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """No owners; files and folders the container may read; nothing but files, folders, links."""
    if not (member.isfile() or member.isdir() or member.issym()):
        return None  # a device or a pipe is nobody's model
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def chunks(parcel: IO[bytes]) -> Iterator[bytes]:
    """Yield a parcel from its beginning."""
    parcel.seek(0)
    while data := parcel.read(CHUNK):
        yield data


def size(parcel: IO[bytes]) -> int:
    """Return a parcel's length in bytes."""
    return parcel.seek(0, os.SEEK_END)


def unpack(parcel: IO[bytes], folder: Path, wanted: frozenset[str], *, limit: int) -> list[str]:
    """Take the ``wanted`` files, and what lies below wanted folders, into ``folder``.

    Only plain files of at most ``limit`` bytes together. Returns what was refused, in words.
    """
    refused = []
    left = limit
    parcel.seek(0)
    try:
        with tarfile.open(fileobj=parcel, mode="r:") as tar:
            for member in tar:
                try:
                    left -= _take(tar, member, folder, wanted, left)
                except Refused as reason:
                    refused.append(str(reason))
    except (tarfile.TarError, OSError, ValueError) as error:
        refused.append(f"what the container sent cannot be read: {error}")
    return refused


def _take(
    tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, wanted: frozenset[str], left: int
) -> int:
    name = PurePosixPath(member.name)
    inside = {str(name), *(str(parent) for parent in name.parents)} & wanted
    if name.is_absolute() or ".." in name.parts or "\\" in member.name or not inside:
        raise Refused(f"a file with the name {member.name!r}")
    target = folder.joinpath(*name.parts)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    content = tar.extractfile(member) if member.isreg() else None
    if content is None:
        raise Refused(f"{member.name!r}, which is a link or a device")
    if member.size > left:
        raise Refused(f"{member.name!r}: {member.size} bytes are more than is taken")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as sink:
        while data := content.read(CHUNK):
            sink.write(data)
    return member.size
