import shutil

import pytest

from runner.store.artifact_store import ArtifactFolder, DamagedArtifactError, folder_digest


@pytest.fixture
def store(tmp_path):
    return ArtifactFolder(tmp_path / "artifacts")


def written(tmp_path, name="new", content=b"weights"):
    folder = tmp_path / name
    (folder / "variables").mkdir(parents=True)
    (folder / "model.h5").write_bytes(content)
    (folder / "variables" / "index").write_bytes(b"i")
    return folder


def test_an_artifact_comes_back_as_it_was_written(store, tmp_path):
    added = store.add(written(tmp_path))
    found = store.get(added.digest)
    assert found == added
    assert dict(found.files) == {"model.h5": 7, "variables/index": 1}
    assert found.bytes == 8


def test_the_same_content_is_kept_once(store, tmp_path):
    assert store.add(written(tmp_path, "one")) == store.add(written(tmp_path, "two"))


def test_a_changed_byte_changes_the_digest(tmp_path):
    one = folder_digest(written(tmp_path, "one"))
    assert one != folder_digest(written(tmp_path, "two", b"weightz"))


def test_the_place_of_a_file_is_part_of_the_digest(tmp_path):
    one, two = written(tmp_path, "one"), written(tmp_path, "two")
    (two / "model.h5").rename(two / "other.h5")
    assert folder_digest(one) != folder_digest(two)


def test_a_tampered_artifact_is_not_given_out(store, tmp_path):
    added = store.add(written(tmp_path))
    (added.folder / "model.h5").write_bytes(b"tampers")
    assert ArtifactFolder(tmp_path / "artifacts").get(added.digest) is None


def test_a_tampered_artifact_is_replaced_when_it_is_saved_again(store, tmp_path):
    added = store.add(written(tmp_path))
    (added.folder / "model.h5").write_bytes(b"tampers")
    later = ArtifactFolder(tmp_path / "artifacts")
    again = later.add(written(tmp_path, "again"))
    assert again.digest == added.digest
    assert (again.folder / "model.h5").read_bytes() == b"weights"


def test_what_was_never_added_is_not_there(store):
    assert store.get("0" * 64) is None


def test_stored_files_are_read_only_and_their_folders_can_be_removed(store, tmp_path):
    added = store.add(written(tmp_path))
    files = [path for path in added.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert all(path.stat().st_mode & 0o200 for path in added.folder.rglob("*") if path.is_dir())


def test_a_copy_can_be_written_to_and_the_store_does_not_change(store, tmp_path):
    added = store.add(written(tmp_path))
    store.copy(added.digest, tmp_path / "copy")
    assert folder_digest(tmp_path / "copy") == added.digest
    assert (tmp_path / "copy" / "model.h5").stat().st_mode & 0o200
    (tmp_path / "copy" / "model.h5").write_bytes(b"written")
    assert ArtifactFolder(tmp_path / "artifacts").get(added.digest) == added


@pytest.mark.parametrize("damage", ["changed", "more", "less", "gone"])
def test_a_damaged_artifact_is_not_copied_although_it_was_checked_before(store, tmp_path, damage):
    added = store.add(written(tmp_path))
    assert store.has(added.digest)
    if damage == "changed":
        (added.folder / "model.h5").unlink()
        (added.folder / "model.h5").write_bytes(b"tampers")
    elif damage == "more":
        (added.folder / "more").write_bytes(b"x")
    elif damage == "less":
        (added.folder / "model.h5").unlink()
    else:
        shutil.rmtree(added.folder)
    with pytest.raises(DamagedArtifactError, match=added.digest[:12]):
        store.copy(added.digest, tmp_path / "copy")
    assert not store.has(added.digest)


def test_empty_folders_are_copied_as_well(store, tmp_path):
    folder = written(tmp_path)
    (folder / "assets").mkdir()
    added = store.add(folder)
    store.copy(added.digest, tmp_path / "copy")
    assert (tmp_path / "copy" / "assets").is_dir()
