"""Write results as report files and show them on the terminal."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from rich.text import Text

from reports import html, results_json, terminal
from reports.files import report_files
from runner.cli import stored_runs
from runner.model.finding import EnvironmentStatus

if TYPE_CHECKING:
    from pathlib import Path

    from reports.history import History
    from runner.cli.console import Console
    from runner.model.comparison import RunComparison
    from runner.model.results import CellResult, Results
    from runner.run.session import Session


def keep_and_report(
    console: Console,
    results: Results,
    session: Session,
    folder: Path,
    *,
    gated: bool,
    selected: bool = False,
    mark: str = "",
) -> None:
    """Keep the run in the store, write the report, print the summary."""
    text = json.dumps(results_json.to_json(results))
    kept = stored_runs.keep(
        session.database, results, text, gated=gated, selected=selected, mark=mark
    )
    history = stored_runs.history(session.database, kept)
    found = stored_runs.difference_since(session.database, history, results)
    report(console, results, folder, history, found, text=text)


def report(
    console: Console,
    results: Results,
    folder: Path,
    history: History,
    found: RunComparison | None,
    *,
    text: str | None = None,
) -> None:
    """Write the report and print the summary."""
    write_report(results, folder, history, found, text=text)
    terminal.summary(results, console, history, found)
    console.show(f"report: {folder / 'index.html'}")


def write_report(
    results: Results,
    folder: Path,
    history: History | None = None,
    found: RunComparison | None = None,
    *,
    text: str | None = None,
) -> None:
    """Write all files of a report, each atomically."""
    for name, content in report_files(results, history, found, text=text).items():
        _write(folder / name, content)


def write_page(results: Results, folder: Path) -> None:
    """Write the page alone, of a run that goes on. The other files are of runs that ended."""
    _write(folder / "index.html", html.render(results))


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content, "utf-8")
    temporary.replace(path)


def show_cells(console: Console, results: Results) -> None:
    """Print single cells with all their evidence."""
    for environment in results.environments:
        if environment.status is not EnvironmentStatus.READY:
            console.show(f"{environment.id}: {environment.status}: {environment.reason}")
    for artifact in results.artifacts:
        if str(artifact.status) != "saved":
            console.show(f"{artifact.id}: {artifact.status}: {artifact.reason}")
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
        console.show(f"  {line}" if line else "")
