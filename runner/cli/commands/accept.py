"""Write what a run found as expectations, to be reviewed and committed."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from runner.cli.console import Console
from runner.cli.exit_status import today
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.cli.stored_runs import LAST, WORDS, load_results
from runner.config.expectations_file import expectations_file
from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError
from runner.expectations.apply import apply
from runner.expectations.file_patch import entry_lines, new_text
from runner.expectations.gate import gate
from runner.expectations.patterns import Universe, propose
from runner.model.expectation import ExpectationState
from runner.model.matrix import Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.expectations.patterns import Proposal
    from runner.model.matrix import Matrix
    from runner.model.results import CellResult, Results


DESCRIPTION = (
    "Add entries to the expectations of the matrix, so that every unexpected verdict of this run "
    f"is expected from now on. Existing entries stay unchanged. RUN is {WORDS}."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix accept``."""

    run: str = option(nargs="?", default=LAST, metavar="RUN", help="default: %(default)s")
    diff: bool = option("--diff", action="store_true", help="print the patch, write nothing")
    reason: str | None = option(
        "--reason", metavar="TEXT", help="the reason given in all new entries"
    )
    link: str | None = option("--link", metavar="URL", help="the link given in all new entries")
    expires: str | None = option(
        "--expires", metavar="DATE", help="the last day on which the new entries apply"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """A file before and after."""

    path: Path
    before: str | None
    after: str


def run(options: Options) -> ExitCode:
    """``kmatrix accept``."""
    _check(options)
    matrix = load_matrix(options.matrix)
    results = load_results(options.build, options.run)
    results = apply(results, matrix.expectations or (), today=today())
    console = Console(stderr=options.diff)
    proposals = _proposals(results, matrix, console, options)
    if not proposals:
        console.show(f"nothing to accept: run {results.run.id} is as expected")
        return ExitCode.AS_EXPECTED
    edit = _edit(matrix, proposals, options.expires)
    if options.diff:
        print(patch(edit.path, edit.before or "", edit.after), end="")
        return ExitCode.AS_EXPECTED
    _write(edit)
    cells = sum(proposal.cells for proposal in proposals)
    console.show(f"{edit.path}: {len(proposals)} entries for {cells} cells; review and commit it")
    return ExitCode.AS_EXPECTED


def _check(options: Options) -> None:
    if options.expires:
        try:
            date.fromisoformat(options.expires)
        except ValueError as error:
            raise ToolError(
                f"--expires {options.expires}: not a date; use YYYY-MM-DD",
                exit_code=ExitCode.USAGE,
            ) from error
    if options.link and not options.link.startswith(("https://", "http://")):
        raise ToolError(
            f"--link {options.link}: not a link; it must begin with https://",
            exit_code=ExitCode.USAGE,
        )


def _proposals(
    results: Results, matrix: Matrix, console: Console, options: Options
) -> list[Proposal]:
    universe = Universe(
        environments=tuple(item.id for item in matrix.environments),
        recipes=tuple(item.name for item in matrix.recipes),
        formats=tuple(str(item) for item in Format),
    )
    found = gate(results).cells
    cells = [cell for cell in found if _is_of(cell, universe)]
    if len(cells) < len(found):
        gone = len(found) - len(cells)
        console.show(f"left out: {gone} cells with names that {matrix.file} no longer has")
    if not results.run.complete:
        console.show("this run is not complete: expectations of unmeasured cells stay unchanged")
    for status in results.expectations:
        if status.state in {ExpectationState.STALE, ExpectationState.EXPIRED}:
            console.show(f"{status.position}: {status.state}; remove this entry: {status.pattern}")
    return [
        replace(
            proposal,
            reason=options.reason or proposal.reason,
            link=options.link or proposal.link,
        )
        for proposal in propose(results, cells, universe)
    ]


def _is_of(cell: CellResult, universe: Universe) -> bool:
    name = cell.name
    known = set(universe.environments)
    return {name.saver, name.loader} <= known and name.recipe in universe.recipes


def _edit(matrix: Matrix, proposals: Sequence[Proposal], expires: str | None) -> _Edit:
    path = expectations_file(matrix.file)
    before = path.read_bytes().decode("utf-8") if path.exists() else None
    entries = [entry_lines(proposal, expires=expires) for proposal in proposals]
    after = new_text(before, entries, in_matrix=path == matrix.file, file=str(path))
    return _Edit(path=path, before=before, after=after)


def patch(path: Path, before: str, after: str) -> str:
    """Return a unified diff that ``git apply`` and ``patch -p1`` take."""
    name = path.as_posix().lstrip("/")
    return "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{name}" if before else "/dev/null",
            f"b/{name}",
        )
    )


def _write(edit: _Edit) -> None:
    """Whole or not at all."""
    temporary = edit.path.with_name(f".{edit.path.name}.{os.getpid()}")
    temporary.write_bytes(edit.after.encode("utf-8"))
    temporary.replace(edit.path)


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
