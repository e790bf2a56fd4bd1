"""What a container costs: the same matrix in virtual environments and in images.

Usage: python tests/bench/images.py [--base python:{python}-slim] [--rounds 3]
Environments and images are built before the clock starts; evidence is made anew each time.
Everything is measured in one run on one machine; quote the ratio, not the seconds. On a machine
that does other things too only the processor's seconds say something: of this process, of its
workers and, with cgroups v1, of all containers; what the Engine itself takes is not in them.
"""

from __future__ import annotations

import argparse
import os
import statistics
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
from runner.environments.builders import make_builders  # noqa: E402
from runner.environments.locks import read_lock  # noqa: E402
from runner.model.builds import Built  # noqa: E402
from runner.model.matrix import Format  # noqa: E402
from runner.run.matrix_run import Run  # noqa: E402
from runner.run.run_state import Options  # noqa: E402
from runner.run.session import open_session  # noqa: E402

ENVIRONMENTS = ("keras2.3.1-theano-py37", "tf1.15-py37", "keras3.15-jax-py312")
CONTAINERS = Path("/sys/fs/cgroup/cpuacct/docker/cpuacct.usage")  # nanoseconds
FORMATS = (Format.H5, Format.KERAS, Format.JSON)


def main() -> None:
    """Alternate, so that both see the same machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="kmatrix-test/python:{python}-slim")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=["*"])
    options = parser.parse_args()
    matrix = load_matrix(ROOT / "matrix.yaml")
    spec = select(
        matrix,
        profile=None,
        environments=ENVIRONMENTS,
        formats=FORMATS,
        recipes=tuple(options.models),
    )
    builders = make_builders(folder=ROOT, build=ROOT / "build")
    specs = {name: with_builder(spec, name, options.base) for name in ("nox", "docker")}
    for each in specs.values():
        build(each, builders)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in specs}
    for _ in range(options.rounds):
        for name, each in specs.items():
            took, busy, cells = measure(each, builders)
            found[name].append((took, busy))
            print(f"{name:8s} {took:7.1f} s, processor {busy:6.1f} s, {cells} cells", flush=True)
    for kind, words in enumerate(("on the clock", "of the processor")):
        nox, docker = (statistics.median(each[kind] for each in found[name]) for name in specs)
        print(f"{words}: {nox:.1f} s and {docker:.1f} s; container / venv = {docker / nox:.2f}")


def processor() -> float:
    """Seconds that this process, the children it has waited for and all containers have used."""
    contained = int(CONTAINERS.read_text()) / 1e9 if CONTAINERS.exists() else 0.0
    return sum(os.times()[:4]) + contained


def with_builder(spec, builder, base):
    """The same spec with another builder."""
    environments = tuple(
        replace(
            item,
            installation=replace(
                item.installation,
                builder=builder,
                image=replace(item.installation.image, base=base),
            ),
        )
        for item in spec.environments
    )
    return replace(spec, environments=environments)


def build(spec, builders) -> None:
    """Everything that is not to be measured."""
    for item in spec.environments:
        lock = read_lock(ROOT, item.installation)
        built = builders(item.installation).build(item.installation, lock, spec.limits)
        assert isinstance(built, Built), built


def measure(spec, builders) -> tuple[float, float, int]:
    """One whole run without evidence."""
    with tempfile.TemporaryDirectory(prefix="kmatrix-bench-") as folder:
        session = open_session(Path(folder))
        begun, busy = time.perf_counter(), processor()
        try:
            results = Run(
                spec=spec,
                control=control_recipe(),
                session=session,
                builder_for=builders,
                options=Options(jobs=2),
                progress=Quiet(Console()),
            ).execute()
        finally:
            session.close()
        return time.perf_counter() - begun, processor() - busy, len(results.cells)


if __name__ == "__main__":
    main()
