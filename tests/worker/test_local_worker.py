"""The host's side of a worker, against programs that only pretend to be one."""

import os
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from runner import child_processes
from runner.model.evidence import Ending
from runner.model.matrix import (
    Backend,
    Environment,
    Format,
    Installation,
    KerasApi,
    Limits,
    RecipeInfo,
)
from runner.worker_client import local_worker
from runner.worker_client.bundle import Bundle
from runner.worker_client.local_worker import LocalWorker
from runner.worker_client.process_worker import ProcessPerCell
from runner.worker_client.worker_protocol import StartFailed, TaskRequest
from tests.plain_script import plain_script

READY = '{"event": "ready", "protocol": 1, "seconds": 0.1, "versions": {}, "packages": {}}'
LIMITS = Limits(start_seconds=20, cell_seconds=20, memory_mb=512)
HEAD = """\
import json, os, signal, subprocess, sys, time
def say(text, end="\\n"):
    sys.stdout.write(text + end)
    sys.stdout.flush()
def requests():
    for line in sys.stdin:
        yield json.loads(line)
def done(request):
    ended = {"event": "ended", "batch": request["batch"], "ending": "done", "stage": "done"}
    say(json.dumps(ended))
"""


@pytest.fixture
def start(tmp_path):
    """A function that starts a worker whose interpreter runs a program of the test."""
    workers = []

    def start(program, *, limits=LIMITS, mode="fork"):
        number = len(workers)
        python = tmp_path / f"python-{number}"
        python.write_text(f"#!{sys.executable}\n{HEAD}{textwrap.dedent(program)}")
        python.chmod(0o755)
        installation = Installation(name="fake", python="3.11", requirements=())
        worker = LocalWorker(
            environment=Environment(
                id="fake",
                installation=installation,
                api=KerasApi.KERAS,
                backend=Backend.NUMPY,
            ),
            python=python,
            bundle=Bundle(folder=tmp_path / "bundle", digest="d"),
            folder=tmp_path / f"worker-{number}-{time.monotonic_ns()}",
            limits=limits,
            mode=mode,
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.close()


def task(tmp_path, name="m"):
    folder = tmp_path / f"task-{time.monotonic_ns()}"
    folder.mkdir()
    info = RecipeInfo(name=name, title=name, path=Path("r.py"), module="dense", digest="d")
    return TaskRequest(
        kind="load",
        recipe=info,
        format=Format.H5,
        artifact=folder,
        folder=folder,
        script=plain_script(),
    )


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def eventually(true, seconds=5):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


SERVES = f"say('{READY}')\nfor request in requests(): done(request)\n"


@pytest.mark.parametrize(
    "noise",
    [
        "say('hello from a .pth')",
        "say('')",
        "say('5'); say('null'); say('[]'); say('{\"event\": \"greeting\"}')",
        "sys.stdout.buffer.write(b'\\xff\\xfe not text\\n')",
        "say('x' * 100000)",
    ],
)
def test_lines_before_the_first_message_are_kept_in_the_log(start, tmp_path, noise):
    worker = start(f"{noise}\n{SERVES}")
    assert worker.run([task(tmp_path)], LIMITS).ending is Ending.DONE
    if "hello" in noise:
        assert "hello from a .pth" in worker.log_tail()


@pytest.mark.parametrize(
    "program",
    [
        "say('no message at all')",
        'say(\'{"event": "ready"}\')',
        'say(\'{"event": "failed", "failure": {"type": "E"}}\')',
        'say(\'{"event": "failed", "failure": 5}\')',
        'say(\'{"event": "ready", "protocol": 1, "seconds": "x", "versions": [], "packages": 1}\')',
    ],
)
def test_a_first_message_that_is_none_is_a_failed_start_and_leaves_no_process(start, program):
    own = "print('pid', os.getpid(), file=sys.stderr); sys.stderr.flush()"
    with pytest.raises(StartFailed, match="its interpreter died while importing Keras") as caught:
        start(f"{own}; {program}; os.close(1); time.sleep(60)")
    assert gone(int(caught.value.log.split("pid ")[1].split()[0]))


def test_an_interpreter_that_is_not_there_is_a_failed_start(tmp_path):
    with pytest.raises(StartFailed, match="does not start"):
        LocalWorker(
            environment=Environment(
                id="fake",
                installation=Installation(name="fake", python="3.11", requirements=()),
                api=KerasApi.KERAS,
                backend=Backend.NUMPY,
            ),
            python=tmp_path / "nowhere",
            bundle=Bundle(folder=tmp_path, digest="d"),
            folder=tmp_path / "worker",
            limits=LIMITS,
        )


def test_a_start_over_its_limit_says_so_each_time(start):
    """The reason does not depend on which thread is faster (B8)."""
    short = Limits(start_seconds=0.15, cell_seconds=5, memory_mb=512)
    for _ in range(10):
        with pytest.raises(StartFailed, match=r"was not imported within 0\.15 s"):
            start("time.sleep(60)", limits=short)


@pytest.mark.parametrize(
    "answer",
    [
        'say(\'cut {"event": "en\')',
        'say(\'{"event": "ended", "batch": 99, "ending": "done"}\')',
        'say(\'{"event": "ended", "batch": %d, "ending": "odd"}\' % request["batch"])',
        'say(\'{"batch": %d, "ending": "done", "stage": "odd"}\' % request["batch"])',
        'say(\'{"batch": %d, "ending": "done", "task": "x"}\' % request["batch"])',
        "say('{', end='')\n    break",
        "break",
        "os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_an_answer_that_is_none_ends_the_worker_and_not_the_wait(start, tmp_path, answer):
    """Nobody waits minutes for a listener that is not there any more (B3)."""
    worker = start(f"say('{READY}')\nfor request in requests():\n    {answer}\n")
    began = time.monotonic()
    ended = worker.run([task(tmp_path)], LIMITS)
    assert ended.lost
    assert ended.sent
    assert time.monotonic() - began < 10
    assert not worker.alive
    assert not worker.run([task(tmp_path)], LIMITS).sent


def test_all_that_wait_are_released_when_the_worker_ends(start, tmp_path):
    worker = start(
        f"say('{READY}')\nfor request in requests():\n    if request['batch'] == 5: break\n"
    )
    ended = []
    threads = [
        threading.Thread(target=lambda: ended.append(worker.run([task(tmp_path)], LIMITS)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(ended) == 5
    assert all(item.lost and item.sent for item in ended)


def test_a_batch_for_a_worker_that_has_ended_is_not_sent(start, tmp_path):
    worker = start(f"say('{READY}')")
    assert eventually(lambda: not worker.alive)
    ended = worker.run([task(tmp_path)], LIMITS)
    assert ended.lost
    assert not ended.sent


def test_a_worker_that_does_not_answer_is_ended_and_its_batch_lost(start, tmp_path, monkeypatch):
    monkeypatch.setattr(local_worker, "GRACE", 0.2)
    worker = start(f"say('{READY}')\ntime.sleep(60)")
    ended = worker.run([task(tmp_path)], Limits(cell_seconds=0.1))
    assert (ended.ending, ended.lost, ended.sent) == (Ending.HUNG, True, True)
    assert not worker.alive


def test_two_full_pipes_do_not_block_one_another(start, tmp_path):
    """The worker writes more than a pipe holds before it reads what is more than a pipe holds."""
    worker = start(
        f"""
        say('{READY}')
        for request in requests():
            sys.stdout.write(" " * 300000)  # the host has to read while it writes
            done(request)
        """
    )
    many = [task(tmp_path, "m" * 2000) for _ in range(200)]
    ended = []
    threads = [
        threading.Thread(target=lambda: ended.append(worker.run(many, LIMITS))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [item.ending for item in ended] == [Ending.DONE] * 4


def test_a_worker_that_reads_nothing_is_ended_at_the_limit(start, tmp_path, monkeypatch):
    """The limit includes the writing of a request that the pipe does not hold."""
    monkeypatch.setattr(local_worker, "GRACE", 0.5)
    worker = start(f"say('{READY}')\ntime.sleep(60)")
    many = [task(tmp_path, "m" * 2000) for _ in range(200)]
    began = time.monotonic()
    ended = worker.run(many, Limits(cell_seconds=0.001))
    assert ended.lost
    assert time.monotonic() - began < 10


def test_closing_ends_the_process_and_all_that_it_started(start):
    worker = start(
        f"""
        child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
        sys.stderr.write("child %d\\n" % child.pid)
        sys.stderr.flush()
        say('{READY}')
        time.sleep(60)
        """
    )
    child = int(worker.log_tail().split()[-1])
    worker.close()
    assert gone(worker._process.pid)
    assert eventually(lambda: gone(child))
    assert not worker.alive


def test_closing_does_not_wait_for_a_writer_that_waits(start, tmp_path, monkeypatch):
    monkeypatch.setattr(local_worker, "CLOSE_SECONDS", 0.2)
    worker = start(f"say('{READY}')\ntime.sleep(60)")
    many = [task(tmp_path, "m" * 2000) for _ in range(200)]
    thread = threading.Thread(target=worker.run, args=(many, LIMITS))
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    worker.close()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 5


def test_an_interrupt_ends_a_start(start):
    interrupt = child_processes.Interrupt()
    threading.Timer(0.3, interrupt.set).start()
    began = time.monotonic()
    with pytest.raises(StartFailed):
        interrupt.run(lambda: start("time.sleep(60)"))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("act", "ending", "signal"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", Ending.CRASHED, 11),
        ("os._exit(0)", Ending.CRASHED, None),
        ("os.kill(os.getpid(), signal.SIGALRM)", Ending.HUNG, None),
    ],
)
def test_inline_the_end_of_the_process_is_the_end_of_the_task(start, tmp_path, act, ending, signal):
    """SIGALRM is the limit that the worker sets itself, see ``limit_time``."""
    worker = start(f"say('{READY}')\nfor request in requests(): {act}", mode="inline")
    ended = worker.run([task(tmp_path)], LIMITS)
    assert (ended.ending, ended.signal, ended.lost) == (ending, signal, False)


def test_inline_a_process_that_we_end_says_nothing_about_the_task(start, tmp_path):
    worker = start(f"say('{READY}')\ntime.sleep(60)", mode="inline")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(worker.run([task(tmp_path)], LIMITS)))
    thread.start()
    time.sleep(0.2)
    worker.close()
    thread.join(10)
    assert ended[0].lost


def test_a_process_per_cell_ends_with_its_owner(start, tmp_path):
    programs = iter([SERVES, f"say('{READY}')\ntime.sleep(60)"])
    worker = ProcessPerCell(lambda _folder: start(next(programs)), folder=tmp_path / "cells")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(worker.run([task(tmp_path)], LIMITS)))
    thread.start()
    time.sleep(0.5)
    worker.close()
    thread.join(10)
    assert ended[0].lost
    assert not worker.alive
    assert not worker.run([task(tmp_path)], LIMITS).sent


def test_a_process_per_cell_whose_later_start_fails_says_so(start, tmp_path):
    programs = iter([SERVES, "pass"])
    worker = ProcessPerCell(lambda _folder: start(next(programs)), folder=tmp_path / "cells")
    with pytest.raises(StartFailed):
        worker.run([task(tmp_path)], LIMITS)
