from dataclasses import replace
from pathlib import Path

import pytest

from runner.environments.locks import (
    is_bundled,
    lock_path,
    lock_text,
    own_lock,
    read_lock,
    request_digest,
    without_lock,
)
from runner.model.builds import Fault, LockState
from runner.model.matrix import IndexOptions, Installation

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


# Locks that come with kmatrix


def bundled_installation():
    """One that the repository's own matrix has."""
    from runner.config.matrix_file import load_matrix

    matrix = load_matrix(Path(__file__).parents[3] / "matrix.yaml")
    (found,) = [item for item in matrix.environments if item.id == "tf2.15-py311"]
    return found.installation


def test_a_matrix_without_a_lock_gets_the_one_that_answers_just_its_request(tmp_path):
    installation = replace(bundled_installation(), name="any-name")
    lock = read_lock(tmp_path, installation)
    assert lock.state is LockState.FRESH
    assert is_bundled(lock, tmp_path)
    assert own_lock(tmp_path, installation).state is LockState.MISSING


@pytest.mark.parametrize(
    "change",
    [
        {"python": "3.10"},
        {"requirements": ("tensorflow-cpu==2.15.1", "numpy<2")},
        {"overrides": ("six ; sys_platform == 'never'",)},
        {"index": IndexOptions(find_links=("wheels",))},
        {"index": IndexOptions(exclude_newer="2024-01-01")},
    ],
)
def test_any_other_request_gets_no_bundled_lock(tmp_path, change):
    installation = replace(bundled_installation(), **change)
    assert read_lock(tmp_path, installation).state is LockState.MISSING


def test_a_lock_resolved_on_another_kind_of_machine_does_not_serve(tmp_path, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert read_lock(tmp_path, bundled_installation()).state is LockState.MISSING


def test_the_locks_beside_the_matrix_come_first_also_when_stale(tmp_path):
    installation = bundled_installation()
    other = replace(installation, requirements=("tensorflow-cpu==2.14.0",))
    write(tmp_path, installation, lock_text(other, COMPILED))
    assert read_lock(tmp_path, installation).state is LockState.STALE


def test_other_find_links_make_a_lock_stale(installation):
    linked = replace(installation, index=IndexOptions(find_links=("wheels",)))
    assert request_digest(linked) != request_digest(installation)


@pytest.mark.parametrize(
    ("session", "command"),
    [(None, "kmatrix lock tf2.10-py39"), ("matrix", "nox -s lock -- tf2.10-py39")],
)
def test_what_helps_is_said_in_the_words_of_the_tool_that_was_called(
    tmp_path, installation, monkeypatch, session, command
):
    monkeypatch.delenv("NOX_CURRENT_SESSION", raising=False)
    if session:
        monkeypatch.setenv("NOX_CURRENT_SESSION", session)
    for state, words in (("", "cannot be read"), (None, "it has no lock")):
        if state is not None:
            write(tmp_path, installation, state)
        else:
            lock_path(tmp_path, installation).unlink()
        found = without_lock(installation, read_lock(tmp_path, installation))
        assert found.fault is Fault.LOCK
        assert words in found.reason
        assert found.reason.endswith(command)


def test_a_fresh_lock_needs_no_help(tmp_path, installation):
    write(tmp_path, installation, lock_text(installation, COMPILED))
    assert without_lock(installation, read_lock(tmp_path, installation)) is None
