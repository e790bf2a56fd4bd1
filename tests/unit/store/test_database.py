import sqlite3
import threading
import zlib

import pytest

from runner.errors import ToolError
from runner.model.evidence import MalformedEvidenceError
from runner.store.evidence_store import Database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "evidence.sqlite"


def put(database, key="k", subject="a/m/h5", artifact=None, **data):
    database.put(key=key, subject=subject, parts={"recipe": key}, data=data, artifact=artifact)


def test_evidence_comes_back_as_it_was_put(path):
    database = Database(path)
    put(database, outputs=[1, 2.5], text="ü")
    assert database.get("k") == {"outputs": [1, 2.5], "text": "ü"}
    assert database.get("other") is None


def test_the_first_evidence_stays(path):
    database = Database(path)
    put(database, artifact="first", n=1)
    put(database, artifact="second", n=2)
    assert database.get("k") == {"n": 1}
    assert database.known() == {"k": "first"}


def test_evidence_outlives_the_process(path):
    Database(path).put(key="k", subject="s", parts={}, data={"n": 1})
    assert Database(path).get("k") == {"n": 1}


def test_the_newest_parts_of_a_subject_are_found(path):
    database = Database(path)
    put(database, "old")
    put(database, "new")
    assert database.last_parts()["a/m/h5"] in ({"recipe": "new"}, {"recipe": "old"})


def test_forgotten_evidence_is_gone(path):
    database = Database(path)
    put(database)
    database.forget(["k", "never there"])
    assert database.known() == {}


def test_two_writers_on_one_file_do_not_hurt_each_other(path):
    databases = [Database(path), Database(path)]

    def write(number):
        for index in range(100):
            put(databases[number], f"{number}-{index}", n=index)
            put(databases[number], f"shared-{index}", n=index)

    threads = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(databases[0].known()) == 300


def test_a_file_that_is_no_store_is_one_clear_message(path):
    path.parent.mkdir()
    path.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(ToolError, match="cannot be used as the store"):
        Database(path)


def test_a_store_of_another_version_is_left_alone(path):
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ToolError, match="written by another version"):
        Database(path)


@pytest.mark.parametrize(
    "data", [b"not compressed", zlib.compress(b"{"), zlib.compress(b"[]"), "text", b""]
)
def test_damaged_evidence_is_said_to_be_with_its_key(path, data):
    database = Database(path)
    put(database)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE evidence SET data = ?", (data,))
    other.close()
    with pytest.raises(MalformedEvidenceError) as caught:
        database.get("k")
    assert caught.value.key == "k"
    database.forget(["k"])
    assert database.get("k") is None
