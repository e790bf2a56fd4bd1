"""Show what would run, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.cli.console import Console
from runner.cli.options import option, positive
from runner.cli.project import open_project
from runner.cli.registry import Command
from runner.cli.selection import SelectionOptions, selected_spec
from runner.cli.shard_jobs import show_shards
from runner.environments.locks import lock_command
from runner.errors import ExitCode
from runner.model.builds import LockState
from runner.model.shards import Place
from runner.model.steps import LoadStep, SaveStep, Why
from runner.plan.planner import make_plan, wanted_pairs
from runner.run.installations import read_locks
from runner.run.snapshot import read_known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.steps import Plan

EXAMPLES = """\
examples:
  kmatrix plan                     how much, and why
  kmatrix plan --cells | grep new  each save and load that is new
"""


@dataclass(frozen=True, kw_only=True)
class Options(SelectionOptions):
    """Options of ``kmatrix plan``."""

    cells: bool = option("--cells", action="store_true", help="list every save and load")
    shards: int | None = option(
        "--shards", type=positive, metavar="N", help="list the parts for N machines instead"
    )
    shard: str | None = option("--shard", metavar="I/N", help="list only part I of N")
    format: str = option(
        "--format",
        choices=("text", "json", "github", "pythons"),
        default="text",
        help="of --shards and --shard; github: one line for strategy.matrix; pythons: the "
        "versions needed (default: %(default)s)",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix plan``."""
    project = open_project(options)
    spec = selected_spec(project.matrix, options)
    if options.shard is not None:
        total = Place.parse(options.shard).total
        return show_shards(spec, total, options.format, only=options.shard)
    if options.shards is not None:
        return show_shards(spec, options.shards, options.format)
    locks = read_locks(spec)
    with project.session() as session:
        known = read_known(spec, locks, session)
        found = make_plan(spec, known, control=project.control)
    console = Console()
    console.show(
        f"{spec.file.name}, profile {spec.profile}: {len(spec.environments)} environments, "
        f"{len(spec.recipes)} reference models, {len(spec.formats)} formats, "
        f"{len(wanted_pairs(spec))} pairs"
    )
    _show_reasons(console, "save", found.saves)
    _show_reasons(console, "load", found.loads)
    if found.later:
        console.show(f"  load   {len(found.later):6d}  once their artifacts are saved")
    for name, lock in locks.items():
        if lock.state is not LockState.FRESH:
            console.show(f"  lock   {name}: {lock.state}; write it: {lock_command(name)}")
    if options.cells:
        _show_steps(console, found)
    return ExitCode.AS_EXPECTED


def _show_reasons(console: Console, kind: str, steps: Iterable[SaveStep | LoadStep]) -> None:
    counts: dict[Why, int] = {}
    for step in steps:
        counts[step.why] = counts.get(step.why, 0) + 1
    for why in Why:
        if why in counts:
            words = "known: does not run" if why is Why.KNOWN else str(why)
            console.show(f"  {kind:6s} {counts[why]:6d}  {words}")


def _show_steps(console: Console, plan: Plan) -> None:
    steps: tuple[SaveStep | LoadStep, ...] = (*plan.saves, *plan.loads)
    for step in steps:
        console.show(f"{step.id}: {step.why}")
    for save, loader in plan.later:
        console.show(f"{save.id}/{loader.id}: once saved")


COMMAND = Command(
    options=Options,
    run=run,
    description="Show what a run would do and why: new, changed, known. Starts nothing.",
    examples=EXAMPLES,
)
