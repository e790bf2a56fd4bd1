import pytest

from reports.history import History
from reports.view import make_view
from runner.compare.difference import compare
from runner.model.comparison import ChangeKind, PastRun, change_kind
from runner.model.finding import Verdict
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
        (Verdict.UNSUPPORTED, GREEN, ChangeKind.BETTER),
        (GREEN, Verdict.UNSUPPORTED, ChangeKind.WORSE),
        (RED, Verdict.UNSUPPORTED, ChangeKind.BETTER),
        (GREEN, Verdict.BROKEN, ChangeKind.BROKE),
        (RED, Verdict.MISSING, ChangeKind.CHANGED),
        (GREEN, Verdict.UNAVAILABLE, ChangeKind.CHANGED),
        (Verdict.UNAVAILABLE, RED, ChangeKind.BROKE),
        (None, RED, ChangeKind.ADDED),
    ],
)
def test_a_change_has_one_name(before, after, kind):
    assert change_kind(before, after) is kind


def test_only_cells_that_changed_are_told_and_removed_ones_too():
    now = results([cell("a/m/h5/b", RED), cell("a/m/keras/b", GREEN)])
    found = compare(past({"a/m/h5/b": GREEN, "a/m/keras/b": GREEN, "a/m/json/b": GREEN}), now)
    assert [(one.id, str(one.kind)) for one in found.cells] == [
        ("a/m/h5/b", "broke"),
        ("a/m/json/b", "removed"),
    ]
    assert found.sentence == "1 broke, 1 removed"


@pytest.mark.parametrize("part", [{"shard": "1/2"}, {"complete": False}])
def test_what_a_part_of_a_matrix_does_not_have_is_not_removed(part):
    now = results([cell("a/m/h5/b", GREEN)], run=run(**part))
    assert compare(past({"a/m/h5/b": GREEN, "x/m/h5/y": GREEN}), now).cells == ()


def test_a_flipped_cell_tells_the_version_that_changed_with_it():
    old = run_of(GREEN, h5py="3.10.0", id="before")
    now = run_of(RED, h5py="3.12.1")
    view = make_view(now, History(runs=(PastRun.of(old),)), compare(old, now))
    assert view.changes is not None
    (change,) = view.changes.cells
    assert change.because == "loader b: h5py 3.10.0 -> 3.12.1"
    assert view.changes.packages == ("b: h5py 3.10.0 -> 3.12.1",)


def test_a_difference_to_another_run_tells_nothing():
    old = run_of(GREEN, h5py="3.10.0", id="before")
    now = run_of(RED, h5py="3.12.1")
    other = run_of(GREEN, h5py="3.9.0", id="long ago")
    view = make_view(now, History(runs=(PastRun.of(old),)), compare(other, now))
    assert [change.because for change in view.changes.cells] == [""]


def run_of(verdict, *, h5py, **changes):
    """One cell, and its loader's h5py."""
    packages = (("h5py", h5py), ("keras", "3.15.0"))
    return results(
        [cell("a/m/h5/b", verdict)],
        environments=(environment("a"), environment("b", packages=packages, lock=h5py)),
        run=run(**changes),
    )


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
    assert (view.changes.before.id, view.changes.sentence) == ("whole", "nothing changed")
    assert [point.id for point in view.trend] == ["first", "whole", "stopped", "run-1"]


def test_a_run_is_not_compared_with_itself():
    now = results([cell("a/m/h5/b", RED)])
    view = make_view(now, History(runs=(PastRun.of(now),)))
    assert view.changes is None
    assert len(view.trend) == 1
