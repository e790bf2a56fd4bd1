"""Real builds by real nox and uv, of one tiny package from an index on loopback."""

import json
import subprocess
import threading
from dataclasses import replace

import pytest

from runner.environments.interpreters import find_interpreter
from runner.environments.locks import read_lock
from runner.model.builds import Built, Fault, Unavailable
from runner.model.matrix import IndexOptions, Limits
from tests.builders.conftest import LIMITS, WHEEL, make_wheel


def packages(python):
    """What is importable in an environment and was installed there."""
    code = (
        "import json, importlib.metadata as m;"
        "print(json.dumps(sorted(d.metadata['Name'] for d in m.distributions())))"
    )
    return json.loads(subprocess.check_output([python, "-c", code], text=True))


def nox_starts(log):
    """How often a log says that nox was started."""
    text = log.read_text("utf-8", errors="replace")
    return sum(line.startswith("$ ") and "nox" in line for line in text.splitlines())


def test_an_environment_holds_its_lock_and_nothing_else(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock)
    built = builder.build(tiny, lock, LIMITS)
    assert isinstance(built, Built), built
    assert packages(built.python) == ["kmatrix-tiny"]
    assert built.seconds > 0
    assert nox_starts(built.log) == 1


def test_a_warm_environment_costs_no_nox_start_and_no_question(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock)
    first = builder.build(tiny, lock, LIMITS)
    log, asked = first.log.read_bytes(), len(index.asked)
    second = builder.build(tiny, lock, LIMITS)
    assert (second.python, second.seconds) == (first.python, 0.0)
    assert first.log.read_bytes() == log
    assert len(index.asked) == asked
    assert builder.find(tiny, lock) == second


def test_a_changed_lock_is_another_environment(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock)
    builder.build(tiny, lock, LIMITS)
    changed = write_lock(tiny, index.lock + "    --hash=sha256:" + "0" * 64 + "\n")
    assert builder.find(tiny, changed) is None
    assert builder.target(tiny, changed) != builder.target(tiny, lock)


def test_what_a_killed_build_left_behind_is_built_anew(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock)
    target = builder.target(tiny, lock)
    (target / "bin").mkdir(parents=True)
    (target / "bin" / "python").write_text("half a file")
    assert builder.find(tiny, lock) is None
    built = builder.build(tiny, lock, LIMITS)
    assert packages(built.python) == ["kmatrix-tiny"]


def test_a_tampered_lock_is_refused(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock.replace(index.digest, "0" * 64))
    found = builder.build(tiny, lock, LIMITS)
    assert isinstance(found, Unavailable)
    assert found.fault is Fault.HASH
    assert found.reason.startswith("hash mismatch: ")
    assert "kmatrix-tiny==1.0" in found.log.read_text()
    assert not builder.target(tiny, lock).exists()
    assert nox_starts(found.log) == 1, "no use in trying that again"


def test_a_stale_lock_is_refused_before_anything_is_started(index, builder, tiny, write_lock):
    write_lock(tiny, index.lock)
    changed = replace(tiny, requirements=("kmatrix-tiny==2.0",))
    lock = read_lock(builder._folder, changed)
    found = builder.build(changed, lock, LIMITS)
    assert found.fault is Fault.LOCK
    assert found.reason.startswith("its lock is stale: the matrix file asks for something else now")
    assert index.asked == []


def test_the_network_is_tried_again(index, builder, tiny, write_lock):
    index.failures = 1
    built = builder.build(tiny, write_lock(tiny, index.lock), LIMITS)
    assert isinstance(built, Built), built
    assert nox_starts(built.log) == 2


def test_a_network_that_stays_away_is_told_apart(index, builder, tiny, write_lock, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple/")
    found = builder.build(tiny, write_lock(tiny, index.lock), LIMITS)
    assert found.fault is Fault.NETWORK
    assert found.reason.startswith("network: ")
    assert nox_starts(found.log) == 3


def test_what_the_index_does_not_have_is_no_network_fault(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock.replace("==1.0", "==2.0"))
    found = builder.build(tiny, lock, LIMITS)
    assert found.fault is Fault.INSTALL
    assert "kmatrix-tiny==2.0" in found.reason
    assert nox_starts(found.log) == 1
    assert "kmatrix-tiny" in found.log.read_text()


def test_a_build_that_takes_too_long_is_ended_with_all_it_started(index, builder, tiny, write_lock):
    index.hang = threading.Event()
    lock = write_lock(tiny, index.lock)
    found = builder.build(tiny, lock, Limits(build_seconds=8))
    assert found.fault is Fault.TIME
    assert found.reason == "time limit: error: not built within 8 s"
    assert processes_with(str(builder.target(tiny, lock))) == []


def processes_with(words):
    """Command lines of living processes that hold these words."""
    listed = subprocess.check_output(["ps", "-eo", "args"], text=True)
    return [line for line in listed.splitlines() if words in line and "ps -eo" not in line]


@pytest.mark.parametrize("version", ["3.5", "3.99"])
def test_a_python_that_nobody_has_is_unavailable_with_the_reason(
    index, builder, tiny, write_lock, version
):
    old = replace(tiny, python=version)
    found = builder.build(old, write_lock(old, index.lock), LIMITS)
    assert found.fault is Fault.INTERPRETER
    assert found.reason.startswith(
        f"no interpreter: no Python {version} found here, and uv could not download one; "
        "install it with pyenv, uv or conda"
    )


@pytest.mark.parametrize("version", ["3.6", "3.11"])
def test_an_interpreter_that_uv_refuses_gets_its_own_venv_and_pip(
    index, builder, tiny, write_lock, version, tmp_path, monkeypatch
):
    """uv asks an interpreter with -I, and refuses one that does not know it."""
    real = find_interpreter(version)
    refused = tmp_path / "python"
    refused.write_text(
        '#!/bin/sh\n[ "$1" = -I ] && { echo "Unknown option: -I" >&2; exit 2; }\n'
        f'exec "{real}" "$@"\n'
    )
    refused.chmod(0o755)
    monkeypatch.setattr(
        "runner.environments.nox_builder.find_interpreter", lambda _version: str(refused)
    )
    monkeypatch.setenv("PIP_FIND_LINKS", f"{index.address}/simple/kmatrix-tiny/")
    installation = replace(tiny, python=version)
    built = builder.build(installation, write_lock(installation, index.lock), LIMITS)
    assert isinstance(built, Built), built.log.read_text()
    assert "uv refuses this interpreter" in built.log.read_text()
    answer = "import kmatrix_tiny, sys; print(kmatrix_tiny.ANSWER, sys.version_info[:2])"
    said = subprocess.check_output([built.python, "-c", answer], text=True)
    assert said == f"42 (3, {version[2:]})\n"
    site = next(built.python.parents[1].glob("lib/python*/site-packages"))
    assert not (site / "pip").exists()


def test_pip_refuses_a_tampered_lock_as_well(
    index, builder, tiny, write_lock, tmp_path, monkeypatch
):
    refused = tmp_path / "python"
    refused.write_text(
        f'#!/bin/sh\n[ "$1" = -I ] && exit 2\nexec "{find_interpreter("3.11")}" "$@"\n'
    )
    refused.chmod(0o755)
    monkeypatch.setattr("runner.environments.nox_builder.find_interpreter", lambda _: str(refused))
    monkeypatch.setenv("PIP_FIND_LINKS", f"{index.address}/simple/kmatrix-tiny/")
    lock = write_lock(tiny, index.lock.replace(index.digest, "0" * 64))
    assert builder.build(tiny, lock, LIMITS).fault is Fault.HASH


def test_wheels_of_ones_own_come_from_a_folder(
    index, builder, tiny, write_lock, tmp_path, monkeypatch
):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / WHEEL).write_bytes(make_wheel())
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/empty/")
    own = replace(tiny, index=IndexOptions(find_links=("wheels",)))
    built = builder.build(own, write_lock(own, index.lock), LIMITS)
    assert packages(built.python) == ["kmatrix-tiny"]
    assert f"/{WHEEL}" not in index.asked


def test_two_builds_of_one_environment_at_once_are_one_build(index, builder, tiny, write_lock):
    lock = write_lock(tiny, index.lock)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(builder.build(tiny, lock, LIMITS)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(built.seconds > 0 for built in found) == [False, True]
    assert nox_starts(found[0].log) == 1
