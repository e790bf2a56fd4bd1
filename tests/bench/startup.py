"""What starting kmatrix costs: processor seconds (user and system) of short commands, best of 5.

Usage: python tests/bench/startup.py [--kmatrix PATH] [--against PATH] [--results DIR]. PATH is a
``kmatrix`` program; --against names a second one, measured in turn with the first, and adds the
ratio. --results is a folder with a matrix.yaml that was run before, for an unchanged ``run`` (its
build folder is copied for each program, as a store belongs to one version). Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
LOG = "Traceback (most recent call last):\nTypeError: Unrecognized keyword: ['batch_shape']\n"


def processor_seconds(argv: list[str], folder: Path) -> float:
    """User and system time of one command and of the processes that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def commands_of(model: Path, log: Path, matrix: Path | None) -> dict[str, list[str]]:
    """The measured commands, by their title."""
    found = {
        "--help": ["--help"],
        "check, known": ["check", "--from", "tf2.15", "--to", "tf2.21"],
        "inspect FILE": ["inspect", str(model)],
        "diagnose FILE": ["diagnose", str(log)],
    }
    if matrix is not None:
        found["run, unchanged"] = ["run", "--matrix", str(matrix), "--build-dir", "BUILD"]
    return found


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kmatrix", default=str(Path(sys.executable).with_name("kmatrix")))
    parser.add_argument("--against", help="another kmatrix, for example of an older commit")
    parser.add_argument("--model", type=Path, help="a saved model", required=True)
    parser.add_argument("--results", type=Path, metavar="DIR", help="a folder with matrix.yaml")
    options = parser.parse_args()
    programs = [options.kmatrix, *([options.against] if options.against else [])]
    with tempfile.TemporaryDirectory(prefix="kmatrix-startup-") as name:
        folder = Path(name)
        log = folder / "train.log"
        log.write_text(LOG)
        builds = [folder / f"build{number}" for number in range(len(programs))]
        matrix = None
        if options.results is not None:
            matrix = options.results.resolve() / "matrix.yaml"
            for build in builds:
                copy_build(options.results.resolve() / "build", build)
        for title, words in commands_of(options.model.resolve(), log, matrix).items():
            lines = [
                [program, *(str(build) if word == "BUILD" else word for word in words)]
                for program, build in zip(programs, builds, strict=True)
            ]
            rounds = [
                [processor_seconds(argv, folder) for argv in lines] for _ in range(ROUNDS + 1)
            ]
            best = [min(column) for column in zip(*rounds[1:], strict=True)]  # the first warms up
            ratio = f"  ratio {best[0] / best[1]:.2f}" if len(best) > 1 else ""
            print(f"{title:<16}" + "".join(f"{seconds:8.3f} s" for seconds in best) + ratio)


def copy_build(source: Path, target: Path) -> None:
    """The store as a copy, what is large by symbolic link."""
    target.mkdir()
    for item in source.iterdir():
        if item.name == "store":
            (target / "store").mkdir()
            for part in item.iterdir():
                if part.is_file():
                    shutil.copy2(part, target / "store" / part.name)
                else:
                    os.symlink(part, target / "store" / part.name)
        elif item.name == "environments":
            os.symlink(item, target / item.name)


if __name__ == "__main__":
    main()
