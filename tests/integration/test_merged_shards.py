"""Shards with expectations, merged: the cells and the expectations of one run."""

import shutil

import pytest

from tests.integration.project import MATRIX, MIDDLE, NEW, OLD, Project, answers

SHARDS = 3
EXPECTATIONS = f"""\
expectations:
  - {{cells: "{NEW}/*/*/{OLD}", expect: [refused, remedied], reason: it is older}}
  - {{cells: "{MIDDLE}/narrow/*/{MIDDLE}", expect: identical, reason: of one shard only}}
  - {{cells: "*/*/*/{NEW}", expect: identical, reason: of several shards}}
  - {{cells: "{OLD}/wide/h5/{MIDDLE}", expect: refused, reason: this one is not met}}
"""


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory):
    project = machine(made, tmp_path_factory.mktemp("whole"))
    project.kmatrix("run", "--jobs", "2", code=1)
    return project


def machine(made, folder):
    """A machine of its own: the environments are there, the evidence is not."""
    shutil.copytree(made.folder, folder / "project", symlinks=True)
    return Project(folder / "project", MATRIX + EXPECTATIONS)


def states(project):
    return [(item.pattern, str(item.state)) for item in project.results().expectations]


@pytest.fixture(scope="module")
def shards(made, tmp_path_factory):
    found = []
    for number in range(1, SHARDS + 1):
        project = machine(made, tmp_path_factory.mktemp(f"shard-{number}"))
        process = project.start("run", "--jobs", "2", "--shard", f"{number}/{SHARDS}")
        output, _ = process.communicate(timeout=120)
        assert process.returncode in {0, 1}, output
        found.append(project)
    return found


def test_no_shard_answers_all_cells(whole, shards):
    parts = [set(answers(shard.results())[0]) for shard in shards]
    assert sorted(name for part in parts for name in part) == sorted(answers(whole.results())[0])
    assert all(len(part) < len(answers(whole.results())[0]) for part in parts)


def test_merged_they_say_what_one_run_says(made, whole, shards, tmp_path):
    merged = machine(made, tmp_path)
    merged.kmatrix("merge", *(shard.build / "report" for shard in shards), code=1)
    assert answers(merged.results()) == answers(whole.results())
    assert states(merged) == states(whole)
    assert {state for _, state in states(whole)} == {"met", "unmet"}
    assert merged.results().run.complete


def test_with_a_shard_missing_its_expectations_are_not_called_stale(made, whole, shards, tmp_path):
    merged = machine(made, tmp_path)
    left = [shard.build / "report" for shard in shards[:-1]]
    output = merged.kmatrix("merge", *left, code=3)
    assert f"shard {SHARDS}/{SHARDS}: " in output
    assert merged.results().run.missing_shards == (f"{SHARDS}/{SHARDS}",)
    assert "stale" not in {state for _, state in states(merged)}
    later = machine(made, tmp_path / "later")
    parts = (merged.build / "report", shards[-1].build / "report")
    later.kmatrix("merge", *parts, code=1)
    assert answers(later.results()) == answers(whole.results())
    assert states(later) == states(whole)
