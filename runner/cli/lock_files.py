"""Write locks: resolve installations to exact versions, next to the matrix file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner import child_processes
from runner.cli.project import installations_of
from runner.environments.interpreters import find_interpreter
from runner.environments.locks import is_bundled, lock_path, lock_text, own_lock, read_lock
from runner.environments.resolver import resolve
from runner.model.builds import LockState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from runner.model.matrix import Environment, Installation

SIDE_BY_SIDE = 4
SETTLED = frozenset({LockState.FRESH, LockState.CONFLICT})  # resolving again changes nothing


def with_locks(installations: Sequence[Installation], folder: Path) -> tuple[Installation, ...]:
    """Return the installations that have a lock of their own, bases before the libraries on them.

    A local package without requirements of its own is installed on the unchanged lock of its
    base. A base that only libraries need may have its lock from kmatrix.
    """
    found: dict[str, Installation] = {}
    for item in installations:
        if item.base is not None and not is_bundled(read_lock(folder, item.base), folder):
            found.setdefault(item.base.name, item.base)
        if item.package is None or item.package.path is None or item.package.requirements:
            found.setdefault(item.name, item)
    return tuple(sorted(found.values(), key=lambda item: item.base is not None))


@dataclass(frozen=True, kw_only=True, slots=True)
class LockFiles:
    """The locks of a matrix's folder. ``say`` takes one line for each lock that is written."""

    folder: Path
    say: Callable[[str], object]

    def unsettled(self, installations: Iterable[Installation]) -> list[Installation]:
        """Those whose own lock is missing, stale or damaged."""
        return [item for item in installations if own_lock(self.folder, item).state not in SETTLED]

    def write(
        self, todo: Sequence[Installation], installations: Sequence[Installation]
    ) -> list[str]:
        """Write the locks of ``todo``; return the failures, a line each.

        Then those of ``installations`` that are stale because their base has a new lock.
        """
        failures = self._write_all(todo)
        late = [item for item in self.unsettled(installations) if item.base and item not in todo]
        return failures + self._write_all(late)

    def write_missing(self, environments: Iterable[Environment]) -> list[str]:
        """Write locks where neither the matrix nor kmatrix has one; return the failures."""
        installations = with_locks(installations_of(environments), self.folder)
        return self._write_all(
            [item for item in installations if read_lock(self.folder, item).state not in SETTLED]
        )

    def _write_all(self, todo: Sequence[Installation]) -> list[str]:
        """Write locks side by side, bases first; return the failures."""
        failures: list[str | None] = []
        for layered in (False, True):
            part = [item for item in todo if (item.base is not None) is layered]
            failures += child_processes.side_by_side(self._write_one, part, threads=SIDE_BY_SIDE)
        return [failure for failure in failures if failure is not None]

    def _write_one(self, installation: Installation) -> str | None:
        """Write one lock; return the reason if that is not possible."""
        folder = self.folder
        python = find_interpreter(installation.python) or installation.python
        base = read_lock(folder, installation.base) if installation.base is not None else None
        if base is not None and base.state is not LockState.FRESH:
            return f"{installation.name}: its base cannot be locked, see there"
        resolved = resolve(installation, base, python, folder)
        if resolved.failure:
            return f"{installation.name}: {resolved.failure}"
        path = lock_path(folder, installation)
        before = own_lock(folder, installation)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = lock_text(
            installation,
            resolved.body,
            base=base.digest if base is not None else "",
            conflict=resolved.conflict,
        )
        path.write_text(text, "utf-8")
        after = own_lock(folder, installation)
        changed = f"{len(after.packages)} packages" + _changes(
            dict(before.packages), dict(after.packages)
        )
        conflict = f"cannot be installed: {after.conflict}" if after.conflict else None
        self.say(f"{installation.name}: {conflict or changed}")
        return None


def _changes(before: dict[str, str], after: dict[str, str]) -> str:
    if not before:
        return ", new"
    changes = [
        f"{name} {before.get(name, 'new')} -> {after.get(name, 'gone')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return ": " + ", ".join(changes) if changes else ", unchanged"
