"""Shards on machines of their own, merged: the same grid; a shard removed is a hole in it."""

import json
import shutil

import pytest

from reports.results_json import from_json
from runner.model.finding import Verdict
from tests.real.conftest import BUILD, KERAS3, TF1, THEANO, kmatrix, results_of

# The control model is not asked for: each shard has to think of it by itself.
SMALL = (
    *("--environments", THEANO, TF1, KERAS3),
    *("--models", "conv1d"),
    *("--formats", "h5", "keras"),
)
SHARDS = 3
pytestmark = pytest.mark.timeout(3000)  # four runs, each with new evidence


def folder(tmp_path_factory, name):
    """A machine of its own: no evidence, but the environments, which are the same everywhere."""
    build = tmp_path_factory.mktemp(name) / "build"
    build.mkdir()
    (BUILD / "environments").mkdir(parents=True, exist_ok=True)
    (build / "environments").symlink_to(BUILD / "environments")
    return build


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    build = folder(tmp_path_factory, "whole")
    kmatrix("run", *SMALL, build=build)
    return results_of(build)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """The report folder of each shard, by its number."""
    found = {}
    for number in range(1, SHARDS + 1):
        build = folder(tmp_path_factory, f"shard-{number}")
        kmatrix("run", *SMALL, "--shard", f"{number}/{SHARDS}", build=build)
        found[number] = build / "report"
    return found


def merge(folders, build, *, code):
    done = kmatrix("merge", *map(str, folders), build=build, check=False)
    assert done.returncode == code, done.stderr
    return results_of(build), done


def answers(results):
    """What every cell says; each of them once."""
    found = {
        cell.id: (cell.verdict, cell.reason, cell.signatures, cell.as_is, cell.remedy)
        for cell in results.cells
    }
    assert len(found) == len(results.cells)
    return found


def statuses(results):
    return {item.id: (item.status, item.reason) for item in results.artifacts}


def test_merged_shards_equal_the_unsharded_run_cell_for_cell(whole, shards, tmp_path):
    merged, _ = merge(shards.values(), tmp_path / "build", code=0)
    assert answers(merged) == answers(whole)
    assert [cell.id for cell in merged.cells] == [cell.id for cell in whole.cells]
    assert statuses(merged) == statuses(whole)
    assert [item.id for item in merged.environments] == [item.id for item in whole.environments]
    assert [item.versions for item in merged.environments] == [
        item.versions for item in whole.environments
    ]
    assert merged.run.complete
    assert merged.run.missing_shards == ()
    assert merged.signatures
    verdicts = {cell.verdict for cell in whole.cells}
    assert {Verdict.IDENTICAL, Verdict.REMEDIED, Verdict.DRIFTED} <= verdicts


def test_no_shard_needs_every_environment_and_every_cell_is_in_one(whole, shards):
    parts = [from_json(json.loads((one / "results.json").read_text())) for one in shards.values()]
    assert all(len(part.environments) < len(whole.environments) for part in parts)
    assert sorted(cell.id for part in parts for cell in part.cells) == sorted(answers(whole))


def test_a_shard_removed_is_a_hole_that_can_be_seen(whole, shards, tmp_path):
    kept = [shards[1], shards[3]]
    merged, done = merge(kept, tmp_path / "build", code=3)
    assert f"shard 2/{SHARDS}: missing" in done.stderr
    assert merged.run.missing_shards == (f"2/{SHARDS}",)
    assert not merged.run.complete
    holes = [cell for cell in merged.cells if cell.verdict is Verdict.MISSING]
    assert holes
    assert {cell.reason for cell in holes} == {f"shard 2/{SHARDS} is not here"}
    rest = {name: said for name, said in answers(merged).items() if said[0] is not Verdict.MISSING}
    assert rest.items() < answers(whole).items()
    assert set(answers(whole)) - set(rest) == {cell.id for cell in holes}

    late, _ = merge([tmp_path / "build" / "report", shards[2]], tmp_path / "later", code=0)
    assert answers(late) == answers(whole)
    assert late.run.complete


def test_two_machines_that_disagree_leave_the_worse_answer_and_say_so(whole, shards, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(shards[1], other)
    data = json.loads((other / "results.json").read_text())
    cell = next(cell for cell in data["cells"] if cell["verdict"] == "identical")
    cell.update(verdict="drifted", reason="made up for this test")
    (other / "results.json").write_text(json.dumps(data))
    merged, done = merge([*shards.values(), other], tmp_path / "build", code=0)
    assert f"{cell['id']}: drifted in shard 1/{SHARDS}, identical in" in done.stdout
    said = answers(merged)[cell["id"]]
    assert said[0] is Verdict.DRIFTED
    assert said[1].startswith("made up for this test; identical in")
    assert len(merged.cells) == len(whole.cells)
