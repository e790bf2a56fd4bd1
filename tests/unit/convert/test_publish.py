import pytest

from runner.convert.atomic_move import PublishError, publish


@pytest.fixture
def staged(tmp_path):
    path = tmp_path / "staged" / "new.keras"
    path.parent.mkdir()
    path.write_bytes(b"new")
    return path


def test_the_file_comes_whole_and_nothing_else_stays(staged, tmp_path):
    new = tmp_path / "out" / "model.keras"
    publish(staged, new, force=False)
    assert new.read_bytes() == b"new"
    assert [path.name for path in new.parent.iterdir()] == ["model.keras"]


def test_an_existing_file_stays_without_force(staged, tmp_path):
    new = tmp_path / "model.keras"
    new.write_bytes(b"old")
    with pytest.raises(PublishError, match="exists; --force"):
        publish(staged, new, force=False)
    assert new.read_bytes() == b"old"
    assert not list(tmp_path.glob(".*"))


def test_force_replaces_it(staged, tmp_path):
    new = tmp_path / "model.keras"
    new.write_bytes(b"old")
    publish(staged, new, force=True)
    assert new.read_bytes() == b"new"


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    staged, new = tmp_path / "staged", tmp_path / "saved"
    for folder, name in ((staged, "new"), (new, "old")):
        folder.mkdir()
        (folder / name).touch()
    publish(staged, new, force=True)
    assert [path.name for path in new.iterdir()] == ["new"]
    assert not list(tmp_path.glob(".*"))


def test_what_a_killed_process_left_is_removed(staged, tmp_path):
    gone = 1 << 22  # above the highest number that Linux gives
    new = tmp_path / "model.keras"
    (tmp_path / f".model.keras.{gone}.part").write_bytes(b"half")
    publish(staged, new, force=False)
    assert not list(tmp_path.glob(".*"))


def test_a_place_that_cannot_be_written_gets_one_message(staged, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PublishError, match="cannot be written"):
        publish(staged, tmp_path / "file" / "model.keras", force=False)
