"""``kmatrix merge``: results of shards and of machines to one report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from reports import results_json
from runner.cli import gating, reporting
from runner.cli.console import Console
from runner.cli.spec import build_folder
from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError
from runner.model.finding import Verdict
from runner.run.session import open_session
from runner.shards.merge import Part, unite

if TYPE_CHECKING:
    import argparse
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from runner.model.results import Results

FILE = "results.json"
MOST_NOTES = 20


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of ``kmatrix merge``."""
    merge = commands.add_parser(
        "merge",
        help="unite the results of shards and machines into one report",
        description="Unite results.json files into one report, and keep it as a run. Of two "
        "answers for one cell the worse is kept, and said. A shard that is missing is a visible "
        "hole: its cells are 'missing', and the exit code is 3.",
    )
    merge.add_argument(
        "results", nargs="+", type=Path, metavar="DIR_OR_FILE", help=f"{FILE}, or folders with some"
    )
    merge.add_argument(
        "--matrix",
        type=Path,
        default=Path("matrix.yaml"),
        metavar="FILE",
        help="whose build folder",
    )
    merge.add_argument("--build-dir", type=Path, metavar="DIR", help="where the run is kept")
    merge.add_argument("--report-dir", type=Path, metavar="DIR", help="default: BUILD/report")
    merge.add_argument(
        "--fail-on",
        action="append",
        default=[],
        choices=[str(verdict) for verdict in Verdict],
        metavar="VERDICT",
        help="exit with 1 when a cell has this verdict; repeatable",
    )


def merge(options: Namespace) -> ExitCode:
    """``kmatrix merge``."""
    parts = [_read(path) for path in _files(options.results)]
    build = build_folder(options)
    expectations = load_matrix(options.matrix).expectations if options.matrix.exists() else None
    console = Console()
    session = open_session(build)
    try:
        results, notes = unite(parts, run_id=session.run_id)
        for note in notes[:MOST_NOTES]:
            console.print(note, highlight=False, markup=False, soft_wrap=True)
        if len(notes) > MOST_NOTES:
            console.print(f"and {len(notes) - MOST_NOTES} more disagreements")
        results = gating.with_expectations(results, expectations)
        reporting.publish(
            console,
            results,
            session,
            options.report_dir or build / "report",
            gated=expectations is not None,
        )
        gating.say(console, results, expectations)
    finally:
        session.close()
    as_expected = gating.as_expected(results, expectations)
    return _exit_code(results, frozenset(options.fail_on), as_expected=as_expected)


def _exit_code(results: Results, fail_on: frozenset[str], *, as_expected: bool) -> ExitCode:
    if results.run.missing_shards:
        raise ToolError(
            f"shard {', '.join(results.run.missing_shards)}: not here, so the grid has holes. "
            "Merge again with their results.json"
        )
    if not as_expected or any(str(cell.verdict) in fail_on for cell in results.cells):
        return ExitCode.DIFFERS
    if not results.run.complete:
        raise ToolError("some cells were not asked; run their shard again and merge again")
    return ExitCode.AS_EXPECTED


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if not place.is_dir():
            yield place
            continue
        found = sorted(place.rglob(FILE))
        if not found:
            raise ToolError(
                f"{place}: no {FILE} in this folder. A shard writes one into its report folder: "
                "kmatrix run --shard 1/2 --report-dir DIR",
                exit_code=ExitCode.MISSING,
            )
        yield from found


def _read(path: Path) -> Part:
    try:
        return Part(
            source=str(path), results=results_json.from_json(json.loads(path.read_text("utf-8")))
        )
    except OSError as error:
        raise ToolError(f"{path}: cannot be read ({error})", exit_code=ExitCode.USAGE) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(
            f"{path}: not a {FILE} of kmatrix ({error})", exit_code=ExitCode.USAGE
        ) from error
