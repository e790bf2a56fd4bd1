"""Small saved models by other people, in ``shared/real-models`` beside the checkout."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "KMATRIX_REAL_MODELS"


def real_models():
    """The folder. Fails, and never skips, where there is none."""
    named = os.environ.get(VARIABLE)
    folders = [Path(named)] if named else [
        parent / "shared" / "real-models" for parent in (ROOT.parent, ROOT.parent.parent)
    ]  # fmt: skip
    for folder in folders:
        if (folder / "manifest.json").is_file():
            return folder
    tried = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"no manifest.json of real models in {tried}; set {VARIABLE}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One model of the manifest, and what of it to name on a command line."""

    id: str
    path: Path
    data: dict


def units():
    """The models of every manifest, ``manifest.json`` first: a further manifest needs no change."""
    folder = real_models()
    found = []
    for data in (
        data
        for manifest in sorted(folder.glob("manifest*.json"), key=lambda path: path.stem)
        for data in json.loads(manifest.read_text("utf-8"))["models"]
    ):
        whole = data["format"] in ("saved_model", "tf-checkpoint")
        path = folder / data["id"] if whole else folder / data["id"] / data["files"][0]
        found.append(Unit(id=data["id"], path=path, data=data))
    return found


def pytest_generate_tests(metafunc):
    if "unit" in metafunc.fixturenames:
        found = units()
        metafunc.parametrize("unit", found, ids=[unit.id for unit in found])


@pytest.fixture(scope="session")
def models_folder():
    return real_models()
