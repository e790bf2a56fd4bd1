import threading
import time
from collections import deque

import pytest

from runner import child_processes
from runner.run.pool import MAX_UNUSED, Batch, Pool, _GiveUp, _Lane, _Lanes
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

    def run(self, work, jobs=2, most_idle=0):
        self.pool = Pool(
            jobs=jobs,
            start=self.start,
            handle=self.handle,
            give_up=lambda name, failed: self.given_up.append((name, str(failed))),
            most_idle=most_idle,
        )
        self.pool.run(work)


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


def chain(world, environments):
    """Each batch adds the next one, in the next environment."""

    def add(batch):
        (number,) = batch.steps
        if number < 2 * len(environments):
            name = environments[number % len(environments)]
            world.pool.add({name: batches(number + 1)})
        return []

    return add


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_handler_may_add_batches_of_any_environment(jobs):
    world = World()
    world.again = chain(world, "abc")
    world.run({"a": batches(0)}, jobs=jobs)
    assert [number for _, (number,) in world.done] == list(range(7))
    assert [name for name, _ in world.done] == list("aabcabc")
    assert world.live == []


def test_workers_may_stay_open_for_batches_that_come_later():
    started = {}
    for most_idle in (0, 2):
        world = World()
        world.again = chain(world, "abc")
        world.run({"a": batches(0)}, jobs=1, most_idle=most_idle)
        started[most_idle] = len(world.started)
        assert world.most <= most_idle + 1
        assert world.live == []
    assert started[2] == len("abc")
    assert started[0] > started[2]


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


def test_a_worker_that_died_is_replaced_while_another_batch_of_it_is_still_under_way():
    """One death, two threads, fifty batches: nothing is lost (B2)."""
    world = World()
    slow, died = threading.Event(), threading.Event()
    asked_of_the_dead = []

    def handle(worker, batch):
        (step,) = batch.steps
        if not worker.alive:
            asked_of_the_dead.append(step)
            return [batch]
        if step == 0:  # in flight on the first worker until nearly everything else is done
            slow.wait(10)
        elif step == 1:
            worker.alive = False
            died.set()
        world.done.append((worker.name, step))
        if len(world.done) == 49:
            slow.set()
        return []

    world.handle = handle
    world.run({"a": batches(*range(50))}, jobs=2)
    assert died.is_set()
    assert sorted(step for _, step in world.done) == list(range(50))
    assert world.started == ["a", "a"]
    assert asked_of_the_dead == []
    assert world.live == []


def test_a_worker_that_becomes_ready_while_the_pool_stops_is_closed():
    """An interrupt during a start leaves no worker behind (B7)."""
    world = World()
    starting, go_on = threading.Event(), threading.Event()

    def start(name):
        if name == "slow":
            starting.set()
            go_on.wait(10)
        return FakeWorker(name, world.live)

    def fail(_worker, _batch):
        starting.wait(10)
        threading.Timer(0.1, go_on.set).start()
        raise RuntimeError("stop")

    world.start, world.handle = start, fail
    with pytest.raises(RuntimeError, match="stop"):
        world.run({"quick": batches(1), "slow": batches(2)})
    assert world.live == []


def test_stopping_ends_a_start_that_hangs():
    world = World()
    starting, killed = threading.Event(), threading.Event()

    def start(_name):
        with child_processes.ended_by_interrupt(killed.set):
            starting.set()
            assert killed.wait(10)
        raise StartFailed("ended")

    world.start = start
    pool = Pool(jobs=1, start=start, handle=world.handle, give_up=lambda *_: None)
    running = threading.Thread(target=pool.run, args=({"a": batches(1)},))
    running.start()
    assert starting.wait(10)
    pool.stop()
    running.join(10)
    assert not running.is_alive()
    assert world.done == []


def test_a_restart_that_fails_gives_up_what_is_left_and_keeps_the_rest():
    world = World()
    first = []

    def start(name):
        if first:
            raise StartFailed("too slow this time")
        first.append(name)
        return FakeWorker(name, world.live)

    def handle(worker, batch):
        world.done.append(batch.steps)
        worker.alive = False
        return []

    world.start, world.handle = start, handle
    world.run({"a": batches(1, 2, 3)}, jobs=1)
    assert world.done == [(1,)]
    assert world.given_up == [("a", "too slow this time")]


def test_workers_that_die_before_they_take_a_batch_are_given_up_after_three():
    world = World()

    def start(name):
        world.started.append(name)
        worker = FakeWorker(name, world.live)
        worker.alive = False
        return worker

    world.start = start
    world.run({"a": batches(1, 2)}, jobs=2)
    assert len(world.started) == MAX_UNUSED
    assert world.given_up == [("a", "its worker ended 3 times before it took a task")]
    assert world.live == []


def test_workers_that_die_with_the_first_batch_in_hand_are_given_up_after_three():
    world = World()

    def handle(worker, batch):
        worker.alive = False
        return [batch]

    world.handle = handle
    world.run({"a": batches(*range(9)), "b": []}, jobs=4)
    assert len(world.started) == MAX_UNUSED
    assert [name for name, _ in world.given_up] == ["a"]


def test_a_batch_whose_answer_was_lost_has_its_worker_to_itself():
    world = World()
    running, beside = [], []

    def handle(_worker, batch):
        with world.lock:
            running.append(batch)
        time.sleep(0.002)
        with world.lock:
            if any(item.tries for item in running):
                beside.append(len(running))
            running.remove(batch)
        return []

    world.handle = handle
    again = [Batch(steps=(n,), tries=1) for n in range(5)]
    world.run({"a": [*again, *batches(*range(20))]}, jobs=4)
    assert beside == [1] * 5


def test_an_environment_whose_every_process_must_start_may_fail_later():
    world = World()

    def handle(_worker, batch):
        if batch.steps == (2,):
            raise StartFailed("no memory")
        world.done.append(batch.steps)
        return []

    world.handle = handle
    world.run({"a": batches(1, 2, 3), "b": batches(4)}, jobs=1)
    assert sorted(world.done) == [(1,), (4,)]
    assert world.given_up == [("a", "no memory")]


def test_an_environment_is_not_given_up_while_a_batch_of_it_runs():
    """The last of its workers may have taken that batch, and is then not one that took none."""
    waiting = deque(batches(1))
    unused = {FakeWorker(number, []) for number in range(MAX_UNUSED)}
    lane = _Lane(environment="a", waiting=waiting, running=1, unused=unused)
    assert not isinstance(_Lanes([lane]).choose(), _GiveUp)
    lane.running, lane.starting = 0, False
    assert isinstance(_Lanes([lane]).choose(), _GiveUp)
