"""Measure `kmatrix convert` of a folder against one command for each file, in turn.

    python tests/bench/bulk_conversion.py --environments-of build [--files 100] [--to tf2.21]

The files are small dense models with different weights, written as HDF5 of Keras 2 by h5py.
It prints the seconds of both and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments-of", type=Path, default=ROOT / "build", metavar="BUILD")
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--to", default="tf2.21")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "build").mkdir()
        (folder / "build" / "environments").symlink_to(
            (options.environments_of / "environments").resolve()
        )
        (folder / "models").mkdir()
        for number in range(options.files):
            write_model(folder / "models" / f"model-{number}.h5", number)
        together = seconds(folder, options.to, [folder / "models"], "together")
        alone = sum(
            seconds(folder, options.to, [path], "alone")
            for path in sorted((folder / "models").iterdir())
        )
    print(f"{options.files} files: together {together:.1f} s, one by one {alone:.1f} s,", end=" ")
    print(f"ratio {alone / together:.2f}")


def seconds(folder, target, paths, name):
    """Return the seconds of one command, which must convert everything."""
    out = folder / name
    out.mkdir(exist_ok=True)
    began = time.monotonic()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "kmatrix", "convert", *map(str, paths), "--to", target),
            *("-o", f"{out}/", "--build-dir", str(folder / "build"), "--json"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"convert ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr}")
    return time.monotonic() - began


def write_model(path, seed):
    """Write a Sequential of Keras 2.2 with one hidden layer."""
    random = np.random.default_rng(seed)
    sizes = (8, 16, 4)
    layers = [
        {
            "class_name": "Dense",
            "config": {
                "name": f"dense_{number}",
                "units": sizes[number + 1],
                "activation": "relu" if number == 0 else "linear",
                "use_bias": True,
                "trainable": True,
                **(
                    {"batch_input_shape": [None, sizes[0]], "dtype": "float32"}
                    if not number
                    else {}
                ),
            },
        }
        for number in range(2)
    ]
    config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        weights = file.create_group("model_weights")
        weights.attrs["keras_version"] = b"2.2.4"
        weights.attrs["backend"] = b"tensorflow"
        weights.attrs["layer_names"] = [f"dense_{number}".encode() for number in range(2)]
        for number in range(2):
            group = weights.create_group(f"dense_{number}")
            names = [f"dense_{number}/kernel:0", f"dense_{number}/bias:0"]
            group.attrs["weight_names"] = [name.encode() for name in names]
            shape = (sizes[number], sizes[number + 1])
            group[names[0]] = random.normal(size=shape).astype("float32")
            group[names[1]] = random.normal(size=shape[1:]).astype("float32")


if __name__ == "__main__":
    main()
