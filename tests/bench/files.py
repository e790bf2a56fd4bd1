"""Measure how long `kmatrix load` takes for many files: commands in turn, each in a new store.

    python tests/bench/files.py OLD=/path/to/old/kmatrix NEW=kmatrix --environments-of build

Each command loads the same files in the same environments twice: first with nothing known, then
again. It prints the seconds on the clock of both, and the processor seconds of the second.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.real_models.conftest import units  # noqa: E402

FIVE = (
    *("keras2.3.1-theano-py37", "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"),
    "tf2.21-keras3.15-py312",
)
FILES = 16
WHOLE = ("h5-model", "keras-zip", "saved_model", "json-arch", "yaml-arch")  # what Keras can load


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commands", nargs="+", metavar="NAME=KMATRIX", help="what to compare")
    parser.add_argument("--environments-of", type=Path, default=ROOT / "build", metavar="BUILD")
    parser.add_argument("--environments", nargs="+", default=FIVE)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    for number in range(options.rounds):
        for named in options.commands:
            name, command = named.split("=", 1)
            measure(f"{name} {number + 1}", command, options)


def measure(name, command, options):
    """Load twice in a store of its own; the environments are shared and built already."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        environments = (options.environments_of / "environments").resolve()
        (build / "environments").symlink_to(environments)
        first, _ = load(command, build, options)
        again, processor = load(command, build, options)
    print(
        f"{name:10s} {first:7.1f} s; again {again:6.1f} s, {processor:5.2f} processor seconds",
        flush=True,
    )


def load(command, build, options):
    """Return seconds on the clock and processor seconds of one `kmatrix load`."""
    paths = [str(unit.path) for unit in chosen(options.files)]
    # With PYTHONPATH every command would run the code that lies there.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [
            *(command, "load", *paths, "--build-dir", str(build), "--format", "json"),
            *("--environments", *options.environments),
        ],
        cwd=ROOT,
        env={**variables, "KMATRIX_BUILD_DIR": str(build)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, used


def chosen(count):
    """Return the first files of the manifests, evenly over their formats."""
    by_format = {}
    for unit in (unit for unit in units() if unit.data["format"] in WHOLE):
        by_format.setdefault(unit.data["format"], []).append(unit)
    lists = list(by_format.values())
    rounds = [one for group in zip_longest(lists) for one in group]
    return rounds[:count]


def zip_longest(lists):
    """Yield the first of every list, then the second of every list that has one, and so on."""
    for number in range(max(map(len, lists))):
        yield [items[number] for items in lists if number < len(items)]


if __name__ == "__main__":
    main()
