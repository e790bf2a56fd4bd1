"""``kmatrix accept``: what a run found becomes what is expected, as a patch to be reviewed."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from runner.cli.console import Console
from runner.cli.gating import today
from runner.cli.options import common
from runner.cli.past import LAST, WORDS, load_results
from runner.cli.spec import build_folder, matrix_of
from runner.config.expectations_file import where_they_stand
from runner.errors import ExitCode, ToolError
from runner.expectations.apply import apply
from runner.expectations.file_patch import entry_lines, new_text
from runner.expectations.gate import gate
from runner.expectations.patterns import Universe, propose
from runner.model.expectation import ExpectationState
from runner.model.matrix import Format

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from runner.cli.options import Commands
    from runner.expectations.patterns import Proposal
    from runner.model.matrix import Matrix
    from runner.model.results import Results


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """The options of ``kmatrix accept``."""
    parser = commands.add_parser(
        "accept",
        help="write what a run found as expectations, to be reviewed and committed",
        description="Add entries to the expectations of the matrix, so that everything that this "
        "run found and nobody expected is expected from now on. What is there stays as it is. "
        f"RUN is {WORDS}.",
    )
    common(parser)
    parser.add_argument("run", nargs="?", default=LAST, metavar="RUN", help="default: last")
    parser.add_argument("--diff", action="store_true", help="print the patch, write nothing")
    parser.add_argument("--reason", metavar="TEXT", help="the reason of all new entries")
    parser.add_argument("--link", metavar="URL", help="the link of all new entries")
    parser.add_argument("--expires", metavar="DATE", help="the last day that they hold")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """A file before and after."""

    path: Path
    before: str | None
    after: str


def accept(options: Namespace) -> ExitCode:
    """``kmatrix accept``."""
    _check(options)
    matrix = matrix_of(options)
    results = load_results(build_folder(options), options.run)
    results = apply(results, matrix.expectations or (), today=today())
    console = Console(stderr=options.diff)
    proposals = _proposals(results, matrix, console, options)
    if not proposals:
        _say(console, f"nothing to accept: run {results.run.id} is as expected")
        return ExitCode.AS_EXPECTED
    edit = _edit(matrix, proposals, options.expires)
    if options.diff:
        print(patch(edit.path, edit.before or "", edit.after), end="")
        return ExitCode.AS_EXPECTED
    _write(edit)
    cells = sum(proposal.cells for proposal in proposals)
    _say(console, f"{edit.path}: {len(proposals)} entries for {cells} cells; review and commit it")
    return ExitCode.AS_EXPECTED


def _check(options: Namespace) -> None:
    if options.expires:
        try:
            date.fromisoformat(options.expires)
        except ValueError as error:
            raise ToolError(
                f"--expires {options.expires}: no date; write it as 2027-01-31",
                exit_code=ExitCode.USAGE,
            ) from error
    if options.link and not options.link.startswith(("https://", "http://")):
        raise ToolError(
            f"--link {options.link}: no link; begin it with https://", exit_code=ExitCode.USAGE
        )


def _proposals(
    results: Results, matrix: Matrix, console: Console, options: Namespace
) -> list[Proposal]:
    universe = Universe(
        environments=tuple(item.id for item in matrix.environments),
        recipes=tuple(item.name for item in matrix.recipes),
        formats=tuple(str(item) for item in Format),
    )
    found = gate(results).cells
    cells = [cell for cell in found if _is_of(cell.id, universe)]
    if len(cells) < len(found):
        gone = len(found) - len(cells)
        _say(console, f"left out: {gone} cells of names that {matrix.file} no longer has")
    if not results.run.complete:
        _say(console, "this run did not come to its end: what it did not answer stays as it is")
    for status in results.expectations:
        if status.state in {ExpectationState.STALE, ExpectationState.EXPIRED}:
            _say(console, f"{status.position}: {status.state}; remove this entry: {status.pattern}")
    return [
        replace(
            proposal,
            reason=options.reason or proposal.reason,
            link=options.link or proposal.link,
        )
        for proposal in propose(results, cells, universe)
    ]


def _is_of(cell: str, universe: Universe) -> bool:
    saver, recipe, _, loader = cell.split("/")
    return {saver, loader} <= set(universe.environments) and recipe in universe.recipes


def _edit(matrix: Matrix, proposals: Sequence[Proposal], expires: str | None) -> _Edit:
    path = where_they_stand(matrix.file)
    before = path.read_bytes().decode("utf-8") if path.exists() else None
    entries = [entry_lines(proposal, expires=expires) for proposal in proposals]
    after = new_text(before, entries, in_matrix=path == matrix.file, file=str(path))
    return _Edit(path=path, before=before, after=after)


def patch(path: Path, before: str, after: str) -> str:
    """A unified diff that ``git apply`` and ``patch -p1`` take."""
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


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
