import json

import pytest

from reports import results_json
from runner.cli.stored_runs import SHOWN, history, history_of, keep
from runner.model.finding import Verdict
from runner.store.evidence_store import Database
from tests.unit.factories import results

CELL = "a/m/h5/b"


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "store" / "evidence.sqlite")


def run(day, verdict="identical", **changes):
    values = {"id": f"run-{day:02}", "started": f"2026-01-{day:02}T00:00:00Z", **changes}
    return results({CELL: verdict}, **values)


def put(database, found, **changes):
    text = json.dumps(results_json.to_json(found))
    return keep(database, found, text, **{"gated": False, "selected": False, **changes})


def ids(found):
    return [item.id for item in found.runs]


def test_runs_come_oldest_first_with_their_verdicts(database):
    for day, verdict in ((1, "refused"), (2, "drifted")):
        last = put(database, run(day, verdict))
    found = history(database, last)
    assert ids(found) == ["run-01", "run-02"]
    assert found.runs[0].verdicts == {CELL: Verdict.REFUSED}


def test_other_profiles_matrices_and_selections_are_other_histories(database):
    put(database, run(1, profile="quick"))
    put(database, run(2, matrix="other.yaml"))
    put(database, run(3), selected=True)
    assert ids(history(database, put(database, run(4)))) == ["run-04"]
    assert ids(history(database, put(database, run(5), selected=True))) == ["run-03", "run-05"]


def test_an_old_run_knows_nothing_of_what_came_after_it(database, tmp_path):
    for day in range(1, 6):
        put(database, run(day))
    assert ids(history_of(tmp_path, run(3))[0]) == ["run-01", "run-02", "run-03"]


def test_results_that_are_not_in_the_store_have_no_history(database, tmp_path):
    put(database, run(1))
    assert ids(history_of(tmp_path, run(9))[0]) == []
    assert ids(history_of(tmp_path / "nothing", run(9))[0]) == []


def test_only_so_many_runs_are_looked_back_at(database):
    for number in range(SHOWN + 5):
        started = f"2026-02-01T00:00:{number:02}Z"
        last = put(database, run(1, id=f"run-{number:02}", started=started))
    found = history(database, last)
    assert len(found.runs) == SHOWN
    assert found.runs[-1].id == last.id


def test_a_verdict_of_another_kmatrix_is_left_out(database):
    last = put(database, run(1))
    database.runs.put(last, results="{}", verdicts={CELL: "identical", "a/m/h5/c": "splendid"})
    assert history(database, last).runs[0].verdicts == {CELL: Verdict.IDENTICAL}


@pytest.mark.parametrize(
    ("verdict", "gated", "complete", "green"),
    [
        ("identical", False, True, True),
        ("refused", False, True, False),
        ("refused", True, True, False),
        ("identical", False, False, False),
    ],
)
def test_a_run_is_green_when_it_is_complete_and_as_expected(
    database, verdict, gated, complete, green
):
    assert put(database, run(1, verdict, complete=complete), gated=gated).green is green
