"""What a repository says about Python, TensorFlow, Keras and what goes with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from runner.model.keras_identity import TENSORFLOW_RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILY = (*TENSORFLOW_RELEASES, "keras", "tf-keras", "jax", "torch", "theano")
PINNED_TOO = ("numpy", "h5py", "protobuf")  # what has broken loading without Keras changing
PACKAGES = frozenset({*FAMILY, *PINNED_TOO})


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """One place that names a package. ``where``: a file, and its line if it has lines."""

    package: str
    specifier: SpecifierSet
    where: str
    lock: bool = False  # from a lock file: what is really installed

    @property
    def exact(self) -> str | None:
        """The version where only one will do."""
        for one in self.specifier:
            if one.operator in {"==", "==="} and not one.version.endswith(".*"):
                return one.version
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """Everything that was found."""

    mentions: tuple[Mention, ...] = ()
    python: SpecifierSet = field(default_factory=SpecifierSet)
    python_where: str | None = None
    unread: tuple[str, ...] = ()  # files that are not what their name says

    def of(self, *packages: str) -> tuple[Mention, ...]:
        """Mentions of these packages; only those of locks, if there are any."""
        found = tuple(one for one in self.mentions if one.package in packages)
        locked = tuple(one for one in found if one.lock)
        return locked or found

    def exact(self, *packages: str) -> tuple[Mention, ...]:
        """Each exact version once, oldest first."""
        found: dict[Version, Mention] = {}
        for one in self.of(*packages):
            if one.exact is not None and (version := _version(one.exact)) is not None:
                found.setdefault(version, one)
        return tuple(found[version] for version in sorted(found))


def mention(package: str, specifier: str, where: str, *, lock: bool = False) -> Mention | None:
    """Return a mention, or None for a version that is none."""
    try:
        return Mention(
            package=canonicalize_name(package),
            specifier=SpecifierSet(specifier),
            where=where,
            lock=lock,
        )
    except ValueError:
        return None


def known_minors(mentions: Iterable[Mention], newest: dict[str, str]) -> list[str]:
    """Of the minor versions in ``newest`` (minor to patch) those that every mention allows."""
    wanted = list(mentions)
    return [
        minor
        for minor in sorted(newest, key=Version)
        if all(one.specifier.contains(newest[minor], prereleases=True) for one in wanted)
    ]


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
