import io
import os
import tarfile

import pytest

from runner.worker_client.tar_transfer import chunks, packed, size, unpack

WANTED = frozenset({"0/evidence.json", "0/artifact"})


def parcel(*members):
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name, content, changes in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in changes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content))
    return sink


def test_what_was_asked_for_comes_in(tmp_path):
    sent = parcel(
        ("0/evidence.json", b"{}", {}),
        ("0/artifact", b"", {"type": tarfile.DIRTYPE}),
        ("0/artifact/variables/data", b"1234", {}),
    )
    assert unpack(sent, tmp_path, WANTED, limit=100) == []
    assert (tmp_path / "0" / "evidence.json").read_bytes() == b"{}"
    assert (tmp_path / "0" / "artifact" / "variables" / "data").read_bytes() == b"1234"


@pytest.mark.parametrize(
    "member",
    [
        ("/etc/passwd", b"x", {}),
        ("../evidence.json", b"x", {}),
        ("0/artifact/../../../escaped", b"x", {}),
        ("0/artifact\\..\\..\\escaped", b"x", {}),
        ("1/evidence.json", b"x", {}),
        ("0/evidence.json", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("0/artifact/model.h5", b"", {"type": tarfile.LNKTYPE, "linkname": "../../secret"}),
        ("0/artifact/pipe", b"", {"type": tarfile.FIFOTYPE}),
        ("0/artifact/device", b"", {"type": tarfile.CHRTYPE}),
        ("0/artifact/large", b"x" * 101, {}),
    ],
)
def test_anything_else_is_refused_and_said(tmp_path, member):
    inside = tmp_path / "inside"
    inside.mkdir()
    (refused,) = unpack(parcel(member), inside, WANTED, limit=100)
    assert refused
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()] == []


def test_a_link_is_not_followed_by_what_comes_after_it(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    sent = parcel(
        ("0/artifact/d", b"", {"type": tarfile.SYMTYPE, "linkname": str(outside)}),
        ("0/artifact/d/file", b"x", {}),
    )
    unpack(sent, tmp_path / "inside", WANTED, limit=100)
    assert list(outside.iterdir()) == []


def test_all_files_together_have_one_limit(tmp_path):
    sent = parcel(("0/artifact/a", b"x" * 60, {}), ("0/artifact/b", b"x" * 60, {}))
    (refused,) = unpack(sent, tmp_path, WANTED, limit=100)
    assert "0/artifact/b" in refused


def test_what_is_no_tar_is_said(tmp_path):
    (refused,) = unpack(io.BytesIO(b"no tar at all" * 100), tmp_path, WANTED, limit=100)
    assert "cannot be read" in refused


def test_links_go_out_as_links_and_pipes_not_at_all(tmp_path):
    folder = tmp_path / "artifact"
    folder.mkdir()
    (folder / "model.h5").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "plain").write_text("here")
    with packed([(folder, "0/artifact")]) as sent:
        assert size(sent) == len(b"".join(chunks(sent)))
        sent.seek(0)
        with tarfile.open(fileobj=sent) as tar:
            found = {member.name: member for member in tar}
    assert set(found) == {"0/artifact", "0/artifact/model.h5", "0/artifact/plain"}
    assert found["0/artifact/model.h5"].issym()
    assert {member.uid for member in found.values()} == {0}
