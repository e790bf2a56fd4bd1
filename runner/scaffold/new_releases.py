"""What is new: versions of the index against the catalogue's and the matrix's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.config.catalogue import Catalogue


class Kind(StrEnum):
    """What a release is to the catalogue."""

    MINOR = "a new minor version"
    PRERELEASE = "a pre-release of a new minor version"
    PATCH = "a newer patch"
    BACKEND = "a newer backend"  # nothing of the catalogue's: a pin or a lock holds it


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A release that kmatrix does not know yet."""

    package: str  # tensorflow, keras, tf-keras, jax or torch
    version: str
    minor: str  # ``2.22``
    kind: Kind
    known: str  # the newest that is known: of that minor for a patch, else of all
    wheel: str  # the package to install: tensorflow-cpu where it has that version


def find_news(
    catalogue: Catalogue, index: Mapping[str, Sequence[Version]], locked: Mapping[str, str]
) -> tuple[Release, ...]:
    """Releases newer than what is known, by package and version.

    index: package to its versions. locked: backend packages to the newest version in a lock.
    """
    tensorflow = {*index["tensorflow"], *index["tensorflow-cpu"]}
    known_tf = {minor: facts.newest for minor, facts in catalogue.tensorflow.items()}
    known_keras = {
        minor: facts.newest
        for minor, facts in catalogue.keras.items()
        if facts.kind.separate  # these follow from TensorFlow's
    }
    legacy = {m: facts.tf_keras for m, facts in catalogue.tensorflow.items() if facts.tf_keras}
    cpu = set(index["tensorflow-cpu"])
    found = [
        *_compare("tensorflow", tensorflow, known_tf, cpu),
        *_compare("keras", index["keras"], known_keras),
        # A minor that TensorFlow does not have yet comes with it.
        *(r for r in _compare("tf-keras", index["tf-keras"], legacy) if r.kind is Kind.PATCH),
        *_backends(index, locked),
    ]
    return tuple(found)


def _compare(
    package: str,
    versions: Iterable[Version],
    known: Mapping[str, str],
    cpu: set[Version] | None = None,
) -> list[Release]:
    newest = max(known, key=Version)
    found = []
    for minor, version in _newest_by_minor(versions).items():
        if minor in known:
            kind, before = Kind.PATCH, known[minor]
        elif Version(minor) > Version(newest):
            kind = Kind.PRERELEASE if version.is_prerelease else Kind.MINOR
            before = known[newest]
        else:
            continue  # older than the oldest, or left out on purpose
        if version > Version(before):
            found.append(
                Release(
                    package=package,
                    version=str(version),
                    minor=minor,
                    kind=kind,
                    known=before,
                    wheel="tensorflow-cpu" if cpu and version in cpu else package,
                )
            )
    return found


def _newest_by_minor(versions: Iterable[Version]) -> dict[str, Version]:
    """Return the newest final release of each minor version, else the newest pre-release."""
    found: dict[str, Version] = {}
    for version in sorted(versions, key=lambda one: (not one.is_prerelease, one)):
        found[f"{version.major}.{version.minor}"] = version
    return dict(sorted(found.items(), key=lambda item: Version(item[0])))


def _backends(index: Mapping[str, Sequence[Version]], locked: Mapping[str, str]) -> list[Release]:
    found = []
    for package, known in sorted(locked.items()):
        finals = [version for version in index[package] if not version.is_prerelease]
        newest = max(finals, default=Version("0"))
        if newest > Version(known):
            found.append(
                Release(
                    package=package,
                    version=str(newest),
                    minor=f"{newest.major}.{newest.minor}",
                    kind=Kind.BACKEND,
                    known=known,
                    wheel=package,
                )
            )
    return found
