import sqlite3
import zlib

import pytest

from runner.store.evidence_store import Database
from runner.store.run_store import KEPT, StoredRun


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "store" / "evidence.sqlite")


def put(database, day, *, profile="default", green=False, results="{}", **verdicts):
    name = f"run-{day:03}"
    run = StoredRun(
        id=f"{name}-{profile}",
        started=f"2026-{1 + day // 28:02}-{1 + day % 28:02}T00:00:00Z",
        complete=True,
        matrix="matrix.yaml",
        profile=profile,
        cells=len(verdicts),
        red=0,
        green=green,
    )
    database.runs.put(run, results=results, verdicts=verdicts)
    return run


def test_no_run_is_none(database):
    assert database.runs.all() == ()
    assert database.runs.last() is None
    assert database.runs.results("never") is None
    assert database.runs.verdicts("never") == {}


def test_a_run_comes_back_as_it_was_put(database):
    run = put(database, 1, green=True, results='{"ü": 1}', cell="refused")
    assert database.runs.all() == (run,)
    assert database.runs.results(run.id) == '{"ü": 1}'
    assert database.runs.verdicts(run.id) == {"cell": "refused"}


def test_the_newest_run_comes_first_whenever_it_was_put(database):
    new = put(database, 2, results="new")
    old = put(database, 1, results="old")
    assert database.runs.all() == (new, old)
    assert database.runs.last() == "new"


def test_the_newest_hundred_runs_of_a_profile_and_its_last_green_one_are_kept(database):
    put(database, 0, green=True)
    green = put(database, 1, green=True)
    other = put(database, 2, profile="quick")
    for day in range(3, 3 + KEPT):
        put(database, day)
    found = database.runs.all()
    assert len(found) == KEPT + 2
    assert found[-2:] == (other, green)


def test_a_store_of_the_first_kind_gets_its_new_columns_and_loses_nothing(tmp_path):
    path = tmp_path / "evidence.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE run (id TEXT PRIMARY KEY, started TEXT NOT NULL, complete INTEGER NOT NULL,"
        " results BLOB NOT NULL) WITHOUT ROWID"
    )
    row = ("old", "2026-01-01T00:00:00Z", 1, zlib.compress(b"{}"))
    connection.execute("INSERT INTO run VALUES (?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
    database = Database(path)
    put(database, 40, cell="identical")
    assert [run.id for run in database.runs.all()] == ["run-040-default", "old"]
    assert database.runs.results("old") == "{}"
    assert database.runs.verdicts("old") == {}
