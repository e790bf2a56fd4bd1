import json
from dataclasses import replace

import pytest

from reports.explanation import explain
from runner.atlas.atlas_files import read_atlas, write_atlas
from runner.atlas.known_results import known_results
from runner.atlas.renewal import renewed, settled
from runner.atlas.staleness import Present, cells_of, find_stale
from runner.compare.upgrade_answer import answer
from runner.errors import ToolError
from runner.model.atlas_data import Atlas
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.matrix import Format, PairRule, Pairs
from runner.model.results import AttemptResult, ScriptResult
from runner.model.steps import Why
from tests.unit.factories import recipe, results, spec

NAMES = ("old", "mid", "new")
WORKER = "w" * 64


def present(names=NAMES, worker=WORKER, **digests):
    return Present(digests={name: f"digest of {name}" for name in names} | digests, worker=worker)


def whole(names=NAMES, models=("dense", "lstm"), pairs=None):
    return spec(names, models, (Format.H5,), pairs)


def verdict_of(saver, model, loader):
    if saver == loader or model == "dense":
        return "identical"
    return {"verdict": "refused", "signatures": ("batch-shape",), "reason": "no"}


def run(names=NAMES, models=("dense", "lstm"), **more):
    cells = {
        f"{saver}/{model}/h5/{loader}": verdict_of(saver, model, loader)
        for saver in names
        for model in models
        for loader in names
    }
    return results(cells, environments=names, **more)


@pytest.fixture
def atlas():
    matrix = whole()
    stale = find_stale(Atlas(), matrix, present())
    return renewed(Atlas(), run(), stale, matrix, present())


def test_everything_of_an_empty_atlas_is_new():
    stale = find_stale(Atlas(), whole(), present())
    assert len(stale) == 9 * 2
    assert {one.why for one in stale} == {Why.NEW}


def test_nothing_is_measured_twice(atlas):
    assert find_stale(atlas, whole(), present()) == ()


@pytest.mark.parametrize(
    ("now", "matrix", "why", "count"),
    [
        (present(worker="other"), whole(), Why.WORKER_CHANGED, 18),
        (present(old="another lock"), whole(), Why.SAVER_CHANGED, 6),
        (present(), whole(models=("dense", recipe("lstm", digest="d"))), Why.RECIPE_CHANGED, 9),
        (present((*NAMES, "next")), whole((*NAMES, "next")), Why.NEW, 14),
        (present(), whole(models=("dense", "lstm", "gru")), Why.NEW, 9),
    ],
)
def test_what_a_change_made_stale_is_measured_and_only_that(atlas, now, matrix, why, count):
    stale = find_stale(atlas, matrix, now)
    assert sum(one.why is why for one in stale) == count
    others = {one.why for one in stale} - {why, Why.LOADER_CHANGED}
    assert not others


def test_a_new_environment_leaves_the_lines_of_the_others_as_they_are(atlas, tmp_path):
    write_atlas(atlas, tmp_path)
    before = (tmp_path / "cells" / "old.jsonl").read_text().splitlines()
    names = (*NAMES, "next")
    stale = find_stale(atlas, whole(names), present(names))
    more = renewed(atlas, run(names), stale, whole(names), present(names))
    write_atlas(more, tmp_path)
    after = (tmp_path / "cells" / "old.jsonl").read_text().splitlines()
    assert set(before) < set(after)
    assert all("/next" in line for line in set(after) - set(before))


def test_another_worker_with_the_same_verdicts_changes_no_cell(atlas, tmp_path):
    write_atlas(atlas, tmp_path)
    now = present(worker="other")
    again = renewed(atlas, run(), find_stale(atlas, whole(), now), whole(), now)
    changed = {path.name for path in write_atlas(again, tmp_path)}
    assert changed == {"index.json", "provenance.jsonl"}


def test_writing_is_deterministic_and_reads_back(atlas, tmp_path):
    assert write_atlas(atlas, tmp_path)
    assert write_atlas(read_atlas(tmp_path), tmp_path) == ()
    assert read_atlas(tmp_path) == atlas


def test_only_the_cells_of_the_named_savers_are_read(atlas, tmp_path):
    write_atlas(atlas, tmp_path)
    assert set(read_atlas(tmp_path, savers=("old",)).cells) == {"old"}


def test_a_damaged_file_is_named_and_not_passed_over(atlas, tmp_path):
    write_atlas(atlas, tmp_path)
    (tmp_path / "cells" / "old.jsonl").write_text('{"cell": 3}\n')
    with pytest.raises(ToolError, match=r"old\.jsonl: damaged"):
        read_atlas(tmp_path)
    (tmp_path / "index.json").write_text(json.dumps({"schema": 99}))
    with pytest.raises(ToolError, match="schema 1"):
        read_atlas(tmp_path)


def test_what_was_not_answered_stays_unknown(atlas):
    names = (*NAMES, "next")
    found = run(names)
    hole = "next/lstm/h5/old"
    cells = tuple(
        replace(cell, verdict=Verdict.MISSING) if cell.id == hole else cell for cell in found.cells
    )
    stale = find_stale(atlas, whole(names), present(names))
    more = renewed(atlas, replace(found, cells=cells), stale, whole(names), present(names))
    (left,) = find_stale(more, whole(names), present(names))
    assert (left.saver, left.recipe, left.loader) == ("next", "lstm", "old")
    assert "lstm/h5/old" not in {cell.cell for cell in more.cells["next"]}


def test_a_saver_that_does_not_write_a_model_has_answered():
    matrix = whole(("old", "new"), ("dense",))
    now = present(("old", "new"))
    found = run(("old", "new"), ("dense",))
    artifacts = tuple(
        replace(item, status=ArtifactStatus.UNSUPPORTED, reason="no writer")
        if item.saver == "old"
        else item
        for item in found.artifacts
    )
    cells = tuple(cell for cell in found.cells if cell.name.saver != "old")
    found = replace(found, artifacts=artifacts, cells=cells)
    more = renewed(Atlas(), found, find_stale(Atlas(), matrix, now), matrix, now)
    assert find_stale(more, matrix, now) == ()
    assert [item.artifact for item in more.unsaved] == ["old/dense/h5"]


def test_an_environment_that_is_gone_goes_with_its_cells(atlas):
    matrix = whole(("old", "new"))
    now = present(("old", "new"))
    more = renewed(atlas, run(("old",), ()), (), matrix, now)
    assert set(more.cells) == {"old", "new"}
    assert not any("mid" in cell.cell for found in more.cells.values() for cell in found)
    assert [item.id for item in settled(atlas, matrix).index.environments] == ["old", "new"]


def test_neighbours_and_anchors_are_measured_with_their_controls():
    pairs = Pairs(rule=PairRule.ADJACENT, everywhere=("old",))
    stale = find_stale(
        Atlas(), whole((*NAMES, "last"), ("dense",), pairs), present((*NAMES, "last"))
    )
    found = {(one.saver, one.loader) for one in stale}
    assert ("old", "last") in found
    assert ("last", "old") in found
    assert ("mid", "last") not in found
    cells = cells_of([one for one in stale if one.saver == "old"], whole())
    assert "old/dense/h5/old" in cells


def test_the_atlas_answers_as_the_run_did(atlas):
    pairs = [("old", "new")]
    measured, known = answer(run(), pairs), answer(known_results(atlas, pairs).results, pairs)
    assert known.safety == measured.safety
    assert [(group.fate, group.cells) for group in known.directions[0].groups] == [
        (group.fate, group.cells) for group in measured.directions[0].groups
    ]


def test_cells_of_another_lock_are_not_told_as_those_of_this_one(atlas):
    """Of new a part was measured again with another lock: the rest is not known any more."""
    now = present(new="another lock")
    part = whole(models=("dense",))
    stale = [
        one for one in find_stale(atlas, part, now) if {one.saver, one.loader} <= {"old", "new"}
    ]
    more = renewed(atlas, run(), stale, whole(), now)
    found = known_results(more, [("old", "new")])
    assert {cell.name.recipe for cell in found.results.cells if cell.loader == "new"} == {"dense"}
    assert found.gaps == ("old -> new: not measured with lstm",)
    assert found.enough


def test_a_pair_of_which_little_is_known_is_not_answered(atlas):
    models = ("dense", "lstm", "gru", "conv", "rnn")
    stale = find_stale(atlas, whole(("old", "new"), models), present())
    others = [one for one in stale if one.saver == one.loader == "new"]
    more = renewed(atlas, run(("old", "new"), models), others, whole(models=models), present())
    assert known_results(more, [("new", "new")]).enough
    assert not known_results(more, [("old", "new")]).enough


def helped_run():
    """Results in which a remedy with a script of one module helped, and another did not."""
    found = run()
    works = AttemptResult(
        route="edited-copy", verdict=Verdict.DEGRADED, reason="", key="k", scripts=("s1",)
    )
    fails = AttemptResult(
        route="compile-false", verdict=Verdict.REFUSED, reason="", key="k", scripts=("s2",)
    )
    cells = tuple(
        replace(
            cell,
            verdict=Verdict.REMEDIED,
            as_is=Verdict.REFUSED,
            route="edited-copy",
            remedy="edited-copy",
            attempts=(fails, works),
        )
        if cell.verdict is Verdict.REFUSED
        else cell
        for cell in found.cells
    )
    scripts = (
        ScriptResult(id="s1", code="import edit\nmodel = 1\n", files=(("edit.py", "f1"),)),
        ScriptResult(id="s2", code="model = 2\n"),
        ScriptResult(id="f1", code="EDITS = 1\n"),
    )
    return replace(found, cells=cells, scripts=scripts)


def test_the_script_of_a_remedy_is_kept_as_it_was_executed_and_no_other():
    stale = find_stale(Atlas(), whole(), present())
    found = renewed(Atlas(), helped_run(), stale, whole(), present())
    assert [script.id for script in found.scripts] == ["f1", "s1"]
    known = known_results(found, [("old", "new")]).results
    cell = next(cell for cell in known.cells if cell.id == "old/lstm/h5/new")
    assert cell.attempts[0].verdict is Verdict.DEGRADED
    assert cell.attempts[0].verified
    (direction,) = answer(known, [("old", "new")]).directions
    (group,) = [group for group in direction.groups if group.route == "edited-copy"]
    assert group.code == "import edit\nmodel = 1\n"
    lines = explain(known, cell, "from here")
    assert "    model = 1" in lines
    assert "  with edit.py, 1 lines: --format json has its text" in lines
