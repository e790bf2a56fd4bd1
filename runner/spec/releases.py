"""From a version that somebody wrote to a release the catalogue knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from packaging.version import InvalidVersion, Version

from runner.spec.catalogue import KerasFacts, TensorflowFacts, neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.spec.catalogue import Catalogue
    from runner.spec.entry import Entry

FactsT = TypeVar("FactsT", TensorflowFacts, KerasFacts)
_FULL_FORM = "for a release that kmatrix does not know, write python and requirements yourself"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release(Generic[FactsT]):
    """A release: its minor version, the version to install, and what is known about it."""

    minor: str  # ``2.10``
    version: str  # ``2.10.1``
    exact: bool  # the patch was stated
    facts: FactsT


def tensorflow_release(
    entry: Entry, catalogue: Catalogue, version: str | None
) -> Release[TensorflowFacts] | None:
    """The TensorFlow release of an entry; None if it states none, or after noting a problem."""
    return _release(entry, "tensorflow", version, catalogue.tensorflow)


def keras_release(
    entry: Entry, catalogue: Catalogue, version: str | None
) -> Release[KerasFacts] | None:
    """The Keras release of an entry; None if it states none, or after noting a problem."""
    return _release(entry, "keras", version, catalogue.keras)


def _release(
    entry: Entry, key: str, text: str | None, known: Mapping[str, FactsT]
) -> Release[FactsT] | None:
    if text is None:
        return None
    version = _version(entry, key, text)
    if version is None:
        return None
    minor = f"{version.major}.{version.minor}"
    if minor not in known:
        near = " and ".join(f"'{each}'" for each in neighbours(minor, known))
        entry.problem(key, f"version {text!r} is not known", f"nearest known: {near}; {_FULL_FORM}")
        return None
    facts = known[minor]
    exact = len(version.release) > 2
    if exact and version > Version(facts.newest):
        entry.problem(
            key,
            f"version {text!r} is not known",
            f"newest known of {minor}: '{facts.newest}'; {_FULL_FORM}",
        )
        return None
    return Release(minor=minor, version=text if exact else facts.newest, exact=exact, facts=facts)


def _version(entry: Entry, key: str, text: str) -> Version | None:
    try:
        version = Version(text)
    except InvalidVersion:
        entry.problem(key, f"{text!r} is not a version", "write it as '2.10' or '2.10.1'")
        return None
    if version != Version(version.base_version) or version.epoch:
        entry.problem(
            key,
            f"{text!r} is not a release",
            f"write {'.'.join(map(str, version.release))!r}; {_FULL_FORM}",
        )
        return None
    if len(version.release) < 2:
        entry.problem(key, f"{text!r} has no minor version", f"write it as '{text}.10'")
        return None
    return version
