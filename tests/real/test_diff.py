"""Two locks of one environment that differ in one pin, and a model that feels it."""

import json
from html import unescape

import pytest

from tests.real.conftest import kmatrix, results_of, share_environments

MATRIX = """\
environments:
  - {{keras: "3.15", backend: numpy}}
  - {{id: reader, keras: "3.15", backend: numpy, pins: ["h5py=={h5py}"]}}
models: [{{file: recipes.py}}]
formats: [keras]
"""
# A layer whose numbers hang on another package's version, as users have them without knowing.
RECIPES = """\
import h5py
from kmatrix_worker.recipes import Recipe, fill, recipe


@recipe("feels_h5py", title="A layer that computes otherwise under an old h5py", custom=True)
class FeelsH5py(Recipe):
    def inputs(self):
        return [fill.probes("feels_h5py", (4,))]

    def objects(self, k):
        class Scaled(k.layers.Layer):
            def call(self, x):
                return x * (2.0 if h5py.version.version_tuple < (3, 14) else 1.0)

            def compute_output_shape(self, shape):
                return shape

        return {"Scaled": Scaled}

    def build(self, k, objects):
        source = k.Input(shape=(4,), name="source")
        return k.Model(source, k.layers.Dense(2, name="out")(objects["Scaled"]()(source)))
"""
SAVER = "keras3.15-numpy-py312"
FLIPPED = f"{SAVER}/feels_h5py/keras/reader"
BECAUSE = "loader reader: h5py 3.15.1 -> 3.13.0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs, before and after the pin."""
    folder = tmp_path_factory.mktemp("diff")
    share_environments(folder / "build")
    (folder / "recipes.py").write_text(RECIPES)
    for h5py in ("3.15.1", "3.13.0"):
        (folder / "matrix.yaml").write_text(MATRIX.format(h5py=h5py))
        run(folder, "lock")
        run(folder, "run")
    return folder


def run(folder, *arguments):
    return kmatrix(*arguments, build=folder / "build", matrix=folder / "matrix.yaml", seconds=600)


def test_a_flipped_cell_names_the_pin_that_changed(folder):
    verdicts = {cell.id: str(cell.verdict) for cell in results_of(folder / "build").cells}
    assert verdicts[FLIPPED] == "drifted"
    found = json.loads(run(folder, "diff", "--format", "json").stdout)
    (cell,) = [one for one in found["cells"] if one["id"] == FLIPPED]
    assert (cell["before"], cell["after"]) == ("identical", "drifted")
    assert [
        (cause["role"], cause["environment"], cause["versions"]) for cause in cell["causes"]
    ] == [("loader", "reader", [{"package": "h5py", "before": "3.15.1", "after": "3.13.0"}])]
    assert BECAUSE in run(folder, "diff").stdout


def test_so_do_the_summary_the_feed_and_the_terminal(folder):
    report = folder / "build" / "report"
    summary = (report / "summary.md").read_text()
    assert f"| broke | `{FLIPPED}` | ✓ identical | ≠ drifted | `{BECAUSE}` |" in summary
    feed = unescape((report / "feed.xml").read_text())
    assert f"broke: {FLIPPED}: identical → drifted ({BECAUSE})" in feed
    again = run(folder, "report").stdout
    assert f"broke: {FLIPPED} was identical, is drifted ({BECAUSE})" in " ".join(again.split())
