"""The commands. Each takes parsed options and returns an exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import kmatrix
from reports import results_json
from runner.cli import (
    accept,
    advice,
    check,
    diagnose,
    diff,
    doctor,
    gating,
    init,
    inspect,
    load,
    locking,
    merge,
    past,
    publishing,
    reporting,
    requirements,
    sharding,
    signatures,
    update,
)
from runner.cli.console import Console
from runner.cli.progress import make_progress
from runner.cli.spec import build_folder, control_recipe, load_spec, selects
from runner.environments.builders import make_builders
from runner.environments.locks import lock_command
from runner.errors import ExitCode, ToolError
from runner.model.builds import LockState
from runner.model.finding import Verdict
from runner.model.shards import Place
from runner.model.steps import Why
from runner.plan.planner import Known, make_plan
from runner.run.installations import environment_digests, read_locks
from runner.run.matrix_run import Options, Run
from runner.run.results_cache import mark_of, reusable, shown_again
from runner.run.session import open_session

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Mapping

    from runner.model.results import Results
    from runner.model.steps import Step


def run(options: Namespace) -> ExitCode:
    """``kmatrix run``."""
    spec, cells = load_spec(options)
    if options.lock:
        locking.lock_what_is_missing(spec)
    if options.shard and cells:
        raise ToolError("--cell and --shard do not go together", exit_code=ExitCode.USAGE)
    part = sharding.part_of(spec, options.shard) if options.shard else None
    if part is not None:
        if not part.shard.pairs:
            print(f"shard {part.shard.place}: nothing to do, the matrix is smaller than that")
            return ExitCode.AS_EXPECTED
        spec = part.spec
    build = build_folder(options)
    console = Console()
    session = open_session(build)
    try:
        with make_progress(console) as progress:
            work = Run(
                spec=spec,
                control=control_recipe(),
                session=session,
                builder=make_builders(folder=spec.file.resolve().parent, build=session.build),
                options=Options(
                    jobs=options.jobs,
                    isolate=options.isolate,
                    group=not options.no_group,
                    cells=cells,
                    fresh=options.fresh or bool(cells),
                    climb=not options.no_climb,
                ),
                progress=progress,
            )
            results, mark = _execute(work, reuse=part is None)
        results = gating.with_expectations(results, spec.expectations)
        if part is not None:
            results = part.stamp(results)
        if cells:
            reporting.show_cells(console, results)
        else:
            reporting.publish(
                console,
                results,
                session,
                options.report_dir or build / "report",
                gated=spec.expectations is not None,
                selected=selects(options) or part is not None,
                mark=mark,
            )
        gating.say(console, results, spec.expectations)
    finally:
        session.close()
    as_expected = gating.as_expected(results, spec.expectations)
    return _exit_code(results, frozenset(options.fail_on), as_expected=as_expected)


def _execute(work: Run, *, reuse: bool) -> tuple[Results, str]:
    """Results, and the mark they are kept under. What was judged already is not judged again."""
    if not reuse or work.options.fresh or work.options.cells:
        return work.execute(), ""
    mark = mark_of(work)
    text = work.session.database.runs.marked(mark)
    if text is not None:
        before = results_json.from_json(json.loads(text))
        if reusable(before):
            return shown_again(work, before), mark
    return work.execute(), mark_of(work)


def _exit_code(results: Results, fail_on: frozenset[str], *, as_expected: bool) -> ExitCode:
    if not any(item.status == "ready" for item in results.environments):
        raise ToolError(
            "no environment could be had, so nothing was measured; the reasons stand above"
        )
    if not as_expected or any(str(cell.verdict) in fail_on for cell in results.cells):
        return ExitCode.DIFFERS
    if any(cell.verdict is Verdict.MISSING for cell in results.cells):
        raise ToolError("some cells could not be asked; run the same command again to go on")
    return ExitCode.AS_EXPECTED


def plan(options: Namespace) -> ExitCode:
    """``kmatrix plan``."""
    spec, _ = load_spec(options)
    if options.shard is not None:
        total = Place.parse(options.shard).total
        return sharding.show_shards(spec, total, options.format, only=options.shard)
    locks = read_locks(spec)
    if options.shards is not None:
        return sharding.show_shards(spec, options.shards, options.format)
    session = open_session(build_folder(options))
    try:
        found = make_plan(
            spec,
            Known(
                digests=environment_digests(spec, locks),
                worker=session.bundle.digest,
                evidence=session.database.known(),
                last=session.database.last_parts(),
            ),
            control=control_recipe(),
        )
    finally:
        session.close()
    console = Console()
    later = len(found.later)
    console.print(
        f"{spec.file.name}, profile {spec.profile}: {len(spec.environments)} environments, "
        f"{len(spec.recipes)} reference models, {len(spec.formats)} formats"
    )
    _say_reasons(console, "save", found.saves)
    _say_reasons(console, "load", found.loads)
    if later:
        console.print(f"  load   {later:6d}  once their artifacts are saved")
    for name, lock in locks.items():
        if lock.state is not LockState.FRESH:
            words = f"  lock   {name}: {lock.state}; write it: {lock_command(name)}"
            console.print(words, highlight=False, soft_wrap=True)
    if options.cells:
        steps: tuple[Step, ...] = (*found.saves, *found.loads)
        for step in steps:
            console.print(f"{step.id}: {step.why}", highlight=False, soft_wrap=True)
        for save, loader in found.later:
            console.print(f"{save.id}/{loader.id}: once saved", highlight=False, soft_wrap=True)
    return ExitCode.AS_EXPECTED


def _say_reasons(console: Console, kind: str, steps: Iterable[Step]) -> None:
    counts: dict[Why, int] = {}
    for step in steps:
        counts[step.why] = counts.get(step.why, 0) + 1
    for why in Why:
        if why in counts:
            words = "known: does not run" if why is Why.KNOWN else str(why)
            console.print(f"  {kind:6s} {counts[why]:6d}  {words}", highlight=False)


def env(options: Namespace) -> int:
    """``kmatrix env``."""
    from runner.cli import environments  # noqa: PLC0415 - as docker's client is slow to import

    return environments.env(options)


def version(options: Namespace) -> ExitCode:
    """``kmatrix version``."""
    from importlib.metadata import version as of  # noqa: PLC0415

    del options
    print(f"kmatrix {kmatrix.__version__}")
    for name in ("nox", "uv", "docker", "jinja2", "pyyaml", "h5py", "numpy"):
        print(f"  {name} {of(name)}")
    return ExitCode.AS_EXPECTED


COMMANDS: Mapping[str, Callable[[Namespace], ExitCode | int]] = {
    "run": run,
    "plan": plan,
    "env": env,
    "lock": locking.lock,
    "report": reporting.report,
    "accept": accept.accept,
    "advice": advice.advice,
    "diagnose": diagnose.run,
    "diff": diff.diff,
    "check": check.check,
    "runs": past.runs,
    "merge": merge.merge,
    "publish": publishing.publish,
    "signatures": signatures.signatures,
    "update": update.update,
    "init": init.init,
    "inspect": inspect.inspect,
    "load": load.load,
    "requirements": requirements.requirements,
    "doctor": doctor.doctor,
    "version": version,
}
