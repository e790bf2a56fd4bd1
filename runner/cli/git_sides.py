"""The files of two states of a git repository that say which versions are installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner import child_processes
from runner.errors import ExitCode, ToolError
from runner.scaffold.declared import is_interesting

if TYPE_CHECKING:
    from collections.abc import Mapping

GIT_SECONDS = 60.0
MOST_BYTES = 20_000_000  # of one file; a lock may be long
OPTIONS = ("-c", "core.quotePath=off", "-c", "core.fsmonitor=false")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """The text of each file by its path, before and after, and what the sides are called."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    before_name: str
    after_name: str


def read_sides(text: str, folder: Path = Path()) -> Sides:
    """Return the sides of ``REF`` (since it, up to the files as they are) or of ``REF..REF``.

    Of one REF the state where this branch began is meant, as with ``git diff REF...``: what came
    into REF later is no change of this branch. Raises ToolError (exit code 2).
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel", what="no git repository here").strip())
    begin, dots, end = text.partition("..")
    old = _commit(top, begin)
    if dots:
        new = _commit(top, end.lstrip(".") or "HEAD")
        after, after_name = _at(top, new), end.lstrip(".") or "HEAD"
    else:
        new = _commit(top, "HEAD")
        after, after_name = _in_folder(top), "the working tree"
    base = child_processes.run(["git", "-C", top, "merge-base", old, new], seconds=GIT_SECONDS)
    if base.ok and ("..." in text or not dots):
        old = base.output.strip()
    return Sides(
        before=_at(top, old), after=after, before_name=begin or "HEAD", after_name=after_name
    )


def _commit(top: Path, name: str) -> str:
    wanted = name or "HEAD"
    if wanted.startswith("-"):
        raise ToolError(f"--diff {wanted}: not the name of a commit", exit_code=ExitCode.USAGE)
    what = (
        f"--diff {wanted}: git does not know it; fetch it first, for example with "
        f"git fetch origin {wanted.removeprefix('origin/')}"
    )
    return _git(top, "rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}", what=what).strip()


def _at(top: Path, commit: str) -> dict[str, str]:
    listed = _git(top, "ls-tree", "-r", "-z", "--name-only", commit, what=f"{commit}: no files")
    paths = [path for path in listed.split("\0") if path and is_interesting(path)]
    return {path: _git(top, "show", f"{commit}:{path}", what=f"{path}: no file") for path in paths}


def _in_folder(top: Path) -> dict[str, str]:
    """Return the files that git tracks, as they are now."""
    listed = _git(top, "ls-files", "-z", what="no files").split("\0")
    found = {}
    for name in dict.fromkeys(listed):
        path = top / name
        if name and is_interesting(name) and path.is_file() and path.stat().st_size < MOST_BYTES:
            found[name] = path.read_text("utf-8", "replace")
    return found


def _git(folder: Path, *words: str, what: str) -> str:
    """Return what git says. Raises ToolError with ``what`` where it fails."""
    try:
        done = child_processes.run(["git", "-C", folder, *OPTIONS, *words], seconds=GIT_SECONDS)
    except OSError as error:
        raise ToolError("git is not installed, and --diff needs it") from error
    if not done.ok:
        reason = done.output.strip().splitlines()
        more = f" ({reason[-1]})" if reason else ""
        raise ToolError(f"{what}{more}", exit_code=ExitCode.USAGE)
    return done.output
