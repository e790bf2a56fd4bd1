"""The host's side of a container, against an Engine that is a pair of sockets."""

import io
import json
import socket
import struct
import tarfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from runner.docker.connection import Engine
from runner.docker.sandbox import Sandbox
from runner.model.evidence import Ending
from runner.model.matrix import Format, Limits
from runner.worker_client import container_worker
from runner.worker_client.bundle import PACKAGE, Bundle
from runner.worker_client.container_worker import ContainerWorker
from runner.worker_client.worker_protocol import StartFailed, TaskRequest
from tests.unit.factories import environment, recipe

READY = {
    "event": "ready",
    "protocol": 1,
    "seconds": 0.1,
    "versions": {"keras": "2"},
    "packages": {},
}
LIMITS = Limits(start_seconds=5, cell_seconds=5)


class Agent:
    """The other end: what a container says, by a script that runs in a thread."""

    def __init__(self, script):
        self.host, self.own = socket.socketpair()
        self.removed = threading.Event()
        self.memory = False
        self._script = script
        self._input = self.own.makefile("rb")
        self.client = SimpleNamespace(api=self)

    # What of the Engine's client is used

    def create_container(self, *_args, **_options):
        return {"Id": "c1"}

    def create_host_config(self, **_options):
        return {}

    def attach_socket(self, _name, params):
        return self.host

    def start(self, _name):
        threading.Thread(target=self._run, daemon=True).start()

    def inspect_container(self, _name):
        return {"State": {"Running": False, "ExitCode": 137, "OOMKilled": self.memory}}

    def remove_container(self, _name, **_options):
        self.removed.set()

    # The agent's side

    def _run(self):
        try:
            self.take()
            self._script(self)
        except OSError:
            pass
        finally:
            self.own.close()
            self._input.close()

    def take(self):
        line = self._input.readline()
        if not line:
            raise OSError("hung up")
        message = json.loads(line)
        self._input.read(message["tar"])
        return message

    def raw(self, data):
        self.own.sendall(struct.pack(">BxxxL", 1, len(data)) + data)

    def say(self, message, files=()):
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w") as tar:
            for name, content in files:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        content = sink.getvalue() if files else b""
        self.raw(json.dumps({**message, "tar": len(content)}).encode() + b"\n" + content)

    def ended(self, request, files=(), **changes):
        self.say({"event": "ended", "batch": request["batch"], "ending": "done", **changes}, files)


@pytest.fixture
def start(tmp_path):
    """A function that starts a worker whose container does what a script says."""
    (tmp_path / "bundle" / PACKAGE).mkdir(parents=True)
    agents = []

    def start(script, limits=LIMITS):
        agent = Agent(script)
        agents.append(agent)
        engine = Engine(
            client=agent.client,
            address="unix://test",
            version="1",
            platform="linux/amd64",
            cpus=1,
            memory_mb=1024,
        )
        worker = ContainerWorker(
            engine=engine,
            environment=environment("a"),
            image="image",
            python="python3",
            bundle=Bundle(folder=tmp_path / "bundle", digest="d"),
            limits=limits,
            sandbox=Sandbox(memory_mb=512, scratch_mb=64),
        )
        worker.agent = agent
        return worker

    yield start
    for agent in agents:
        agent.host.close()
        agent.own.close()


def task(tmp_path, number=0, kind="load"):
    folder = tmp_path / f"task-{number}-{time.monotonic_ns()}"
    (folder / "artifact").mkdir(parents=True)
    return TaskRequest(
        kind=kind,
        recipe=recipe("m", path=Path("dense.py")),
        format=Format.H5,
        artifact=folder / "artifact",
        folder=folder,
    )


def ready_then(act):
    def script(agent):
        agent.say(READY)
        act(agent)

    return script


EVIDENCE = (("0/evidence.json", b'{"kind": "load"}'), ("0/log.txt", b"said"))


def test_results_come_out_of_the_container_into_the_tasks_folder(start, tmp_path):
    worker = start(ready_then(lambda agent: agent.ended(agent.take(), EVIDENCE, stage="done")))
    request = task(tmp_path)
    ended = worker.run([request], LIMITS)
    assert (ended.ending, ended.stage, ended.lost) == (Ending.DONE, "done", False)
    assert (request.folder / "evidence.json").read_bytes() == b'{"kind": "load"}'
    assert (request.folder / "log.txt").read_text() == "said"


def test_only_what_was_asked_for_is_taken(start, tmp_path):
    files = (*EVIDENCE, ("../../outside", b"x"), ("0/artifact/model.h5", b"x"))
    worker = start(ready_then(lambda agent: agent.ended(agent.take(), files)))
    request = task(tmp_path)
    worker.run([request], LIMITS)
    assert not list(request.artifact.iterdir())
    assert "refused from the container" in (request.folder / "log.txt").read_text()


def test_what_an_interpreter_prints_first_is_skipped(start, tmp_path):
    def script(agent):
        agent.raw(b"hello from a .pth\n\n")
        agent.say(READY)
        agent.ended(agent.take(), EVIDENCE)

    assert start(script).run([task(tmp_path)], LIMITS).ending is Ending.DONE


def test_a_container_that_ends_at_once_is_a_failed_start_with_its_words(start):
    with pytest.raises(StartFailed, match="its interpreter died") as caught:
        start(lambda agent: agent.raw(b"exec format error\n"))
    assert "exec format error" in caught.value.log
    assert not caught.value.unavailable


def test_a_start_over_its_limit_says_so(start):
    with pytest.raises(StartFailed, match=r"not imported within 0\.2 s"):
        start(lambda agent: agent.removed.wait(5), Limits(start_seconds=0.2))


def test_a_keras_that_takes_too_much_memory_says_so(start):
    def script(agent):
        agent.memory = True

    with pytest.raises(StartFailed, match="more memory than the sandbox has"):
        start(script)


@pytest.mark.parametrize(
    "answer",
    [
        lambda agent, _request: agent.raw(b"not the agent's language\n"),
        lambda agent, _request: agent.raw(b'{"event": "ended", "batch"'),
        lambda agent, _request: agent.say({"event": "ended", "batch": 99, "ending": "done"}),
        lambda agent, _request: agent.say({"event": "ended"}),
        lambda agent, request: agent.raw(
            json.dumps({"event": "ended", "batch": request["batch"], "tar": -1}).encode() + b"\n"
        ),
        lambda agent, request: agent.raw(
            json.dumps({"event": "ended", "batch": request["batch"], "tar": 99}).encode() + b"\n"
        ),
        lambda agent, request: agent.ended(request, ending="odd"),
        lambda agent, request: agent.ended(request, task="x"),
        lambda agent, request: agent.ended(request, stage="odd"),
        lambda _agent, _request: None,
    ],
)
def test_an_answer_that_is_none_is_a_lost_one(start, tmp_path, answer):
    worker = start(ready_then(lambda agent: answer(agent, agent.take())))
    began = time.monotonic()
    ended = worker.run([task(tmp_path)], LIMITS)
    assert ended.lost
    assert ended.sent
    assert time.monotonic() - began < 3


def test_after_its_end_nothing_is_sent(start, tmp_path):
    worker = start(ready_then(lambda _agent: None))
    until = time.monotonic() + 5
    while worker.alive and time.monotonic() < until:
        time.sleep(0.01)
    assert not worker.alive
    assert not worker.run([task(tmp_path)], LIMITS).sent


def test_a_batch_without_an_answer_ends_the_container(start, tmp_path, monkeypatch):
    monkeypatch.setattr(container_worker, "GRACE", 0.2)

    def silent(agent):
        agent.take()
        agent.removed.wait(5)

    worker = start(ready_then(silent))
    ended = worker.run([task(tmp_path)], Limits(cell_seconds=0.1))
    assert (ended.ending, ended.lost) == (Ending.HUNG, True)
    assert worker.agent.removed.wait(5)
    assert not worker.alive


def test_memory_that_only_this_batch_can_have_taken_is_evidence(start, tmp_path):
    def script(agent):
        agent.take()
        agent.memory = True

    ended = start(ready_then(script)).run([task(tmp_path)], LIMITS)
    assert (ended.ending, ended.lost) == (Ending.MEMORY, False)


def test_of_two_batches_neither_is_blamed_for_the_memory(start, tmp_path):
    def script(agent):
        agent.take()
        agent.take()
        agent.memory = True

    worker = start(ready_then(script))
    ended = []
    threads = [
        threading.Thread(target=lambda: ended.append(worker.run([task(tmp_path)], LIMITS)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert [(item.ending, item.lost) for item in ended] == [(Ending.CRASHED, True)] * 2


@pytest.mark.parametrize(
    ("full", "lost", "ending"), [("own", False, Ending.MEMORY), ("other", True, Ending.CRASHED)]
)
def test_a_full_scratch_is_evidence_about_who_filled_it(start, tmp_path, full, lost, ending):
    worker = start(ready_then(lambda agent: agent.ended(agent.take(), EVIDENCE, full=full)))
    request = task(tmp_path)
    ended = worker.run([request], LIMITS)
    assert (ended.lost, ended.ending) == (lost, ending)
    assert not (request.folder / "evidence.json").exists()
    assert not worker.alive


def test_closing_removes_the_container(start):
    worker = start(ready_then(lambda agent: agent.removed.wait(5)))
    worker.close()
    assert worker.agent.removed.wait(5)
    assert not worker.alive
