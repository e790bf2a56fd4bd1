"""The releases of a package that a search goes over, in order, and the Python of each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NEAREST = 3  # releases that a message names


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What the index offers for one Python. ``wheels``: the versions that need no compiler."""

    python: str
    versions: frozenset[Version]
    wheels: frozenset[Version]


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release, and the Python of the environment that it is installed in."""

    version: Version
    python: str

    def __str__(self) -> str:
        return str(self.version)


@dataclass(frozen=True, kw_only=True, slots=True)
class Releases:
    """All releases of a package, oldest first."""

    package: str
    all: tuple[Release, ...]

    def index(self, text: str, option: str) -> int:
        """Return the index of a version that the user names. Raises ToolError (2)."""
        wanted = version_of(text, option)
        for index, one in enumerate(self.all):
            if one.version == wanted:
                return index
        place = self.at_most(wanted)
        near = ", ".join(map(str, self.all[max(0, place - 1) : place + NEAREST - 1]))
        raise ToolError(
            f"{option} {text}: not among the releases of {self.package} that the index offers "
            f"here; near it: {near}",
            exit_code=ExitCode.USAGE,
        )

    def at_most(self, version: Version) -> int:
        """Return the newest release that is not newer than a version; the oldest where all are."""
        found = [index for index, one in enumerate(self.all) if one.version <= version]
        return found[-1] if found else 0


def version_of(text: str, option: str) -> Version:
    """Return a version that the user names. Raises ToolError (2)."""
    try:
        return Version(text)
    except InvalidVersion as error:
        raise ToolError(f"{option} {text}: not a version", exit_code=ExitCode.USAGE) from error


def releases(package: str, offered: Sequence[Offered], *, held: str, prereleases: bool) -> Releases:
    """Unite what the index offers for several Pythons. held: the Python of the environment.

    A release gets the held Python if the index has a wheel for it; else the nearest Python that
    it has a wheel for; a release without any wheel is built with the held one.
    """
    order = sorted(offered, key=lambda one: distance(one.python, held))
    chosen: dict[Version, str] = {}
    for wheels in (True, False):
        for one in order:
            for version in one.wheels if wheels else one.versions:
                chosen.setdefault(version, one.python)
    kept = sorted(v for v in chosen if prereleases or not v.is_prerelease)
    return Releases(
        package=package,
        all=tuple(Release(version=version, python=chosen[version]) for version in kept),
    )


def distance(python: str, held: str) -> tuple[int, bool]:
    """How far one Python is from another, in minor versions; an older one is preferred."""
    minor, own = (int(text.split(".")[1]) for text in (python, held))
    return abs(minor - own), minor > own


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageChange:
    """A package that two locks have at different versions. None: not in that lock."""

    name: str
    before: str | None
    after: str | None


def changes(
    before: Mapping[str, str], after: Mapping[str, str], *, apart_from: Iterable[str]
) -> tuple[PackageChange, ...]:
    """Return what differs between two locks."""
    left_out = set(apart_from)
    return tuple(
        PackageChange(name=name, before=before.get(name), after=after.get(name))
        for name in sorted({*before, *after} - left_out)
        if before.get(name) != after.get(name)
    )
