"""Small classes that satisfy the protocols of the engine: a store in memory, workers that obey."""

import json
import threading
from types import SimpleNamespace

from runner.model.evidence import Ending
from runner.model.matrix import Format, Limits
from runner.model.steps import LoadStep, SaveStep, Why
from runner.run.session import Session
from runner.worker_client.bundle import Bundle
from runner.worker_client.worker_protocol import BatchEnded, Ready
from tests.plain_script import plain_script
from tests.unit.factories import environment, recipe

LIMITS = Limits(cell_seconds=5.0)
READY = Ready(seconds=0.0, versions=(("keras", "2.2.4"),), packages=())
GOOD = {"ending": "done", "stage": "done", "seconds": 0.1}


class MemoryDatabase:
    """Evidence by key; remembers every write."""

    def __init__(self):
        self.written = []
        self.evidence = {}

    def put(self, *, key, subject, parts, data, artifact=None):
        self.written.append(key)
        self.evidence.setdefault(key, (data, artifact))

    def get(self, key):
        return self.evidence[key][0] if key in self.evidence else None


class MemoryArtifacts:
    """Artifacts that are never damaged."""

    def copy(self, _digest, target):
        target.mkdir()

    def add(self, folder):
        return SimpleNamespace(digest=f"digest of {folder.name}")


def session(folder, database=None, artifacts=None):
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return Session(
        build=folder,
        database=database if database is not None else MemoryDatabase(),
        artifacts=artifacts if artifacts is not None else MemoryArtifacts(),
        bundle=Bundle(folder=folder / "worker", digest="w"),
        run_id="run",
        scratch=scratch,
        lock=None,
    )


def save_step(name="m", saver="a"):
    return SaveStep(
        saver=environment(saver),
        recipe=recipe(name),
        format=Format.H5,
        key=f"save {saver} {name}",
        parts=(),
        why=Why.NEW,
    )


def load_step(name="m", loader="b", **changes):
    values = {
        "save": save_step(name),
        "loader": environment(loader),
        "artifact": f"artifact of {name}",
        "key": f"load {name} {loader}",
        "parts": (),
        "why": Why.NEW,
        "script": plain_script(),
    }
    return LoadStep(**{**values, **changes})


def write_evidence(task, **changes):
    text = json.dumps({"kind": task.kind, **GOOD, **changes})
    (task.folder / "evidence.json").write_text(text, "utf-8")


class ScriptedWorker:
    """Answers each batch by what ``script`` does with it; see ``protocol.Worker``."""

    def __init__(self, script=None):
        self.ready = READY
        self.alive = True
        self.closed = False
        self.sent = []
        self._script = script or self.answer
        self._lock = threading.Lock()

    @staticmethod
    def answer(tasks):
        for task in tasks:
            write_evidence(task)
        return done(tasks)

    def run(self, tasks, limits):
        if not self.alive:
            return BatchEnded.unsent()
        with self._lock:
            self.sent.append(tuple(tasks))
        return self._script(tasks)

    def close(self):
        self.alive = False
        self.closed = True


def done(tasks):
    return BatchEnded(ending=Ending.DONE, task=len(tasks) - 1, stage="done")


def crashed(task, stage="read", signal=11):
    return BatchEnded(ending=Ending.CRASHED, task=task, stage=stage, signal=signal)


def lost(ending=Ending.CRASHED, signal=9):
    return BatchEnded(ending=ending, task=0, stage="import", signal=signal, lost=True)
