"""Results to files and to the terminal."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from rich.text import Text

from reports import results_json, terminal
from reports.files import report_files
from runner.cli import past
from runner.cli.console import Console
from runner.cli.spec import build_folder
from runner.errors import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from reports.history import History
    from runner.model.comparison import Difference
    from runner.model.results import CellResult, Results
    from runner.run.session import Session


def publish(
    console: Console,
    results: Results,
    session: Session,
    folder: Path,
    *,
    gated: bool,
    selected: bool = False,
    mark: str = "",
) -> None:
    """Keep the run, write the report, say what came out."""
    text = json.dumps(results_json.to_json(results))
    kept = past.keep(session.database, results, text, gated=gated, selected=selected, mark=mark)
    history = past.history(session.database, kept)
    found = past.difference_since(session.database, history, results)
    _write_and_say(console, results, folder, history, found, text=text)


def _write_and_say(
    console: Console,
    results: Results,
    folder: Path,
    history: History,
    found: Difference | None,
    *,
    text: str | None = None,
) -> None:
    write_report(results, folder, history, found, text=text)
    terminal.summary(results, console, history, found)
    console.print(f"report: {folder / 'index.html'}", highlight=False, soft_wrap=True)


def write_report(
    results: Results,
    folder: Path,
    history: History | None = None,
    found: Difference | None = None,
    *,
    text: str | None = None,
) -> None:
    """The page, results.json and their kin, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in report_files(results, history, found, text=text).items():
        temporary = folder / f".{name}.{os.getpid()}"
        temporary.write_text(content, "utf-8")
        temporary.replace(folder / name)


def report(options: Namespace) -> ExitCode:
    """``kmatrix report``."""
    build = build_folder(options)
    name = str(options.results) if options.results is not None else past.LAST
    results = past.load_results(build, name)
    history, found = past.history_of(build, results)
    folder = options.report_dir or build / "report"
    _write_and_say(Console(), results, folder, history, found)
    return ExitCode.AS_EXPECTED


def show_cells(console: Console, results: Results) -> None:
    """Single cells with all their evidence."""
    for environment in results.environments:
        if environment.status != "ready":
            console.print(f"{environment.id}: {environment.status}: {environment.reason}")
    for artifact in results.artifacts:
        if str(artifact.status) != "saved":
            console.print(f"{artifact.id}: {artifact.status}: {artifact.reason}", markup=False)
    for cell in results.cells:
        _show_cell(console, cell)


def _show_cell(console: Console, cell: CellResult) -> None:
    console.print(Text(f"{cell.id}\n{cell.verdict}: {cell.reason}", style="bold"))
    lines = [f"stage reached: {cell.stage}; {cell.seconds:.2f} s"]
    if cell.outputs is not None:
        numbers = cell.outputs
        lines.append(
            f"predictions: {numbers.mismatched} of {numbers.elements} elements over the tolerance "
            f"(rtol {numbers.rtol:g}, atol {numbers.atol:g}), largest difference "
            f"{numbers.max_abs:.3g}; worst saved {numbers.worst_saved}, "
            f"loaded {numbers.worst_loaded}"
        )
    if cell.weights is not None:
        weights = cell.weights
        lines.append(
            f"weights: {weights.equal} of {weights.saved} arrays equal, {weights.flipped} "
            f"flipped, {weights.loaded} loaded"
        )
    lines += [f"lost: {loss}" for loss in cell.lost]
    lines += [f"warning: {warning}" for warning in cell.warnings]
    lines += [
        f"{'works' if attempt.verified else 'tried'}: {attempt.route}: {attempt.verdict}"
        f" ({attempt.error or attempt.reason})"
        for attempt in cell.attempts
    ]
    if cell.failure is not None:
        lines.append(cell.failure.traceback.rstrip())
    if cell.log.strip():
        lines += ["log:", cell.log.strip()]
    for line in "\n".join([*lines, ""]).split("\n"):
        # As it is: a traceback that is wrapped cannot be searched for.
        console.print(Text(f"  {line}" if line else ""), soft_wrap=True)
