import pytest

from reports.changes import ChangeKind, change_kind, find_changes, package_changes
from reports.history import History, PastRun
from reports.view import make_view
from runner.nouns.finding import Verdict
from tests.unit.reports.factories import cell, environment, results, run

GREEN, RED = Verdict.IDENTICAL, Verdict.REFUSED


def past(verdicts, name="run-0", *, complete=True):
    return PastRun(
        id=name, started="2026-11-23T06:00:00Z", complete=complete, verdicts=dict(verdicts)
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (GREEN, RED, ChangeKind.BROKE),
        (RED, GREEN, ChangeKind.FIXED),
        (RED, Verdict.REMEDIED, ChangeKind.FIXED),
        (GREEN, Verdict.DEGRADED, ChangeKind.WORSE),
        (Verdict.DEGRADED, GREEN, ChangeKind.BETTER),
        (RED, Verdict.DRIFTED, ChangeKind.WORSE),
        (Verdict.DRIFTED, RED, ChangeKind.BETTER),
        (RED, Verdict.CRASHED, ChangeKind.CHANGED),
        (Verdict.UNSUPPORTED, GREEN, ChangeKind.CHANGED),
        (GREEN, Verdict.UNAVAILABLE, ChangeKind.CHANGED),
        (Verdict.UNAVAILABLE, RED, ChangeKind.BROKE),
        (None, RED, ChangeKind.ADDED),
    ],
)
def test_a_change_has_one_name(before, after, kind):
    assert change_kind(before, after) is kind


def test_only_cells_that_changed_are_told_and_removed_ones_too():
    now = results([cell("a/m/h5/b", RED), cell("a/m/keras/b", GREEN)])
    found = find_changes(now, past({"a/m/h5/b": GREEN, "a/m/keras/b": GREEN, "a/m/json/b": GREEN}))
    assert [(one.id, str(one.kind)) for one in found.cells] == [
        ("a/m/h5/b", "broke"),
        ("a/m/json/b", "removed"),
    ]
    assert found.sentence == "1 broke, 1 removed"


@pytest.mark.parametrize("part", [{"shard": "1/2"}, {"complete": False}])
def test_what_a_part_of_a_matrix_does_not_have_is_not_removed(part):
    now = results([cell("a/m/h5/b", GREEN)], run=run(**part))
    assert find_changes(now, past({"a/m/h5/b": GREEN, "x/m/h5/y": GREEN})).cells == ()


def test_lines_of_locks_that_changed_are_told():
    old = results(environments=(environment("a", packages=(("h5py", "2.10"), ("six", "1.0"))),))
    new = results(environments=(environment("a", packages=(("h5py", "3.1"), ("wrapt", "1.2"))),))
    assert [str(one) for one in package_changes(new, old)] == [
        "a: h5py 2.10 → 3.1",
        "a: six 1.0 → absent",
        "a: wrapt absent → 1.2",
    ]


def test_changes_are_measured_against_the_last_whole_run_of_the_history():
    now = results([cell("a/m/h5/b", RED)])
    history = History(
        runs=(
            past({"a/m/h5/b": GREEN}, "first"),
            past({"a/m/h5/b": RED}, "whole"),
            past({}, "stopped", complete=False),
        )
    )
    view = make_view(now, history)
    assert view.changes is not None
    assert (view.changes.since, view.changes.sentence) == ("whole", "nothing changed")
    assert [point.id for point in view.trend] == ["first", "whole", "stopped", "run-1"]


def test_a_run_is_not_compared_with_itself():
    now = results([cell("a/m/h5/b", RED)])
    view = make_view(now, History(runs=(PastRun.of(now),)))
    assert view.changes is None
    assert len(view.trend) == 1


def test_a_previous_run_goes_before_the_history():
    now = results([cell("a/m/h5/b", RED)])
    before = results([cell("a/m/h5/b", GREEN)], run=run(id="asked-for"))
    view = make_view(now, History(runs=(past({"a/m/h5/b": RED}),)), before)
    assert view.changes is not None
    assert (view.changes.since, view.changes.sentence) == ("asked-for", "1 broke")
