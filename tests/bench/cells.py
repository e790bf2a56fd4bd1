"""What isolation costs: the same cells by a zygote, by a process each, and without isolation.

Usage: nox -s bench [-- cells --models 12 --formats h5 keras json weights-h5]
Everything is measured in one run on one machine; quote the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from runner.cli.console import Console  # noqa: E402
from runner.cli.progress_bars import Quiet  # noqa: E402
from runner.config.matrix_file import load_matrix, select  # noqa: E402
from runner.config.recipe_source import control_recipe  # noqa: E402
from runner.environments.locks import read_lock  # noqa: E402
from runner.environments.nox_builder import NoxBuilder  # noqa: E402
from runner.model.builds import Built  # noqa: E402
from runner.plan.planner import Known, make_plan  # noqa: E402
from runner.run.batches import load_batches  # noqa: E402
from runner.run.installations import environment_digests, read_locks  # noqa: E402
from runner.run.matrix_run import Run  # noqa: E402
from runner.run.run_state import Options  # noqa: E402
from runner.run.session import open_session  # noqa: E402
from runner.worker_client.local_worker import LocalWorker  # noqa: E402
from runner.worker_client.worker_protocol import TaskRequest  # noqa: E402

ENVIRONMENTS = ("tf2.10-py39", "tf2.15-py311", "tf2.21-keras3.15-py312")
FORMATS = ("h5", "keras", "weights-h5", "json")


def main() -> None:
    """Build, save once, then time the loads three ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build")
    options = parser.parse_args()
    matrix = load_matrix(ROOT / "matrix.yaml")
    whole = select(matrix, profile=None, environments=ENVIRONMENTS, formats=FORMATS)
    spec = replace(whole, recipes=tuple(item for item in whole.recipes if not item.custom))
    with tempfile.TemporaryDirectory(prefix="kmatrix-bench-") as scratch:
        bench(spec, options, Path(scratch))


def bench(spec, options, scratch) -> None:
    """Time every way on the same cells, environment by environment."""
    session = open_session(scratch)
    builder = NoxBuilder(folder=ROOT, build=options.build_dir.resolve())
    runner = Run(
        spec=spec,
        control=control_recipe(),
        session=session,
        builder_for=lambda _: builder,
        options=Options(jobs=2, fallbacks=False),
        progress=Quiet(Console()),
    )
    begun = time.perf_counter()
    results = runner.execute()
    print(f"whole run, 2 jobs: {time.perf_counter() - begun:.1f} s, {len(results.cells)} cells")
    cells = loadable(spec, session, results, options.cells)
    totals = {"zygote, grouped": 0.0, "zygote, a child each": 0.0}
    totals |= {"a process each": 0.0, "no isolation": 0.0}
    for environment in spec.environments:
        mine = [step for step in cells if step.loader.id == environment.id]
        lock = read_lock(ROOT, environment.installation)
        built = builder.find(environment.installation, lock)
        assert isinstance(built, Built)
        ways = Ways(session, environment, built.python, spec.limits, scratch, mine)
        for name, seconds in ways.measure().items():
            totals[name] += seconds
            print(f"{environment.id:26s} {name:22s} {seconds / len(mine):7.3f} s a cell")
    session.close()
    count = len(cells)
    print(f"\n{count} cells over {len(spec.environments)} environments, one at a time:")
    for name, seconds in totals.items():
        print(f"  {name:22s} {seconds:8.1f} s {seconds / count:7.3f} s a cell")
    grouped = totals["zygote, grouped"]
    print(f"  a process each / grouped : {totals['a process each'] / grouped:.1f} x")
    print(f"  grouped / no isolation   : {grouped / totals['no isolation']:.2f} x")


def loadable(spec, session, results, most):
    """The cells that load and come out identical: the same work for every way."""
    identical = {cell.id for cell in results.cells if str(cell.verdict) == "identical"}
    plan = make_plan(
        spec,
        Known(
            digests=environment_digests(spec, read_locks(spec)),
            worker=session.bundle.digest,
            evidence=session.database.known(),
            last={},
        ),
        control=control_recipe(),
    )
    found = [step for step in plan.loads if step.id in identical]
    share = -(-most // len(spec.environments))
    kept = []
    for environment in spec.environments:
        own = [step for step in found if step.loader.id == environment.id]
        kept += (own * (share // max(1, len(own)) + 1))[:share]
    return kept


class Ways:
    """The four ways of running the same loads in one environment."""

    def __init__(self, session, environment, python, limits, scratch, steps):
        self.session, self.environment, self.python = session, environment, python
        self.limits, self.scratch, self.steps = limits, scratch / environment.id, steps
        self.scratch.mkdir()
        self.count = 0

    def measure(self) -> dict[str, float]:
        """Seconds for each way; the import counts where a way pays it."""
        self._each_process(self.steps[:1])  # bytecode and disk cache are warm for all alike
        return {
            "zygote, grouped": self._timed(self._grouped),
            "zygote, a child each": self._timed(self._child_each),
            "a process each": self._timed(self._each_process),
            "no isolation": self._timed(self._in_process),
        }

    def _timed(self, way) -> float:
        begun = time.perf_counter()
        way(self.steps)
        return time.perf_counter() - begun

    def _worker(self, mode: str) -> LocalWorker:
        self.count += 1
        return LocalWorker(
            environment=self.environment,
            python=self.python,
            bundle=self.session.bundle,
            folder=self.scratch / f"worker-{self.count}",
            limits=self.limits,
            mode=mode,
        )

    def _grouped(self, steps) -> None:
        worker = self._worker("fork")
        for batch in load_batches(steps):
            self._run(worker, batch.steps)
        worker.close()

    def _child_each(self, steps) -> None:
        worker = self._worker("fork")
        for step in steps:
            self._run(worker, [step])
        worker.close()

    def _each_process(self, steps) -> None:
        for step in steps:
            worker = self._worker("inline")
            self._run(worker, [step])
            worker.close()

    def _in_process(self, steps) -> None:
        worker = self._worker("inline")
        self._run(worker, steps)
        worker.close()

    def _run(self, worker, steps) -> None:
        tasks = [self._task(step) for step in steps]
        ended = worker.run(tasks, self.limits)
        assert str(ended.ending) == "done", ended

    def _task(self, step) -> TaskRequest:
        self.count += 1
        folder = self.scratch / f"task-{self.count}"
        folder.mkdir()
        return TaskRequest(
            kind="load",
            recipe=step.save.recipe,
            format=step.save.format,
            artifact=self.session.artifacts.path(step.artifact),
            folder=folder,
            script=step.script,
            thorough=False,
        )


if __name__ == "__main__":
    main()
