from dataclasses import replace

import pytest

from reports.results_json import from_json, to_json
from runner.errors import ToolError
from runner.model.expectation import ExpectationState
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.results import (
    ExpectationStatus,
    ShardResult,
    SplitResult,
)
from runner.shards.merged_results import Part, unite
from tests.unit.reports import factories as made
from tests.unit.reports.factories import run


def artifact(saver, status=ArtifactStatus.SAVED, reason="saved", recipe="mlp"):
    return made.artifact(f"{saver}/{recipe}/h5", status=status, reason=reason)


def cell(saver, loader, verdict=Verdict.IDENTICAL, reason="same", **changes):
    return made.cell(f"{saver}/mlp/h5/{loader}", verdict, reason=reason, **changes)


def environment(name, status="ready", **changes):
    return made.environment(name, status=status, **changes)


def results(environments, artifacts, cells, **changes):
    parts = {"environments": tuple(environments), "artifacts": tuple(artifacts)}
    return made.results(
        cells, **{"recipes": (made.recipe("mlp"),), "formats": ("h5",), **parts, **changes}
    )


SPLIT = SplitResult(
    environments=tuple(environment(name, "unavailable", reason="elsewhere") for name in "abc"),
    shards=(
        ShardResult(name="1/3", pairs=(("a", ("a", "b")), ("b", ("a", "b")))),
        ShardResult(name="2/3", pairs=(("a", ("c",)), ("c", ("a",)))),
        ShardResult(name="3/3", pairs=(("b", ("c",)), ("c", ("b", "c")))),
    ),
)


def shard(number):
    one = SPLIT.shards[number - 1]
    pairs = [(saver, loader) for saver, loaders in one.pairs for loader in loaders]
    names = sorted({name for pair in pairs for name in pair})
    found = results(
        [environment(name) for name in names],
        [artifact(saver) for saver, _ in one.pairs],
        [cell(*pair) for pair in pairs],
        run=run(shard=one.name),
        split=SPLIT,
    )
    return Part(source=f"s{number}/results.json", results=found)


def merged(*parts):
    return unite(parts, run_id="merged")


def test_all_shards_make_the_whole_in_the_order_of_the_matrix():
    found, notes = merged(shard(3), shard(1), shard(2))
    assert [item.id for item in found.environments] == ["a", "b", "c"]
    assert [item.status for item in found.environments] == ["ready"] * 3
    assert [c.id for c in found.cells] == [f"{s}/mlp/h5/{x}" for s in "abc" for x in "abc"]
    assert found.run.complete
    assert found.run.missing_shards == ()
    assert notes == ()


def test_a_missing_shard_is_a_hole_for_each_of_its_cells():
    found, _ = merged(shard(1), shard(3))
    holes = {item.id: item.reason for item in found.cells if item.verdict is Verdict.MISSING}
    said = "shard 2/3 is not here"
    assert holes == {"a/mlp/h5/c": said, "c/mlp/h5/a": said}
    assert found.run.missing_shards == ("2/3",)
    assert not found.run.complete


def test_what_nobody_here_saw_is_in_the_grid_all_the_same():
    found, _ = merged(shard(1))
    assert [item.id for item in found.environments] == ["a", "b", "c"]
    assert found.environments[2].status == "unavailable"
    assert found.run.missing_shards == ("2/3", "3/3")
    assert len(found.cells) == 9
    (unknown,) = [item for item in found.artifacts if item.saver == "c"]
    assert unknown.status is ArtifactStatus.MISSING


def test_what_cannot_be_saved_leaves_no_hole():
    one = shard(1)
    changed = [artifact("a", ArtifactStatus.UNSUPPORTED, "no h5"), artifact("b")]
    one = replace(one, results=replace(one.results, artifacts=tuple(changed)))
    found, _ = merged(one, shard(3))
    holes = [item.id for item in found.cells if item.verdict is Verdict.MISSING]
    assert holes == ["c/mlp/h5/a"]


def test_a_merge_with_holes_takes_the_late_shard_in():
    early, _ = merged(shard(1), shard(3))
    found, notes = merged(Part(source="early.json", results=early), shard(2))
    whole, _ = merged(shard(1), shard(2), shard(3))
    assert found.cells == whole.cells
    assert found.run.complete
    assert notes == ()


def test_parts_of_different_wholes_are_not_mixed():
    other = shard(2)
    split = replace(SPLIT, environments=SPLIT.environments[:2])
    other = replace(other, results=replace(other.results, split=split))
    with pytest.raises(ToolError, match=r"s1/results\.json \(shard 1/3\) and s2/results\.json"):
        merged(shard(1), other)


def machine(name, verdict, reason="said"):
    cells = [cell("a", "a", verdict, reason)]
    return Part(source=name, results=results([environment("a")], [artifact("a")], cells))


def test_two_machines_that_agree_say_it_once():
    found, notes = merged(machine("one", Verdict.IDENTICAL), machine("two", Verdict.IDENTICAL))
    assert [item.reason for item in found.cells] == ["said"]
    assert notes == ()


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_answers_the_worse_is_kept_and_the_other_said(turned):
    parts = [machine("linux", Verdict.IDENTICAL), machine("mac", Verdict.DRIFTED, "off by 1")]
    found, notes = merged(*(reversed(parts) if turned else parts))
    assert found.cells[0].verdict is Verdict.DRIFTED
    assert found.cells[0].reason == "off by 1; identical in linux"
    assert notes == ("a/mlp/h5/a: drifted in mac, identical in linux; drifted is kept",)


def test_drift_is_worse_than_anything_loud():
    found, _ = merged(machine("one", Verdict.DRIFTED), machine("two", Verdict.CRASHED))
    assert found.cells[0].verdict is Verdict.DRIFTED


def test_an_answer_is_kept_before_none():
    found, notes = merged(machine("one", Verdict.MISSING), machine("two", Verdict.REFUSED))
    assert found.cells[0].verdict is Verdict.REFUSED
    assert notes == ()


def test_an_environment_that_one_machine_could_not_have_is_ready_and_says_so():
    down = results([environment("a", "unavailable", reason="no network")], [], [])
    found, notes = merged(machine("one", Verdict.IDENTICAL), Part(source="two", results=down))
    assert found.environments[0].status == "ready"
    assert found.environments[0].reason == "unavailable in two: no network"
    assert len(notes) == 1


def expecting(number, state, cells):
    status = ExpectationStatus(
        pattern="a/*",
        verdicts=(Verdict.REFUSED,),
        reason="r",
        link=None,
        expires=None,
        position="matrix.yaml:1:1",
        state=state,
        cells=cells,
    )
    one = shard(number)
    return replace(one, results=replace(one.results, expectations=(status,)))


def test_an_expectation_is_stale_only_where_no_shard_has_its_cells():
    stale, met = ExpectationState.STALE, ExpectationState.MET
    found, _ = merged(expecting(1, stale, 0), expecting(2, met, 2), expecting(3, stale, 0))
    assert [(item.state, item.cells) for item in found.expectations] == [(met, 2)]
    found, _ = merged(expecting(1, stale, 0), expecting(2, stale, 0), expecting(3, stale, 0))
    assert found.expectations[0].state is stale


def test_an_expectation_without_cells_in_one_shard_has_the_state_of_the_other():
    unasked = ExpectationState.UNASKED
    for state in ExpectationState:
        cells = 0 if state in {unasked, ExpectationState.STALE} else 2
        for parts in ((state, unasked), (unasked, state)):
            found, _ = merged(*(expecting(n, s, cells) for n, s in enumerate(parts, start=1)))
            assert found.expectations[0].state is state


def test_every_state_that_a_run_reports_has_a_place_in_a_merge():
    ranks = [state.rank for state in ExpectationState]
    assert len(set(ranks)) == len(ranks)


def test_a_split_survives_results_json():
    found = shard(2).results
    assert from_json(to_json(found)) == found
