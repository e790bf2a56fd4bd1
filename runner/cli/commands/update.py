"""Ask the index for new releases, and propose the lines to add."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.version import Version

from runner.cli.lock_files import LockFiles, with_locks
from runner.cli.options import MATRIX_FILE, option
from runner.cli.project import installations_of
from runner.cli.registry import Command
from runner.config.catalogue_file import CATALOGUE, default_catalogue
from runner.config.matrix_file import load_matrix
from runner.config.yaml_edit import apply
from runner.environments.locks import read_lock
from runner.errors import ExitCode, ToolError
from runner.scaffold import proposals as propose
from runner.scaffold.index_versions import versions
from runner.scaffold.new_releases import Kind, find_news
from runner.scaffold.proposals_text import Update, as_json, as_markdown, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.matrix import Installation, Matrix
    from runner.scaffold.proposals import Proposal

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "jax", "torch")
BACKENDS = ("jax", "torch")
SIDE_BY_SIDE = 3
SHOW = {"text": as_text, "json": as_json, "markdown": as_markdown}


DESCRIPTION = (
    "Ask the configured index for releases and pre-releases of TensorFlow, Keras, tf-keras, JAX "
    "and torch that are not known yet, and propose lines for the catalogue and the matrix. Exit "
    "code: 0 nothing new, 1 something new, 3 the index did not answer."
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of ``kmatrix update``."""

    matrix: Path = option(
        "--matrix",
        type=Path,
        default=MATRIX_FILE,
        metavar="FILE",
        help="the matrix file (default: %(default)s)",
    )
    write: bool = option(
        "--write", action="store_true", help="write the lines into the files, and lock"
    )
    format: str = option(
        "--format",
        choices=tuple(SHOW),
        default="text",
        help="markdown: for a pull request (default: %(default)s)",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix update``."""
    matrix = load_matrix(options.matrix)
    found = _look(matrix)
    if options.write and found.news:
        found = _write(matrix, found)
    print(SHOW[options.format](found), end="" if options.format != "json" else "\n")
    return ExitCode.DIFFERS if found.news else ExitCode.AS_EXPECTED


def _look(matrix: Matrix) -> Update:
    """Ask the index, compare, propose."""
    catalogue = default_catalogue()
    newest = catalogue.tensorflow[max(catalogue.tensorflow, key=Version)]
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
        answers = threads.map(lambda package: versions(package, python=newest.python), PACKAGES)
        index = dict(zip(PACKAGES, answers, strict=True))
    locked = _locked(matrix)
    news = find_news(catalogue, index, locked)
    content = matrix.file.read_text("utf-8")
    proposals: list[Proposal] = []
    notes = []
    if _own_catalogue(matrix):
        text = CATALOGUE.read_text("utf-8")
        proposals += propose.catalogue_proposals(text, catalogue, news, index["tf-keras"])
    else:  # an installed kmatrix: only a newer one can have a newer catalogue
        news = tuple(one for one in news if one.kind is Kind.BACKEND)
        if len(news) < len(find_news(catalogue, index, locked)):
            notes.append("there are releases that this kmatrix does not know; install a newer one")
    news = (*propose.overdue(content, catalogue), *news)
    proposals += propose.matrix_proposals(content, news)
    relock = _to_relock(matrix, [one.package for one in news if one.kind is Kind.BACKEND])
    commands = ["kmatrix lock", *(f"kmatrix lock {name}" for name in relock)]
    return Update(
        news=news,
        proposals=tuple(proposals),
        commands=tuple(commands) if news else (),
        notes=tuple(notes),
    )


def _own_catalogue(matrix: Matrix) -> bool:
    """Whether the catalogue belongs to the matrix, as in a checkout, and can be changed."""
    return CATALOGUE.is_relative_to(matrix.file.resolve().parent)


def _names(installation: Installation) -> set[str]:
    return {Requirement(text).name for text in installation.requirements}


def _locked(matrix: Matrix) -> dict[str, str]:
    """Return the newest locked version of each backend that an environment requires by name."""
    found: dict[str, str] = {}
    for installation in installations_of(matrix.environments):
        packages = dict(read_lock(matrix.file.resolve().parent, installation).packages)
        for name in _names(installation) & set(BACKENDS) & set(packages):
            found[name] = max(found.get(name, "0"), packages[name], key=Version)
    return found


def _to_relock(matrix: Matrix, packages: Sequence[str]) -> list[str]:
    """Installations whose locks a new backend release may change although their request stays."""
    return [
        installation.name
        for installation in installations_of(matrix.environments)
        if set(packages) & set(installation.requirements)
    ]


def _write(matrix: Matrix, found: Update) -> Update:
    """Write the lines and lock. Restore the files if the result is not a valid matrix."""
    before = {path: path.read_text("utf-8") for path in (CATALOGUE, matrix.file)}
    for name, path in (("catalogue", CATALOGUE), ("matrix", matrix.file)):
        edits = [one.edit for one in found.proposals if one.file == name]
        if edits:
            path.write_text(apply(before[path], edits), "utf-8")
    default_catalogue.cache_clear()
    try:
        after = load_matrix(matrix.file)
    except ToolError as error:
        for path, text in before.items():
            path.write_text(text, "utf-8")
        raise ToolError(
            f"the proposed lines give no valid matrix, so nothing was written:\n{error}"
        ) from error
    relock = _to_relock(matrix, [one.package for one in found.news if one.kind is Kind.BACKEND])
    lines, notes = _lock(after, relock)
    return replace(found, written=True, locked=lines, notes=(*found.notes, *notes))


def _lock(matrix: Matrix, relock: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lock what is missing, stale, or has to be resolved again: lines to report, and failures."""
    lines: list[str] = []
    files = LockFiles(folder=matrix.file.resolve().parent, say=lines.append)
    installations = with_locks(installations_of(matrix.environments), files.folder)
    unsettled = files.unsettled(installations)
    todo = [item for item in installations if item.name in relock or item in unsettled]
    if not todo:
        return (), ()
    print(f"locking {', '.join(item.name for item in todo)}", file=sys.stderr)
    failures = files.write(todo, installations)
    if failures:
        failures.insert(0, "not locked, the old locks are unchanged:")
    return tuple(lines), tuple(failures)


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
