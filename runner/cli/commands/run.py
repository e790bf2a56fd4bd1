"""Measure the matrix and write the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reports import results_json
from runner.cli.console import Console
from runner.cli.exit_status import differs, show_expectations, with_expectations
from runner.cli.options import JobsOptions, option
from runner.cli.progress_bars import make_progress
from runner.cli.project import open_project
from runner.cli.registry import Command
from runner.cli.report_writer import keep_and_report, show_cells, write_page
from runner.cli.selection import SelectionOptions, selected_spec, spec_of_cells
from runner.cli.shard_jobs import part_of
from runner.errors import ExitCode, ToolError
from runner.model.finding import EnvironmentStatus, Verdict
from runner.run.early_results import EarlyResults
from runner.run.results_cache import mark_of, reusable, shown_again
from runner.run.run_state import Options as RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.cli.project import Project
    from runner.cli.shard_jobs import Part
    from runner.model.matrix import Spec
    from runner.model.results import Results
    from runner.run.matrix_run import Run
    from runner.run.progress import Progress
    from runner.run.session import Session

DESCRIPTION = (
    "Build the environments that are missing, save reference models in every environment, load "
    "them in every other, compare, report. Known evidence is used again."
)
EXAMPLES = """\
examples:
  kmatrix run                                      the default profile
  kmatrix run --profile full -j 4                  everything, four cells side by side
  kmatrix run --environments 'tf2.1*' --formats h5 keras
  kmatrix run --touching tf2.15-py311              this environment with all the others
  kmatrix run --cell tf2.10-py39/lstm/h5/tf2.21-keras3.15-py312
  kmatrix run --fail-on drifted --fail-on crashed  for a script
"""


@dataclass(frozen=True, kw_only=True)
class Options(SelectionOptions, JobsOptions):
    """Options of ``kmatrix run``."""

    cells: tuple[str, ...] = option(
        "--cell",
        action="append",
        metavar="ID",
        help="only this cell, saver/model/format/loader, measured again and shown with its "
        "evidence; repeatable",
    )
    isolate: bool = option(
        "--isolate",
        action="store_true",
        help="a new process for every cell; slow, for systems or cells where fork causes trouble",
    )
    no_group: bool = option(
        "--no-group",
        action="store_true",
        help="a forked child for every cell, also for harmless ones",
    )
    no_fallbacks: bool = option(
        "--no-fallbacks",
        action="store_true",
        help="only load as a user would first try: no other routes, no scenarios",
    )
    fresh: bool = option(
        "--fresh", action="store_true", help="measure the selected cells again, known or not"
    )
    fail_on: tuple[str, ...] = option(
        "--fail-on",
        action="append",
        choices=[str(verdict) for verdict in Verdict],
        metavar="VERDICT",
        help="exit with 1 when a cell has this verdict (drifted, refused, crashed, …); repeatable",
    )
    lock: bool = option(
        "--lock",
        action="store_true",
        help="first write the locks that are missing or stale, as `kmatrix lock` does",
    )
    shard: str | None = option(
        "--shard", metavar="I/N", help="only part I of N; `kmatrix merge` unites the parts"
    )
    report_dir: Path | None = option(
        "--report-dir", type=Path, metavar="DIR", help="default: BUILD/report"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix run``."""
    if options.shard and options.cells:
        raise ToolError("use either --cell or --shard, not both", exit_code=ExitCode.USAGE)
    project = open_project(options)
    if options.cells:
        spec = spec_of_cells(project.matrix, options.cells)
    else:
        spec = selected_spec(project.matrix, options)
    if options.lock:
        _write_locks(project, spec)
    part = part_of(spec, options.shard) if options.shard else None
    if part is None:
        return _measure(project, spec, options, None)
    if not part.shard.pairs:
        print(f"shard {part.shard.place}: nothing to do, the matrix has fewer parts than that")
        return ExitCode.AS_EXPECTED
    return _measure(project, part.spec, options, part)


def _write_locks(project: Project, spec: Spec) -> None:
    """Write missing and stale locks. An environment without a lock is unavailable later."""
    from runner.cli.lock_files import LockFiles  # noqa: PLC0415 - findpython and uv

    files = LockFiles(folder=project.folder, say=print)
    for failure in files.write_missing(spec.environments):
        print(f"not locked: {failure}", flush=True)


def _measure(project: Project, spec: Spec, options: Options, part: Part | None) -> ExitCode:
    console = Console()
    with project.session() as session:
        with make_progress(console) as progress:
            folder = options.report_dir or project.build / "report"
            early = None if options.cells else _early_page(folder, progress)
            work = project.new_run(spec, session, _run_options(options), progress, early)
            begin = partial(progress.say, f"report while this runs: {folder / 'index.html'}")
            results, mark = _execute(
                work, session, reuse=part is None, begin=begin if early is not None else None
            )
        results = with_expectations(results, spec.expectations)
        if part is not None:
            results = part.stamp(results)
        if options.cells:
            show_cells(console, results)
        else:
            keep_and_report(
                console,
                results,
                session,
                folder,
                gated=spec.expectations is not None,
                selected=options.selects or part is not None,
                mark=mark,
            )
        show_expectations(console, results, spec.expectations)
    return _exit_code(results, differs(results, spec.expectations, options.fail_on))


def _early_page(folder: Path, progress: Progress) -> EarlyResults:
    """Write the page while the run goes on; a page that cannot be written does not end the run."""
    page = folder / "index.html"

    def show(results: Results) -> None:
        try:
            write_page(results, folder)
        except OSError as error:
            progress.say(f"{page}: not written: {error.strerror}")

    return EarlyResults(show)


def _run_options(options: Options) -> RunOptions:
    return RunOptions(
        jobs=options.jobs,
        isolate=options.isolate,
        group=not options.no_group,
        cells=frozenset(options.cells) or None,
        fresh=options.fresh or bool(options.cells),
        fallbacks=not options.no_fallbacks,
    )


def _execute(
    work: Run, session: Session, *, reuse: bool, begin: Callable[[], None] | None
) -> tuple[Results, str]:
    """Return the results and the mark they are stored under. Known results are not evaluated again.

    begin: called where something is to be measured.
    """
    snapshot = work.snapshot()
    if begin is not None and snapshot.plan.new:
        begin()
    if not reuse or work.options.fresh or work.options.cells:
        return work.execute(), ""
    mark = mark_of(work.state(), snapshot, session, work.options)
    text = session.database.runs.marked(mark)
    if text is not None:
        before = results_json.from_json(json.loads(text))
        if reusable(before):
            return shown_again(work.state(), before), mark
    return work.execute(), mark_of(work.state(), work.snapshot(), session, work.options)


def _exit_code(results: Results, found: bool) -> ExitCode:  # noqa: FBT001 - private
    if not any(item.status is EnvironmentStatus.READY for item in results.environments):
        raise ToolError(
            "no environment is available, nothing was measured (see the messages above)"
        )
    if found:
        return ExitCode.DIFFERS
    if any(cell.verdict is Verdict.MISSING for cell in results.cells):
        raise ToolError("some cells were not measured; run the same command again to go on")
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EXAMPLES)
