"""What a container costs: the same matrix in virtual environments and in images.

Usage: python tests/bench/docker.py [--base python:{python}-slim] [--rounds 3]
Environments and images are built before the clock starts; evidence is made anew each time.
Everything is measured in one run on one machine; quote the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from runner.builders.choice import make_builders  # noqa: E402
from runner.builders.locks import read_lock  # noqa: E402
from runner.cli.spec import control_recipe  # noqa: E402
from runner.execute.run import Options, Run  # noqa: E402
from runner.execute.session import open_session  # noqa: E402
from runner.nouns.building import Built  # noqa: E402
from runner.nouns.spec import Format  # noqa: E402
from runner.spec.load import load_matrix, select  # noqa: E402

ENVIRONMENTS = ("keras2.3.1-theano-py37", "tf1.15-py37", "keras3.15-jax-py312")
FORMATS = (Format.H5, Format.KERAS, Format.JSON)


class Silent:
    """Nobody watches."""

    def phase(self, name: str, total: int) -> None:
        pass

    def step(self, name: str) -> None:
        pass

    def say(self, text: str) -> None:
        print(text)


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
    seconds: dict[str, list[float]] = {name: [] for name in specs}
    for _ in range(options.rounds):
        for name, each in specs.items():
            took, cells = measure(each, builders)
            seconds[name].append(took)
            print(f"{name:8s} {took:7.1f} s, {cells} cells", flush=True)
    nox, docker = (statistics.median(seconds[name]) for name in ("nox", "docker"))
    print(f"medians: {nox:.1f} s and {docker:.1f} s; container / venv = {docker / nox:.2f}")


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
        built = builders.build(item.installation, lock, spec.limits)
        assert isinstance(built, Built), built


def measure(spec, builders) -> tuple[float, int]:
    """One whole run without evidence."""
    with tempfile.TemporaryDirectory(prefix="kmatrix-bench-") as folder:
        session = open_session(Path(folder))
        begun = time.perf_counter()
        try:
            results = Run(
                spec=spec,
                control=control_recipe(),
                session=session,
                builder=builders,
                options=Options(jobs=2),
                progress=Silent(),
            ).execute()
        finally:
            session.close()
        return time.perf_counter() - begun, len(results.cells)


if __name__ == "__main__":
    main()
