"""Artifacts in content-addressed folders: written whole, read-only, handed out as copies."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredArtifact:
    """What a saver wrote. ``files``: path inside the artifact and bytes."""

    digest: str
    folder: Path
    files: tuple[tuple[str, int], ...]

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(size for _, size in self.files)


def folder_digest(folder: Path) -> str:
    """sha256 over the sorted paths and contents of all files; empty folders do not count."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        found.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return found.hexdigest()


class DamagedArtifactError(Exception):
    """An artifact is gone from the store, or its content no longer has its digest."""


class ArtifactFolder:
    """``root/ab/abcdef…/`` for each artifact; several processes may write at once.

    Loaders never see these folders: they get a copy, and may write there. The files are read-only
    as well, which keeps other programs away, but not those of root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._checked: set[str] = set()

    def path(self, digest: str) -> Path:
        """Where an artifact of this digest lies, whether it is there or not."""
        return self._root / digest[:2] / digest

    def add(self, folder: Path) -> StoredArtifact:
        """Move ``folder`` in; an artifact with the same content stays as it is."""
        digest = folder_digest(folder)
        target = self.path(digest)
        if self.get(digest) is None:
            shutil.rmtree(target, ignore_errors=True)  # damaged: same name, other content
            target.parent.mkdir(parents=True, exist_ok=True)
            _make_read_only(folder)
            try:
                folder.rename(target)
            except OSError:
                if not target.is_dir():  # not another process that was first
                    raise
        self._checked.add(digest)
        return self._describe(digest)

    def copy(self, digest: str, target: Path) -> None:
        """Copy an artifact to ``target``, a new folder that a loader may write to.

        Raises DamagedArtifactError where the copy does not have the digest.
        """
        target.mkdir(parents=True)
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile: the digest tells
            _copy_files(self.path(digest), target)
        if not self.path(digest).is_dir() or folder_digest(target) != digest:
            self._checked.discard(digest)
            raise DamagedArtifactError(f"artifact {digest[:12]} is gone or damaged in the store")

    def get(self, digest: str) -> StoredArtifact | None:
        """Return the artifact; None when it is missing or its content has another digest."""
        folder = self.path(digest)
        if not folder.is_dir():
            return None
        if digest not in self._checked:
            if folder_digest(folder) != digest:
                return None
            self._checked.add(digest)
        return self._describe(digest)

    def has(self, digest: str) -> bool:
        """Whether ``get`` would find it."""
        if digest in self._checked:
            return self.path(digest).is_dir()
        return self.get(digest) is not None

    def _describe(self, digest: str) -> StoredArtifact:
        folder = self.path(digest)
        files = tuple(
            (path.relative_to(folder).as_posix(), path.stat().st_size)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        )
        return StoredArtifact(digest=digest, folder=folder, files=files)


def _copy_files(source: Path, target: Path) -> None:
    """Content only: the copies have the modes of new files."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)


def _make_read_only(folder: Path) -> None:
    """Files only: ``rm -r`` of a build folder must not need a ``chmod`` first."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o444)
