import pytest

from runner.builders.locks import lock_path, lock_text, read_lock, request_digest
from runner.nouns.building import LockState
from runner.nouns.spec import Installation

COMPILED = """h5py==3.1.0 \\
    --hash=sha256:aaaa
    # via tensorflow
tensorflow==2.10.0 \\
    --hash=sha256:bbbb \\
    --hash=sha256:cccc
"""


@pytest.fixture
def installation():
    return Installation(name="tf2.10-py39", python="3.9", requirements=("tensorflow==2.10.0",))


def write(folder, installation, text):
    path = lock_path(folder, installation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_written_lock_is_fresh_and_names_its_packages(tmp_path, installation):
    write(tmp_path, installation, lock_text(installation, COMPILED))
    lock = read_lock(tmp_path, installation)
    assert lock.state is LockState.FRESH
    assert lock.packages == (("h5py", "3.1.0"), ("tensorflow", "2.10.0"))


def test_a_lock_made_for_other_requirements_is_stale(tmp_path, installation):
    other = Installation(name=installation.name, python="3.9", requirements=("tensorflow==2.9.0",))
    write(tmp_path, installation, lock_text(other, COMPILED))
    assert read_lock(tmp_path, installation).state is LockState.STALE


def test_another_python_makes_a_lock_stale(installation):
    other = Installation(
        name=installation.name, python="3.10", requirements=installation.requirements
    )
    assert request_digest(other) != request_digest(installation)


def test_the_order_of_requirements_does_not_matter():
    one = Installation(name="e", python="3.9", requirements=("a", "b"))
    two = Installation(name="e", python="3.9", requirements=("b", "a"))
    assert request_digest(one) == request_digest(two)


def test_no_lock_is_missing(tmp_path, installation):
    assert read_lock(tmp_path, installation).state is LockState.MISSING


@pytest.mark.parametrize("text", ["", "tensorflow==2.10.0\n", "\x00\x01", "<html>"])
def test_anything_else_is_damaged(tmp_path, installation, text):
    write(tmp_path, installation, text)
    assert read_lock(tmp_path, installation).state is LockState.DAMAGED


def test_a_lock_without_hashes_is_damaged(tmp_path, installation):
    write(tmp_path, installation, lock_text(installation, "tensorflow==2.10.0\n"))
    assert read_lock(tmp_path, installation).state is LockState.DAMAGED


def test_comments_do_not_change_the_digest_and_a_hash_does(tmp_path, installation):
    digests = []
    for text in (
        COMPILED,
        COMPILED.replace("# via tensorflow", "# via keras"),
        COMPILED.replace("aaaa", "ffff"),
    ):
        write(tmp_path, installation, lock_text(installation, text))
        digests.append(read_lock(tmp_path, installation).digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_lock_names_no_index(installation):
    assert "http" not in lock_text(installation, COMPILED)
