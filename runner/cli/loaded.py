"""What came of loading a file, for people: the answer first, then what was tried where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from runner.display_text import cut
from runner.model.finding import Verdict
from runner.model.inspection import Level
from runner.model.user_file import FileAttempt

if TYPE_CHECKING:
    from rich.console import Console

    from runner.model.user_file import FileCell, FileResult

REFERENCE = " (the reference)"  # of nothing, where there is one environment
LEAST_WIDTH = 80  # of a line; narrower terminals wrap it
STYLES = {
    Verdict.IDENTICAL: "green",
    Verdict.DEGRADED: "green",
    Verdict.REMEDIED: "yellow",
    Verdict.DRIFTED: "bold magenta",
    Verdict.REFUSED: "red",
    Verdict.CRASHED: "bold red",
    Verdict.HUNG: "bold red",
}


def show(console: Console, found: FileResult) -> None:
    """Print the answer, then the evidence."""
    console.print(Text(f"{found.path}: {found.inspection.title}", style="bold"))
    console.print(Text(f"  {found.answer}"))
    for remark in found.inspection.remarks:
        if remark.level is Level.TRAP:
            console.print(Text(f"  trap: {remark.text}", style="yellow"))
    if not found.environments:
        return
    attempts = [one for load in found.environments for one in load.attempts]
    route = max((len(one.route) for one in attempts), default=0)
    verdicts = [one.verdict for one in attempts] + [one.verdict for one in found.environments]
    verdict = max(len(verdict) for verdict in verdicts)
    for load in found.environments:
        console.print(Text(f"  {load.environment}"))
        width = max(console.width, LEAST_WIDTH)
        several = len(found.environments) > 1
        console.print(_evidence(load, route, verdict, width, several=several))
    for code, names in _scripts(found).items():
        console.print(Text(f"  to load it in {', '.join(names)}:"))
        lines = [f"    {line}".rstrip() for line in code.rstrip().splitlines()]
        console.print(Text("\n".join(lines), style="cyan"), soft_wrap=True)  # it is copied
    if found.reference is not None and len(found.environments) > 1:
        console.print(Text(f"  compared with: {found.reference}", style="dim"))


def _scripts(found: FileResult) -> dict[str, list[str]]:
    """Return what was executed where another way than as is works, and the environments of each."""
    scripts: dict[str, list[str]] = {}
    for load in found.environments:
        if load.code:
            scripts.setdefault(load.code, []).append(load.environment)
    return scripts


def _evidence(load: FileCell, route: int, verdict: int, width: int, *, several: bool) -> Table:
    """Return what was tried in one environment: route, verdict, and why in three lines at most."""
    table = Table.grid(padding=(0, 2, 0, 0))
    why = width - route - verdict - 10
    table.add_column(min_width=2)
    table.add_column(min_width=route, no_wrap=True)
    table.add_column(min_width=verdict, no_wrap=True)
    table.add_column(width=why, overflow="fold")
    tried: tuple[FileAttempt | FileCell, ...] = load.attempts or (load,)
    for one in tried:
        known = f" [{one.signatures[0]}]" if isinstance(one, FileAttempt) and one.signatures else ""
        room = 3 * why - len(known) - 10  # lines break between words
        reason = one.reason if several else one.reason.removesuffix(REFERENCE)
        reason = cut(reason, room)
        table.add_row(
            "",
            Text(one.route if isinstance(one, FileAttempt) else ""),
            Text(str(one.verdict), style=STYLES.get(one.verdict, "")),
            Text(reason + known),
        )
    return table
