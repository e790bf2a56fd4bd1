"""``kmatrix update``: new releases of TensorFlow, Keras and backends, as lines to add."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.version import Version

from runner.cli import locking
from runner.cli.spec import installations_of, matrix_of
from runner.config.catalogue_file import CATALOGUE, default_catalogue
from runner.environments.locks import read_lock
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState
from runner.scaffold import proposals as propose
from runner.scaffold.index_versions import versions
from runner.scaffold.new_releases import Kind, find_news
from runner.scaffold.proposals_text import Update, as_json, as_markdown, as_text
from runner.scaffold.yaml_edit import apply

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from runner.model.matrix import Installation, Matrix
    from runner.scaffold.proposals import Proposal

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "jax", "torch")
BACKENDS = ("jax", "torch")
SIDE_BY_SIDE = 3
SHOW = {"text": as_text, "json": as_json, "markdown": as_markdown}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of ``kmatrix update``."""
    update = commands.add_parser(
        "update",
        help="ask the index for new releases, and propose the lines to add",
        description="Ask the configured index for releases and pre-releases of TensorFlow, "
        "Keras, tf-keras, JAX and torch that are not known yet, and propose lines for the "
        "catalogue and the matrix. Exit code: 0 nothing new, 1 something new, 3 the index could "
        "not be asked.",
    )
    update.add_argument(
        "--matrix",
        type=Path,
        default=Path("matrix.yaml"),
        metavar="FILE",
        help="the matrix file (default: %(default)s)",
    )
    update.add_argument(
        "--write", action="store_true", help="write the lines into the files, and lock"
    )
    update.add_argument(
        "--format",
        choices=tuple(SHOW),
        default="text",
        help="markdown: for a pull request (default: %(default)s)",
    )


def update(options: Namespace) -> ExitCode:
    """``kmatrix update``."""
    matrix = matrix_of(options)
    found = _look(matrix)
    if options.write and found.news:
        found = _write(options, matrix, found)
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
    else:  # an installed kmatrix: what its catalogue does not know yet, a newer one may
        news = tuple(one for one in news if one.kind is Kind.BACKEND)
        if len(news) < len(find_news(catalogue, index, locked)):
            notes.append("there are releases that this kmatrix does not know; look for a newer one")
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
    """Whether the catalogue lies beside the matrix, as in a checkout, and is ours to change."""
    return CATALOGUE.is_relative_to(matrix.file.resolve().parent)


def _names(installation: Installation) -> set[str]:
    return {Requirement(text).name for text in installation.requirements}


def _locked(matrix: Matrix) -> dict[str, str]:
    """Of each backend that is asked for by name the newest version in a lock."""
    found: dict[str, str] = {}
    for installation in installations_of(matrix.environments):
        packages = dict(read_lock(matrix.file.resolve().parent, installation).packages)
        for name in _names(installation) & set(BACKENDS) & set(packages):
            found[name] = max(found.get(name, "0"), packages[name], key=Version)
    return found


def _to_relock(matrix: Matrix, packages: Sequence[str]) -> list[str]:
    """Installations whose locks a newer backend may change though their request stays."""
    return [
        installation.name
        for installation in installations_of(matrix.environments)
        if set(packages) & set(installation.requirements)
    ]


def _write(options: Namespace, matrix: Matrix, found: Update) -> Update:
    """Write the lines and lock. The files are as before where the result would not load."""
    before = {path: path.read_text("utf-8") for path in (CATALOGUE, matrix.file)}
    for name, path in (("catalogue", CATALOGUE), ("matrix", matrix.file)):
        edits = [one.edit for one in found.proposals if one.file == name]
        if edits:
            path.write_text(apply(before[path], edits), "utf-8")
    default_catalogue.cache_clear()
    try:
        after = matrix_of(options)
    except ToolError as error:
        for path, text in before.items():
            path.write_text(text, "utf-8")
        raise ToolError(
            f"the proposed lines do not fit, so nothing was written:\n{error}"
        ) from error
    relock = _to_relock(matrix, [one.package for one in found.news if one.kind is Kind.BACKEND])
    said, notes = _lock(options, after, relock)
    return replace(found, written=True, locked=said, notes=(*found.notes, *notes))


def _lock(
    options: Namespace, matrix: Matrix, relock: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lock what is missing, stale, or to be resolved anew. A failure is a note, and no end."""
    folder = matrix.file.resolve().parent
    todo = [
        installation.name
        for installation in installations_of(matrix.environments)
        if installation.name in relock
        or read_lock(folder, installation).state is not LockState.FRESH
    ]
    if not todo:
        return (), ()
    ids = [item.id for item in matrix.environments if item.installation.name in todo]
    said = io.StringIO()
    notes: tuple[str, ...] = ()
    print(f"locking {', '.join(todo)}", file=sys.stderr)
    with contextlib.redirect_stdout(said):
        try:
            locking.lock(
                Namespace(matrix=options.matrix, environments=ids, upgrade=False, check=False)
            )
        except ToolError as error:
            notes = tuple(re.split(r"\n", str(error)))
    return tuple(said.getvalue().splitlines()), notes
