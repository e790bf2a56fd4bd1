"""Write a first matrix.yaml and workflows into a repository."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from runner import child_processes
from runner.cli.options import option
from runner.cli.registry import Command
from runner.config.catalogue_file import default_catalogue
from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError
from runner.scaffold import generated_files as texts
from runner.scaffold.action_source import (
    UNKNOWN,
    action_at,
    directory_of,
    installed_from,
    is_action,
)
from runner.scaffold.custom_objects import MOST, find_layers
from runner.scaffold.declared import is_interesting, read_declared
from runner.scaffold.matrix_entries import candidates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.scaffold.custom_objects import CustomLayer
    from runner.scaffold.matrix_entries import Candidate

NOT_OURS = frozenset({"build", "dist", "node_modules", "site-packages", "venv", "tests", "test"})
MOST_FILES = 3000
MOST_BYTES = 4_000_000  # of one file; a lock may be long
GIT_SECONDS = 20
CHECKOUT = Path(__file__).resolve().parents[3]


DESCRIPTION = (
    "Write matrix.yaml, workflows for GitHub and, if the repository has its own layers, recipes "
    "for them. Versions come from its requirements, pyproject.toml and locks. Asks nothing, "
    "overwrites nothing without --force."
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of ``kmatrix init``."""

    folder: Path = option(
        nargs="?", type=Path, default=Path(), metavar="DIR", help="default: the current folder"
    )
    action: str | None = option(
        "--action",
        metavar="OWNER/NAME@REF",
        help="the repository of kmatrix that the workflow uses (default: where this kmatrix was "
        "installed from)",
    )
    force: bool = option("--force", action="store_true", help="overwrite existing files")


def run(options: Options) -> ExitCode:
    """``kmatrix init``."""
    folder = options.folder
    if not folder.is_dir():
        raise ToolError(f"{folder}: no such folder", exit_code=ExitCode.USAGE)
    action = _action(options.action)
    layers = find_layers(_texts(folder, ".py"))[:MOST]
    declared = read_declared(_texts(folder))
    recipes = texts.recipes_text(layers) if layers else ""
    entries = _that_load(candidates(declared, default_catalogue()))
    files = {
        texts.MATRIX: texts.matrix_text(entries, recipes=bool(layers)),
        texts.WORKFLOW: texts.workflow_text(action),
        texts.CHECK_WORKFLOW: texts.check_workflow_text(action),
    }
    if recipes:
        files[texts.RECIPES] = recipes
    _write(folder, files, force=options.force)
    _say(folder, entries, layers, action)
    return ExitCode.AS_EXPECTED


def _action(given: str | None) -> str:
    """Return the action that the workflow uses. Raises ToolError (exit code 2)."""
    if given is None:
        return find_action() or UNKNOWN
    if not is_action(given):
        raise ToolError(
            f"--action {given}: not of the form OWNER/NAME@REF, such as someone/kmatrix@v0.1.0",
            exit_code=ExitCode.USAGE,
        )
    return given


def _texts(folder: Path, suffix: str = "") -> dict[str, str]:
    """Return the relevant files, by their path in the repository."""
    found = {}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        wanted = name.endswith(suffix) if suffix else is_interesting(name)
        if wanted and path.stat().st_size < MOST_BYTES:
            found[name] = path.read_text("utf-8", "replace")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    count = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in NOT_OURS and not name.startswith(".")
        )
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            path = Path(where) / name
            if path.is_file() and name not in {texts.RECIPES, texts.MATRIX}:
                yield path


def _that_load(wanted: Sequence[Candidate]) -> list[tuple[str, str]]:
    """Return the most exact line of each candidate that is a valid entry; each environment once."""
    chosen: list[tuple[str, str]] = []
    ids: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="kmatrix-init-") as name:
        path = Path(name) / texts.MATRIX
        for candidate in wanted:
            for line in candidate.lines:
                path.write_text(f"environments:\n  - {line}\nmodels: [mlp_sequential]\n", "utf-8")
                try:
                    found = {item.id for item in load_matrix(path).environments}
                except ToolError:
                    continue
                if not found & ids:
                    ids |= found
                    chosen.append((line, candidate.why))
                break
    return chosen


def _write(folder: Path, files: dict[str, str], *, force: bool) -> None:
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise ToolError(
            f"{', '.join(str(folder / name) for name in there)}: exists already, nothing was "
            "written; --force overwrites",
            exit_code=ExitCode.USAGE,
        )
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _say(
    folder: Path,
    entries: Sequence[tuple[str, str]],
    layers: Sequence[CustomLayer],
    action: str,
) -> None:
    print(f"{folder / texts.MATRIX}:")
    for line, why in entries:
        print(f"  {line}  ({why})")
    print(f"{folder / texts.WORKFLOW}: runs it on pull requests and every week, with {action}")
    print(f"{folder / texts.CHECK_WORKFLOW}: answers pull requests that bump a version")
    if action == UNKNOWN:
        print(
            "  replace it by kmatrix's repository on GitHub and a commit, which could not be "
            "found here (or run again with --action OWNER/NAME@REF)"
        )
    if layers:
        print(f"{folder / texts.RECIPES}:")
    for layer in layers:
        needs = (
            f"; add its arguments there: {', '.join(layer.arguments)}" if layer.arguments else ""
        )
        print(f"  {layer.recipe}: {layer.name} of {layer.path}{needs}")
    matrix = folder / texts.MATRIX
    where = "" if folder == Path() else f" --matrix {matrix}"
    print(f"\nnext: kmatrix lock{where}, then kmatrix run{where}; commit all of it with the locks")


def find_action() -> str | None:
    """``owner/kmatrix@commit`` that this kmatrix came from; None if it is not known."""
    recorded = _direct_url()
    address = directory_of(recorded)
    folder = Path(url2pathname(urlsplit(address).path)) if address else CHECKOUT
    return installed_from(recorded) or _of_checkout(folder)


def _direct_url() -> str | None:
    try:
        return distribution("kmatrix").read_text("direct_url.json")
    except PackageNotFoundError:
        return None


def _of_checkout(folder: Path) -> str | None:
    if not (folder / ".git").exists():
        return None
    remote = _git(folder, "remote", "get-url", "origin")
    return action_at(remote, _git(folder, "rev-parse", "HEAD"))


def _git(folder: Path, *words: str) -> str:
    try:
        done = child_processes.run(["git", "-C", folder, *words], seconds=GIT_SECONDS)
    except OSError:  # no git here
        return ""
    return done.output.strip() if done.ok else ""


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
