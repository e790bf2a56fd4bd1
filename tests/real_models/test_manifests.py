"""Models that are added later: a manifest more, and nothing that was tested before changes."""

import json
import random

import h5py
import numpy as np
import pytest

from runner.model.inspection import FileFormat
from runner.modelfile.inspect_file import inspect
from tests.real_models import conftest, mutations, test_mutations
from tests.real_models.conftest import VARIABLE, units

ADDED: dict[str, object] = {
    "id": "z999",
    "format": "h5-weights",
    "files": ["added.h5"],
    "saver": {},
    "layers": None,
    "custom": [],
    "lambda": False,
}


@pytest.fixture
def enlarged(tmp_path, models_folder, monkeypatch):
    """The folder of real models with one more, in a manifest of its own."""
    folder = tmp_path / "real-models"
    folder.mkdir()
    for path in models_folder.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / ADDED["id"]).mkdir()
    added = folder / ADDED["id"] / "added.h5"
    with h5py.File(added, "w") as file:
        file.attrs["layer_names"] = np.array([b"dense"])
        file.create_dataset("dense/kernel:0", data=np.zeros((4, 2), "float32"))
    entry = {**ADDED, "bytes": added.stat().st_size}
    (folder / "manifest-99.json").write_text(json.dumps({"models": [entry]}))
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


def mutated(unit, folder):
    folder.mkdir(parents=True)
    path = mutations.mutate(random.Random(f"{unit.id}:0"), unit.path, folder)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(item.name, item.read_bytes()) for item in files if item.is_file()]


def test_every_manifest_counts(models_folder):
    listed = [
        model["id"]
        for manifest in models_folder.glob("manifest*.json")
        for model in json.loads(manifest.read_text("utf-8"))["models"]
    ]
    assert len(list(models_folder.glob("manifest*.json"))) >= 2
    assert sorted(unit.id for unit in units()) == sorted(listed)


def test_an_added_model_is_one_more_and_changes_no_mutation(enlarged, models_folder, tmp_path):
    now = units()
    before = [unit for unit in now if unit.id != ADDED["id"]]
    assert len(now) == len(before) + 1
    assert inspect(now[-1].path).format is FileFormat.LEGACY_WEIGHTS
    chosen = random.Random(0).sample(before, 12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(models_folder))
        old = {unit.id: unit for unit in units()}
    for unit in chosen:
        with_it = mutated(unit, tmp_path / "with" / unit.id)
        assert with_it == mutated(old[unit.id], tmp_path / "without" / unit.id), unit.id


def test_the_tests_of_mutations_pass_with_an_added_model(enlarged, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("KMATRIX_MUTATIONS", "1")
    assert conftest.real_models() == enlarged
    (tmp_path / "every").mkdir()
    (tmp_path / "hangs").mkdir()
    test_mutations.test_every_damaged_file_gets_an_answer(tmp_path / "every", capsys)
    test_mutations.test_a_file_that_hangs_its_library_costs_only_its_own_answer(tmp_path / "hangs")
