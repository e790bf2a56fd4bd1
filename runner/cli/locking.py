"""``kmatrix lock``: environments to exact versions with hashes, in git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import process
from runner.builders.faults import explain
from runner.builders.interpreters import find_interpreter
from runner.builders.locks import lock_command, lock_path, lock_text, own_lock, read_lock
from runner.builders.uv_tool import compile_lock
from runner.cli.spec import chosen_environments, installations_of
from runner.nouns.building import LockState
from runner.nouns.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from runner.nouns.spec import Installation, Spec

SIDE_BY_SIDE = 4


def lock(options: Namespace) -> ExitCode:
    """``kmatrix lock``."""
    matrix, environments = chosen_environments(options)
    folder = matrix.file.resolve().parent
    installations = installations_of(environments)
    named = bool(options.environments) or options.upgrade
    todo = [
        installation
        for installation in installations
        if (named and not options.check)
        or own_lock(folder, installation).state is not LockState.FRESH
    ]
    if options.check:
        return _check(folder, todo)
    if not todo:
        print(f"all {len(installations)} locks are fresh")
        return ExitCode.AS_EXPECTED
    failures = _lock_all(folder, todo)
    if failures:
        raise ToolError("\n".join(["not locked, their old locks stay:", *failures]))
    return ExitCode.AS_EXPECTED


def lock_what_is_missing(spec: Spec) -> None:
    """``kmatrix run --lock``: locks for what has none that can be installed.

    Where that fails it says why; the environment is then unavailable, and the run goes on.
    """
    folder = spec.file.resolve().parent
    todo = [
        installation
        for installation in installations_of(spec.environments)
        if read_lock(folder, installation).state is not LockState.FRESH
    ]
    for failure in _lock_all(folder, todo):
        print(f"not locked: {failure}", flush=True)


def _lock_all(folder: Path, todo: Sequence[Installation]) -> list[str]:
    """Write locks side by side; what went wrong, a line each."""
    outcomes = process.side_by_side(
        lambda item: _lock_one(folder, item), todo, threads=SIDE_BY_SIDE
    )
    return [failure for failure in outcomes if failure is not None]


def _check(folder: Path, stale: list[Installation]) -> ExitCode:
    for installation in stale:
        state = own_lock(folder, installation).state
        print(f"{installation.name}: {state}; write it: {lock_command(installation.name)}")
    return ExitCode.DIFFERS if stale else ExitCode.AS_EXPECTED


def _lock_one(folder: Path, installation: Installation) -> str | None:
    """Write one lock; the reason when that is not possible."""
    python = find_interpreter(installation.python) or installation.python
    done = compile_lock(installation, python, folder)
    if not done.ok:
        return f"{installation.name}: {explain(done.output)}"
    path = lock_path(folder, installation)
    before = own_lock(folder, installation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lock_text(installation, done.output), "utf-8")
    after = own_lock(folder, installation)
    changed = _changes(dict(before.packages), dict(after.packages))
    print(f"{installation.name}: {len(after.packages)} packages{changed}", flush=True)
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
