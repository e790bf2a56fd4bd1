"""``kmatrix init`` in somebody's repository: what it wrote runs, on real environments."""

import json
import os
import shutil
import subprocess
import sys

from tests.real.conftest import BUILD, KERAS3, ROOT, TF215

LAYER = """\
try:
    import keras
except ImportError:
    from tensorflow import keras


class Shift(keras.layers.Layer):
    def call(self, x):
        return x + 1.0

    def compute_output_shape(self, shape):
        return shape
"""


def test_a_repository_gets_a_matrix_that_runs_with_a_layer_of_its_own(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "layers.py").write_text(LAYER)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "theirs"\nversion = "1"\ndependencies = ["tensorflow>=2.15,<2.16"]\n'
    )
    launcher = [sys.executable, str(ROOT / "kmatrix")]

    def kmatrix(*arguments):
        done = subprocess.run(
            [*launcher, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=1200
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    said = kmatrix("init")
    assert "next: kmatrix lock, then kmatrix run" in said
    assert (tmp_path / ".github" / "workflows" / "kmatrix.yml").is_file()
    # Their environments are two of this repository's own: same locks, nothing to build.
    locks = tmp_path / "environments" / "locks"
    locks.mkdir(parents=True)
    for name in (TF215, KERAS3):
        shutil.copy(ROOT / "environments" / "locks" / f"{name}.txt", locks)
    build = tmp_path / "build"
    build.mkdir()
    (BUILD / "environments").mkdir(parents=True, exist_ok=True)
    os.symlink(BUILD / "environments", build / "environments")
    kmatrix("run", "--models", "own_shift", "--formats", "h5", "keras")
    results = json.loads((build / "report" / "results.json").read_text())
    assert {item["id"]: item["status"] for item in results["environments"]} == {
        TF215: "ready",
        KERAS3: "ready",
    }
    verdicts = {cell["id"]: cell["verdict"] for cell in results["cells"]}
    assert verdicts[f"{TF215}/own_shift/keras/{TF215}"] == "identical"
    assert verdicts[f"{KERAS3}/own_shift/keras/{KERAS3}"] == "identical"
    assert len(verdicts) == 8
