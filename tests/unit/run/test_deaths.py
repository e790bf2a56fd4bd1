"""Workers that die at random moments: no step is lost, none is answered twice."""

import os
import random
import threading
import time
from collections import Counter

import pytest

from runner.run.pool import Batch, Pool
from runner.run.recorder import MAX_TRIES, EvidenceRecorder
from runner.worker_client.worker_protocol import BatchEnded
from tests.unit.run import doubles
from tests.unit.run.doubles import LIMITS, crashed, done, lost, write_evidence

SEEDS = int(os.environ.get("KMATRIX_TEST_SEEDS", "1000"))  # dealt to the four numbers of jobs
JOBS = (1, 2, 4, 8)
KINDS = ("good", "crashes", "untrusted", "malformed", "kills")
STAYS_UNANSWERED = {"malformed", "kills"}


class World:
    """One run of two environments whose workers die: some by a step, some by themselves."""

    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.database = doubles.MemoryDatabase()
        self.session = doubles.session(folder, self.database)
        self.kinds = {}
        self.sent, self.lost = Counter(), Counter()
        self.finished, self.unanswered, self.given_up = [], {}, []
        self.workers = []
        # A step that shares its worker is hit once at most, then has it to itself: with one more
        # death per environment from outside, it still has a try left.
        self.deaths = {"a": 1, "b": 1}

    def work(self):
        work = {}
        for name in "ab":
            steps = []
            for number in range(self.random.randint(3, 9)):
                step = doubles.load_step(f"m{number}", loader=name)
                weights = (12, 1, 1, 1, 1)
                self.kinds[step.key] = self.random.choices(KINDS, weights)[0]
                steps.append(step)
            cut = self.random.randint(0, len(steps))
            size = self.random.randint(1, 4)
            together = [
                Batch(steps=tuple(steps[start : min(cut, start + size)]))
                for start in range(0, cut, size)
            ]
            work[name] = together + [Batch(steps=(step,)) for step in steps[cut:]]
        return work

    def dies(self, name, chance):
        with self.lock:
            if self.deaths[name] and self.random.random() < chance:
                self.deaths[name] -= 1
                return True
        return False

    def pause(self):
        with self.lock:
            pause = self.random.random() < 0.1
        time.sleep(0.0003 if pause else 0)

    def start(self, name):
        worker = Dying(name, self)
        with self.lock:
            self.workers.append(worker)
        return worker

    def run(self, jobs):
        recorder = EvidenceRecorder(
            self.session,
            LIMITS,
            trusted=lambda step, _evidence: self.kinds[step.key] != "untrusted",
            finished=lambda step: self.finished.append(step.key),
            unanswered=self.leave,
        )
        pool = Pool(
            jobs=jobs,
            start=self.start,
            handle=recorder.handle,
            give_up=lambda name, failed: self.given_up.append((name, failed)),
        )
        pool.run(self.work())

    def leave(self, step, reason):
        assert step.key not in self.unanswered
        self.unanswered[step.key] = reason


class Dying:
    """A worker that may end before a batch, in it, and between its last answer and its end."""

    def __init__(self, name, world):
        self.ready = doubles.READY
        self.name, self.world = name, world
        self._dead = False
        self.closed = False

    @property
    def alive(self):
        if not self._dead and self.world.dies(self.name, 0.02):
            self._dead = True
        return not self._dead

    def run(self, tasks, limits):
        world = self.world
        if self._dead or world.dies(self.name, 0.05):
            self._dead = True
            return BatchEnded.unsent()
        keys = [f"load {task.recipe.name} {self.name}" for task in tasks]
        with world.lock:
            world.sent.update(keys)
        for number, (key, task) in enumerate(zip(keys, tasks, strict=True)):
            world.pause()
            if world.kinds[key] == "kills" or world.dies(self.name, 0.05):
                self._dead = True
            if self._dead:
                return self._lost(keys)
            if world.kinds[key] == "crashes":
                return crashed(number)
            if world.kinds[key] == "malformed":
                (task.folder / "evidence.json").write_bytes(b'{"kind": "load", "stage": "nowhere"}')
            else:
                write_evidence(task)
        return self._lost(keys) if self._dead else done(tasks)

    def _lost(self, keys):
        with self.world.lock:
            self.world.lost.update(keys)
        return lost()

    def close(self):
        self._dead = self.closed = True


@pytest.mark.parametrize("jobs", JOBS)
def test_no_step_is_lost_and_none_is_answered_twice(jobs, tmp_path):
    kinds, deaths = Counter(), 0
    for seed in range(JOBS.index(jobs), SEEDS, len(JOBS)):
        world = World(seed, tmp_path / str(seed))
        world.run(jobs)
        told = f"jobs {jobs}, seed {seed}"
        every = set(world.kinds)
        bad = {key for key, kind in world.kinds.items() if kind in STAYS_UNANSWERED}
        assert sorted(world.finished) == sorted(every - bad), told
        assert sorted(world.database.written) == sorted(every - bad), told
        assert set(world.unanswered) == bad, told
        assert not world.given_up, told
        assert all(worker.closed for worker in world.workers), told
        for key in bad:
            assert world.unanswered[key].startswith(f"tried {MAX_TRIES} times: "), told
            if world.kinds[key] == "kills":
                assert world.lost[key] == MAX_TRIES, told
        assert not list(world.session.scratch.iterdir()), told
        kinds.update(world.kinds.values())
        deaths += len(world.workers) - 2
    assert min(kinds[kind] for kind in KINDS) > SEEDS / 40
    assert deaths > SEEDS / 4


def test_a_step_that_ends_its_worker_each_time_costs_no_other_step_a_second_try(tmp_path):
    """All in one shared batch: the killer is sent three times, its neighbours twice."""
    world = World(0, tmp_path)
    world.deaths = {"a": 0, "b": 0}
    steps = [doubles.load_step(f"m{number}", loader="a") for number in range(6)]
    world.kinds = {step.key: "good" for step in steps} | {steps[2].key: "kills"}
    world.work = lambda: {"a": [Batch(steps=tuple(steps))]}
    world.run(4)
    assert set(world.unanswered) == {steps[2].key}
    assert "its worker ended (signal 9)" in world.unanswered[steps[2].key]
    assert [world.sent[step.key] for step in steps] == [1, 1, 3, 2, 2, 2]
