"""``kmatrix lock``: environments to exact versions with hashes, in git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import process
from runner.cli.spec import chosen_environments, installations_of
from runner.environments.interpreters import find_interpreter
from runner.environments.locks import (
    is_bundled,
    lock_command,
    lock_path,
    lock_text,
    own_lock,
    read_lock,
)
from runner.environments.resolver import resolve
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.matrix import Installation, Spec

SIDE_BY_SIDE = 4
SETTLED = frozenset({LockState.FRESH, LockState.CONFLICT})  # asked again, the answer is the same


def lock(options: Namespace) -> ExitCode:
    """``kmatrix lock``."""
    matrix, environments = chosen_environments(options)
    folder = matrix.file.resolve().parent
    named = bool(options.environments) or options.upgrade
    installations = with_locks(installations_of(environments), folder)
    todo = _todo(folder, installations, named=named and not options.check)
    if options.check:
        return _check(folder, todo)
    if not todo:
        print(f"all {len(installations)} locks are fresh")
        return ExitCode.AS_EXPECTED
    failures = _lock_all(folder, todo)
    # What lies on a lock that has just changed is out of date by now.
    late = [item for item in _todo(folder, installations) if item.base and item not in todo]
    failures += _lock_all(folder, late)
    if failures:
        raise ToolError("\n".join(["not locked, their old locks stay:", *failures]))
    return ExitCode.AS_EXPECTED


def with_locks(installations: Sequence[Installation], folder: Path) -> tuple[Installation, ...]:
    """Those that have a lock of their own, bases before what lies on them.

    A local package without requirements of its own is installed on its base's lock as it is. A
    base that only libraries want may have its lock from kmatrix.
    """
    found: dict[str, Installation] = {}
    for item in installations:
        if item.base is not None and not is_bundled(read_lock(folder, item.base), folder):
            found.setdefault(item.base.name, item.base)
        if item.package is None or item.package.path is None or item.package.requirements:
            found.setdefault(item.name, item)
    return tuple(sorted(found.values(), key=lambda item: item.base is not None))


def _todo(
    folder: Path, installations: Sequence[Installation], *, named: bool = False
) -> list[Installation]:
    return [item for item in installations if named or own_lock(folder, item).state not in SETTLED]


def lock_what_is_missing(spec: Spec) -> None:
    """``kmatrix run --lock``: locks for what has none that can be installed.

    Where that fails it says why; the environment is then unavailable, and the run goes on.
    """
    folder = spec.file.resolve().parent
    todo = [
        installation
        for installation in with_locks(installations_of(spec.environments), folder)
        if read_lock(folder, installation).state not in SETTLED
    ]
    for failure in _lock_all(folder, todo):
        print(f"not locked: {failure}", flush=True)


def _lock_all(folder: Path, todo: Sequence[Installation]) -> list[str]:
    """Write locks side by side, bases first; what went wrong, a line each."""
    failures: list[str | None] = []
    for layered in (False, True):
        part = [item for item in todo if (item.base is not None) is layered]
        failures += process.side_by_side(
            lambda item: _lock_one(folder, item), part, threads=SIDE_BY_SIDE
        )
    return [failure for failure in failures if failure is not None]


def _check(folder: Path, stale: list[Installation]) -> ExitCode:
    for installation in stale:
        state = own_lock(folder, installation).state
        print(f"{installation.name}: {state}; write it: {lock_command(installation.name)}")
    return ExitCode.DIFFERS if stale else ExitCode.AS_EXPECTED


def _lock_one(folder: Path, installation: Installation) -> str | None:
    """Write one lock; the reason when that is not possible."""
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
    changed = _changes(dict(before.packages), dict(after.packages))
    said = f"cannot be installed: {after.conflict}" if after.conflict else None
    print(f"{installation.name}: {said or f'{len(after.packages)} packages{changed}'}", flush=True)
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
