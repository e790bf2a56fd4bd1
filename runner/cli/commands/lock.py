"""Write the exact packages of environments, with hashes, into environments/locks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from runner.cli.lock_files import LockFiles, with_locks
from runner.cli.options import ProjectOptions, option
from runner.cli.project import installations_of, open_project
from runner.cli.registry import Command
from runner.environments.locks import lock_command, own_lock
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runner.model.matrix import Installation

DESCRIPTION = (
    "Resolve environments to exact versions with hashes. Without names: every environment whose "
    "lock is missing or stale."
)
EXAMPLES = """\
examples:
  kmatrix lock                     those that are missing or stale
  kmatrix lock tf2.12-py310        this one again
  kmatrix lock --check             for CI: exit with 1 when one is missing or stale
  kmatrix lock --upgrade           all, with the newest versions that are allowed
"""


@dataclass(frozen=True, kw_only=True)
class Options(ProjectOptions):
    """Options of ``kmatrix lock``."""

    environments: tuple[str, ...] = option(nargs="*", metavar="ENVIRONMENT", help="ids or globs")
    upgrade: bool = option(
        "--upgrade", action="store_true", help="write all locks again, also fresh ones"
    )
    check: bool = option(
        "--check", action="store_true", help="write nothing; exit with 1 when a lock is stale"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix lock``."""
    project = open_project(options)
    installations = with_locks(
        installations_of(project.choose(options.environments)), project.folder
    )
    files = LockFiles(folder=project.folder, say=partial(print, flush=True))
    if options.check:
        return _check(project.folder, files.unsettled(installations))
    named = bool(options.environments) or options.upgrade
    todo = installations if named else files.unsettled(installations)
    if not todo:
        print(f"all {len(installations)} locks are fresh")
        return ExitCode.AS_EXPECTED
    failures = files.write(todo, installations)
    if failures:
        raise ToolError("\n".join(["not locked, the old locks are unchanged:", *failures]))
    return ExitCode.AS_EXPECTED


def _check(folder: Path, stale: Iterable[Installation]) -> ExitCode:
    code = ExitCode.AS_EXPECTED
    for installation in stale:
        state = own_lock(folder, installation).state
        print(f"{installation.name}: {state}; write it: {lock_command(installation.name)}")
        code = ExitCode.DIFFERS
    return code


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EXAMPLES)
