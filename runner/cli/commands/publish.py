"""Write a folder for a static site: this run's grid, or the last good one."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports import site
from runner.cli.options import option
from runner.cli.registry import Command
from runner.cli.report_writer import write_report
from runner.cli.stored_runs import read_results
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from reports.site import Decision
    from runner.model.results import Results

PAGE = "index.html"


DESCRIPTION = (
    "Write the folder of a static site. A grid that is empty, incomplete, or lacks a shard does "
    "not replace the last good one, which then gets a banner with its date and the reason. Prints "
    "state=good, stale, partial or nothing, and new-red=N, a line each."
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of ``kmatrix publish``."""

    report: Path = option(type=Path, metavar="REPORT_DIR", help="the report of this run")
    last_good: Path | None = option(
        "--last-good", type=Path, metavar="RESULTS_JSON", help="the results now on the site"
    )
    to: Path = option(
        "--to", type=Path, required=True, metavar="DIR", help="the folder to write; emptied first"
    )
    issue: Path | None = option(
        "--issue", type=Path, metavar="FILE", help="write the text of an issue if cells became red"
    )


def run(options: Options) -> ExitCode:
    """``kmatrix publish``."""
    new = _results(options.report / "results.json")
    last = _results(options.last_good) if options.last_good is not None else None
    decision = site.decide(new, last)
    shutil.rmtree(options.to, ignore_errors=True)
    _write(options.to, options.report, decision, new, last)
    if options.issue is not None and decision.new_red and new is not None and last is not None:
        options.issue.write_text(site.issue(decision, new, last), "utf-8")
    print(f"state={decision.state}")
    print(f"new-red={len(decision.new_red)}")
    if decision.reason is not None:
        print(f"not published unchanged: {decision.reason}", file=sys.stderr)
    if decision.state is site.State.NOTHING:
        raise ToolError("there is nothing to publish: no results, and no last good grid")
    return ExitCode.AS_EXPECTED


def _results(path: Path) -> Results | None:
    """Return the results, or None if there are none that this kmatrix can read."""
    if not path.exists():
        return None
    try:
        return read_results(path)
    except ToolError as error:
        print(f"not used: {error}", file=sys.stderr)
        return None


def _write(
    to: Path, report: Path, decision: Decision, new: Results | None, last: Results | None
) -> None:
    match decision.state:
        case site.State.GOOD | site.State.PARTIAL:
            shutil.copytree(report, to)
            shown = new
        case site.State.STALE:
            assert last is not None  # noqa: S101 - by decide
            write_report(last, to)
            if new is not None:
                shutil.copytree(report, to / "latest")
            shown = last
        case site.State.NOTHING:
            return
    assert shown is not None  # noqa: S101 - by decide
    page = to / PAGE
    text = site.with_banner(page.read_text("utf-8"), decision, shown, new)
    page.write_text(text, "utf-8")
    status = {"state": decision.state, "date": site.day(shown), "reason": decision.reason}
    (to / "status.json").write_text(json.dumps(status) + "\n", "utf-8")


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
