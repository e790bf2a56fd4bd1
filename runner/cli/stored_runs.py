"""Runs in the store: keep one, read its history, resolve a run reference (last, an id, a file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from reports import results_json
from reports.history import History
from runner.compare.difference import compare
from runner.errors import ExitCode, ToolError
from runner.expectations.gate import gate
from runner.model.comparison import PastRun
from runner.model.finding import Verdict
from runner.store.evidence_store import Database
from runner.store.run_store import StoredRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.comparison import RunComparison
    from runner.model.results import Results

SHOWN = 30  # runs in the history of a page
VERDICTS = frozenset(map(str, Verdict))
LAST, PREVIOUS, LAST_GREEN = "last", "previous", "last-green"
WORDS = f"{LAST}, {PREVIOUS}, {LAST_GREEN}, a run's id (kmatrix runs), or a results.json"


def keep(
    database: Database,
    results: Results,
    text: str,
    *,
    gated: bool,
    selected: bool,
    mark: str = "",
) -> StoredRun:
    """Put a run into the store.

    gated: the matrix has expectations; without them a run is green if no cell is red.
    selected: the command line selects a part of the profile; such runs form their own history.
    """
    reds = sum(cell.verdict.red for cell in results.cells)
    run = StoredRun(
        id=results.run.id,
        started=results.run.started,
        complete=results.run.complete,
        matrix=results.run.matrix,
        profile=results.run.profile + (" (selected)" if selected else ""),
        cells=len(results.cells),
        red=reds,
        green=results.run.complete and (gate(results).as_expected if gated else not reds),
    )
    verdicts = {cell.id: str(cell.verdict) for cell in results.cells}
    database.runs.put(run, results=text, verdicts=verdicts, mark=mark)
    return run


def history(database: Database, of: StoredRun) -> History:
    """Return this run and those before it of the same matrix and profile, oldest first."""
    found = [
        run
        for run in database.runs.all()
        if (run.matrix, run.profile) == (of.matrix, of.profile) and run.started <= of.started
    ]
    return History(
        runs=tuple(
            PastRun(
                id=run.id,
                started=run.started,
                complete=run.complete,
                verdicts={
                    cell: Verdict(verdict)
                    for cell, verdict in database.runs.verdicts(run.id).items()
                    if verdict in VERDICTS  # another kmatrix may have had others
                },
            )
            for run in reversed(found[:SHOWN])
        )
    )


def difference_since(
    database: Database, history: History, results: Results
) -> RunComparison | None:
    """Return the difference to the run that a report compares with; None if there is none."""
    before = history.without(results.run.id).last_complete
    if before is None or _unchanged(before, results):
        return None
    text = database.runs.results(before.id)
    if text is None:
        return None
    try:
        return compare(parse_results(text, before.id), results)
    except ToolError:
        return None  # written by another version of kmatrix; the history has its verdicts


def _unchanged(before: PastRun, results: Results) -> bool:
    """Whether nothing ran and no verdict changed: such a run has to be fast."""
    return not results.run.ran and before.verdicts == PastRun.of(results).verdicts


def history_of(build: Path, results: Results) -> tuple[History, RunComparison | None]:
    """Return the history of results, and what changed, if the build folder's store has that run."""
    path = build / "store" / "evidence.sqlite"
    if not path.exists():
        return History(), None
    database = Database(path)
    try:
        run = {run.id: run for run in database.runs.all()}.get(results.run.id)
        if run is None:
            return History(), None
        found = history(database, run)
        return found, difference_since(database, found, results)
    finally:
        database.close()


def open_store(build: Path) -> Database:
    """Return the store of a build folder. Raises ToolError if there is no run in it."""
    path = build / "store" / "evidence.sqlite"
    if not path.exists():
        raise ToolError(f"{build}: no run yet. Start one: kmatrix run")
    return Database(path)


def load_results(build: Path, name: str) -> Results:
    """Return the results that a run reference means: see ``WORDS``. Raises ToolError."""
    path = Path(name)
    is_file = path.suffix == ".json" or path.is_file() or (path / "results.json").is_file()
    if name not in {LAST, PREVIOUS, LAST_GREEN} and is_file:
        return read_results(path)
    database = open_store(build)
    try:
        run = choose(database.runs.all(), name, build)
        text = database.runs.results(run.id)
    finally:
        database.close()
    assert text is not None  # noqa: S101 - the list was read from the same store
    return parse_results(text, f"run {run.id}")


def read_results(path: Path) -> Results:
    """Return a results.json, or the one in a report's folder. Raises ToolError (2)."""
    file = path / "results.json" if path.is_dir() else path
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ToolError(
            f"{file}: not a results.json of kmatrix (not UTF-8 text)", exit_code=ExitCode.USAGE
        ) from error
    except OSError as error:
        raise ToolError(
            f"{file}: cannot be read ({error.strerror})", exit_code=ExitCode.USAGE
        ) from error
    return parse_results(text, str(file))


def parse_results(text: str, source: str) -> Results:
    """Results from JSON. Raises ToolError (2) that names the source."""
    try:
        return results_json.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ToolError(
            f"{source}: not a results.json of this kmatrix ({error})", exit_code=ExitCode.USAGE
        ) from error


def choose(runs: Sequence[StoredRun], name: str, build: Path) -> StoredRun:
    """One of the runs, which are sorted newest first. Raises ToolError."""
    if not runs:
        raise ToolError(f"{build}: no run yet. Start one: kmatrix run")
    last = runs[0]
    earlier = [run for run in runs[1:] if (run.matrix, run.profile) == (last.matrix, last.profile)]
    match name:
        case "last":
            return last
        case "previous":
            if earlier:
                return earlier[0]
            raise ToolError(
                f"{PREVIOUS}: the last run ({last.id}) is the only one of its profile "
                f"({last.profile}); see kmatrix runs"
            )
        case "last-green":
            found = next((run for run in earlier if run.green), None)
            if found is not None:
                return found
            raise ToolError(
                f"{LAST_GREEN}: no run of profile {last.profile} before the last one was as "
                "expected; see kmatrix runs, or write expectations: kmatrix accept"
            )
    matching = [run for run in runs if run.id.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    what = "names several runs" if matching else "is not a run in the store"
    known = ", ".join(run.id for run in (matching or runs)[:4])
    raise ToolError(f"{name!r} {what}: {known}; write {WORDS}", exit_code=ExitCode.USAGE)
