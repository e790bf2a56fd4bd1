import filelock
import pytest

from runner.errors import ToolError
from runner.run import session as sessions
from runner.run.session import open_session


def locks(build):
    return list((build / "scratch").glob("*.lock"))


def is_free(path):
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    lock.release()
    return True


def test_a_session_has_a_scratch_folder_of_its_own_until_it_is_closed(tmp_path):
    one, two = open_session(tmp_path), open_session(tmp_path)
    assert one.scratch != two.scratch
    assert one.scratch.is_dir()
    one.close()
    assert not one.scratch.exists()
    assert two.scratch.is_dir()
    two.close()


def test_what_a_killed_run_left_is_removed_and_what_another_one_has_is_not(tmp_path):
    other = open_session(tmp_path)
    left = tmp_path / "scratch" / "20260101T000000-abcdef"
    (left / "batch-0").mkdir(parents=True)
    left.with_suffix(".lock").touch()
    open_session(tmp_path).close()
    assert not left.exists()
    assert other.scratch.is_dir()
    other.close()


def test_a_store_that_cannot_be_opened_leaves_no_lock_and_no_folder(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "evidence.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(ToolError, match="cannot be used as the store"):
        open_session(tmp_path)
    assert not [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]
    assert all(is_free(path) for path in locks(tmp_path))


def test_a_worker_that_cannot_be_copied_leaves_nothing_open(tmp_path, monkeypatch):
    def fail(_folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sessions, "make_bundle", fail)
    with pytest.raises(OSError, match="No space left"):
        open_session(tmp_path)
    assert not [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]
    assert all(is_free(path) for path in locks(tmp_path))
