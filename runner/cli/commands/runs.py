"""List the runs in the store."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table

from runner.cli.console import Console
from runner.cli.options import StoreOptions
from runner.cli.registry import Command
from runner.cli.stored_runs import open_store
from runner.errors import ExitCode

COLUMNS = ("run", "started", "profile", "cells", "red", "")
NUMBERS = frozenset({"cells", "red"})
DESCRIPTION = (
    "List the runs in the store, newest first. kmatrix keeps the newest hundred of each profile, "
    "and the last one that was as expected."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix runs``."""


def run(options: Options) -> ExitCode:
    """``kmatrix runs``."""
    database = open_store(options.build)
    try:
        found = database.runs.all()
    finally:
        database.close()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in COLUMNS:
        table.add_column(head, justify="right" if head in NUMBERS else "left")
    for item in found:
        state = "as expected" if item.green else "" if item.complete else "not complete"
        table.add_row(item.id, item.started, item.profile, str(item.cells), str(item.red), state)
    Console(soft_wrap=True).print(table)
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run, description=DESCRIPTION)
