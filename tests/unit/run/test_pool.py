import threading
import time

import pytest

from runner.run.pool import Batch, Pool
from runner.worker_client.worker_protocol import StartFailed


class FakeWorker:
    """Stands for a running environment; counts who is alive."""

    def __init__(self, name, alive):
        self.name = name
        self.alive = True
        self._all = alive
        alive.append(self)

    def close(self):
        if self in self._all:
            self._all.remove(self)


class World:
    """Starts workers, handles batches, and remembers everything."""

    def __init__(self, *, broken=(), again=None):
        self.live, self.most, self.done, self.given_up = [], 0, [], []
        self.broken, self.again = broken, again or (lambda _batch: [])
        self.started = []
        self.lock = threading.Lock()

    def start(self, name):
        if name in self.broken:
            raise StartFailed("no Keras")
        self.started.append(name)
        return FakeWorker(name, self.live)

    def handle(self, worker, batch):
        with self.lock:
            self.most = max(self.most, len(self.live))
            self.done.append((worker.name, batch.steps))
        time.sleep(0.002)
        return self.again(batch)

    def run(self, work, jobs=2):
        pool = Pool(
            jobs=jobs,
            start=self.start,
            handle=self.handle,
            give_up=lambda name, failed: self.given_up.append((name, str(failed))),
        )
        pool.run(work)


def batches(*names):
    return [Batch(steps=(name,)) for name in names]


def test_every_batch_runs_once_in_its_own_environment():
    world = World()
    world.run({"a": batches(1, 2, 3), "b": batches(4, 5), "c": []})
    assert sorted(world.done) == [("a", (1,)), ("a", (2,)), ("a", (3,)), ("b", (4,)), ("b", (5,))]
    assert sorted(world.started) == ["a", "b"]


def test_workers_are_closed_when_their_last_batch_is_done():
    world = World()
    world.run({name: batches(*range(5)) for name in "abcdef"})
    assert world.live == []
    assert world.most <= 3


def test_what_a_handler_returns_runs_again():
    seen = []

    def again(batch):
        seen.append(batch.steps)
        return batches("x", "y") if batch.steps == ("first",) else []

    World(again=again).run({"a": batches("first")})
    assert sorted(seen) == [("first",), ("x",), ("y",)]


def test_an_environment_that_does_not_start_is_given_up_and_the_others_go_on():
    world = World(broken=("b",))
    world.run({"a": batches(1, 2), "b": batches(3, 4)})
    assert world.given_up == [("b", "no Keras")]
    assert {name for name, _ in world.done} == {"a"}


def test_a_worker_that_died_is_started_anew_for_what_is_left():
    def kill_once(_batch):
        for worker in world.live:
            worker.alive = len(world.done) > 1
        return []

    world = World(again=kill_once)
    world.run({"a": batches(1, 2, 3)}, jobs=1)
    assert world.started == ["a", "a"]
    assert [steps for _, steps in world.done] == [(1,), (2,), (3,)]


def test_an_error_in_a_handler_stops_the_pool_and_is_raised():
    def fail(_batch):
        raise RuntimeError("disk full")

    world = World(again=fail)
    with pytest.raises(RuntimeError, match="disk full"):
        world.run({"a": batches(*range(50))})
    assert world.live == []
    assert len(world.done) < 10
