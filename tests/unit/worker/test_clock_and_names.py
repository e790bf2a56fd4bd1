"""What must not depend on the clock of the wall, or on the process: B9, B12."""

import os
import time
import zlib
from types import SimpleNamespace

import pytest

from runner.worker import recipes, zygote


@pytest.fixture
def child(monkeypatch):
    reading, writing = os.pipe()
    killed = []
    found = zygote.Child({"batch": 1, "seconds": 60, "memory_mb": 4096}, os.getpid(), reading)
    monkeypatch.setattr(found, "kill", killed.append)
    yield SimpleNamespace(child=found, killed=killed, writing=writing)
    os.close(reading)
    os.close(writing)


def test_a_clock_that_jumps_ahead_kills_nothing(child, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    child.child.check()
    os.write(child.writing, b"1 read\n")
    assert child.child.hear()
    child.child.check()
    assert child.killed == []


def test_a_child_over_its_limit_is_killed_whatever_the_clock_says(child, monkeypatch):
    since = time.monotonic()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: since + 61)
    child.child.check()
    assert child.killed == ["hung"]


def test_a_users_recipe_file_has_the_same_module_name_everywhere(tmp_path):
    """Keras 3 writes the module of a custom class into the file: artifacts must repeat."""
    for name in ("a", "b/c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "recipes.py").write_bytes(b"x = 1\n")
    names = {recipes.module_name(str(path)) for path in tmp_path.rglob("recipes.py")}
    assert names == {"kmatrix_user_recipes_%08x" % zlib.crc32(b"x = 1\n")}
    (tmp_path / "a" / "recipes.py").write_bytes(b"x = 2\n")
    assert recipes.module_name(str(tmp_path / "a" / "recipes.py")) not in names
