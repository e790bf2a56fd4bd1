"""``kmatrix atlas update`` on toy environments: whole, in parts, interrupted."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from runner.atlas.atlas_files import read_atlas
from tests.integration.project import MIDDLE, NEW, OLD, variables

PROFILES = """\
profiles:
  all: {}
  atlas: {formats: [h5, json], pairs: {adjacent-and: keras2.2.4-theano-py37}}
"""


@pytest.fixture
def atlas(project, tmp_path):
    """Update an atlas of the toy matrix in a folder of its own."""
    with project.matrix.open("a") as stream:
        stream.write(PROFILES)

    def start(*words, data="data"):
        own = ("--matrix", project.matrix, "--build-dir", project.build)
        argv = [sys.executable, "-m", "kmatrix", "atlas", "update", *own, *words]
        return subprocess.Popen(
            [*map(str, argv), "--data", str(tmp_path / data)],
            cwd=tmp_path,
            env=variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def update(*words, data="data", code=0):
        process = start(*words, data=data)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == code, output
        return output

    update.start, update.folder, update.project = start, tmp_path, project
    return update


def cells_of(folder):
    found = read_atlas(folder)
    return found.cells, {(item.saver, item.loader) for item in found.provenance}


def test_the_second_update_measures_nothing_and_writes_nothing(atlas):
    first = atlas()
    assert "to measure: 45 reference models of 9 pairs" in first
    data = atlas.folder / "data"
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")}
    assert "nothing to measure: the atlas is up to date" in atlas()
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")} == before
    _, pairs = cells_of(data)
    assert len(pairs) == 9


def test_parts_make_what_the_whole_makes(atlas):
    atlas()
    for number in (2, 1, 3):
        atlas("--shard", f"{number}/3", data="parts")
    assert cells_of(atlas.folder / "parts") == cells_of(atlas.folder / "data")
    assert "nothing to measure" in atlas(data="parts")


def test_an_update_that_was_interrupted_goes_on(atlas):
    process = atlas.start("--jobs", "1", data="interrupted")
    store = atlas.project.build / "store" / "evidence.sqlite-wal"
    until = time.monotonic() + 60
    while not (store.exists() and store.stat().st_size > 300_000) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    atlas(data="interrupted")
    atlas(data="data")
    assert cells_of(atlas.folder / "interrupted") == cells_of(atlas.folder / "data")


def test_only_what_touches_a_new_lock_is_measured_again(atlas):
    atlas()
    path = next((atlas.project.folder / "environments" / "locks").glob(f"{MIDDLE}*"))
    path.write_text(path.read_text().replace("0" * 64, "1" * 64))
    atlas.project.install(MIDDLE)
    plan = atlas("--plan")
    assert "to measure: 25 reference models of 5 pairs" in plan
    assert "lock or variables changed" in plan
    atlas()
    found = read_atlas(atlas.folder / "data")
    assert found.environments[MIDDLE].digest != found.environments[OLD].digest
    assert len(found.index.measurements) == 2
    kept, fresh = (found.measurement(OLD, loader, "mlp_sequential") for loader in (NEW, MIDDLE))
    assert kept != fresh


def test_an_environment_that_does_not_start_leaves_its_pairs_unknown(atlas):
    target = atlas.project.target(NEW)
    (target / "bin" / "python").unlink()
    (target / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (target / "bin" / "python").chmod(0o755)
    output = atlas(code=3)
    assert "25 of 45 could not be measured and stay unknown" in output
    cells, pairs = cells_of(atlas.folder / "data")
    assert NEW not in cells
    assert (OLD, MIDDLE) in pairs
    assert not any(NEW in pair for pair in pairs)


def test_one_model_is_added_without_touching_the_lines_of_the_others(atlas):
    atlas("--models", "mlp_sequential")
    file = atlas.folder / "data" / "cells" / f"{OLD}.jsonl"
    before = file.read_text().splitlines()
    assert {json.loads(line)["cell"].split("/")[0] for line in before} == {"mlp_sequential"}
    atlas()
    assert set(before) < set(file.read_text().splitlines())
