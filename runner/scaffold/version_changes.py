"""What a change of a repository does to the versions that saved models depend on. Pure.

The files of a folder belong together: where one of them is a lock, the lock says what is
installed, and a change of what others ask for changes nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from runner.model.keras_identity import (
    KERAS_PACKAGES,
    LEGACY_PACKAGES,
    TENSORFLOW_PACKAGES,
    parse_version,
)
from runner.modelfile.addons import load_addons
from runner.scaffold.declared import read_declared
from runner.scaffold.repository import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.scaffold.repository import Mention

NOTHING = Version("0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """What a file asks for of one package. ``version``: where only one will do."""

    package: str
    specifier: str
    version: str | None
    lock: bool

    @property
    def requirement(self) -> str:
        """As a requirements file has it."""
        return f"{self.package}{self.specifier}"


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionChange:
    """One file, before and after. Pins are sorted by package."""

    path: str
    before: tuple[Pin, ...]
    after: tuple[Pin, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The packages whose pin differs."""
        old, new = ({pin.package: pin for pin in side} for side in (self.before, self.after))
        return tuple(
            name
            for name in sorted(old.keys() | new.keys())
            if _text(old.get(name)) != _text(new.get(name))
        )

    @property
    def words(self) -> str:
        """``tensorflow 2.15.1 -> 2.16.2, numpy added (<2)``."""
        old, new = ({pin.package: pin for pin in side} for side in (self.before, self.after))
        return ", ".join(_words(name, old.get(name), new.get(name)) for name in self.changed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All changes, and what a person should know about how they were found."""

    changes: tuple[VersionChange, ...]
    notes: tuple[str, ...]


def watched_packages() -> frozenset[str]:
    """Return the packages whose versions decide how models load, add-on libraries included."""
    addons = {addon.package for addon in load_addons()}
    named = {*TENSORFLOW_PACKAGES, *KERAS_PACKAGES, *LEGACY_PACKAGES, "jaxlib"}
    return frozenset({*PACKAGES, *named, *addons})


def compare_files(before: Mapping[str, str], after: Mapping[str, str]) -> Comparison:
    """Return the changes between two states of the files of a repository, by their paths."""
    notes: list[str] = []
    old, new = _pins(before, "before", notes), _pins(after, "after", notes)
    locked = {_folder(path) for path, pins in new.items() if any(pin.lock for pin in pins)}
    found: dict[tuple[tuple[Pin, ...], tuple[Pin, ...]], VersionChange] = {}
    for path in sorted(old.keys() & new.keys()):
        change = VersionChange(path=path, before=old[path], after=new[path])
        is_lock = any(pin.lock for pin in new[path])
        if change.changed and (is_lock or _folder(path) not in locked):
            found.setdefault((change.before, change.after), change)
    notes += [
        f"{path}: only on one side, so that there is nothing to compare it with"
        for path in sorted(new.keys() ^ old.keys())
        if old.get(path) or new.get(path)
    ]
    return Comparison(changes=tuple(found.values()), notes=tuple(dict.fromkeys(notes)))


def _pins(files: Mapping[str, str], side: str, notes: list[str]) -> dict[str, tuple[Pin, ...]]:
    """Return what each file pins of the watched packages; files without any have none."""
    packages = watched_packages()
    found = {}
    for path, text in files.items():
        declared = read_declared({path: text}, packages=packages)
        if declared.unread:
            notes.append(f"{path}: could not be read {side} the change")
            continue
        named: dict[str, list[Mention]] = {}
        for one in declared.mentions:
            named.setdefault(one.package, []).append(one)
        for name, several in named.items():
            if len({str(one.specifier) for one in several}) > 1:
                notes.append(f"{path}: several versions of {name}; the newest is taken")
        found[path] = tuple(_pin(name, named[name]) for name in sorted(named))
    return found


def _pin(name: str, mentions: list[Mention]) -> Pin:
    chosen = max(mentions, key=lambda one: parse_version(one.exact) or NOTHING)
    return Pin(
        package=name, specifier=str(chosen.specifier), version=chosen.exact, lock=chosen.lock
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _text(pin: Pin | None) -> str | None:
    return pin.specifier if pin is not None else None


def _words(name: str, old: Pin | None, new: Pin | None) -> str:
    def shown(pin: Pin) -> str:
        return pin.version or pin.specifier or "any version"

    if old is None or new is None:
        side, word = (new, "added") if old is None else (old, "removed")
        return f"{name} {word} ({shown(side)})" if side is not None else name
    return f"{name} {shown(old)} -> {shown(new)}"
