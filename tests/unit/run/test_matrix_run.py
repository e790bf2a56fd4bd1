"""A whole run on workers in memory: what is asked, in which order, and what trouble costs."""

import base64
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from runner.environments.locks import lock_path, lock_text
from runner.model.builds import Built, Fault, Unavailable
from runner.model.finding import Verdict
from runner.model.matrix import Format
from runner.model.steps import Why
from runner.plan.planner import make_plan
from runner.run import matrix_run
from runner.run.installations import read_locks
from runner.run.matrix_run import Run
from runner.run.run_state import Options
from runner.run.session import open_session
from runner.run.snapshot import read_known
from runner.worker_client.worker_protocol import StartFailed
from tests.unit.factories import recipe, spec
from tests.unit.run.doubles import ScriptedWorker, crashed, done, lost, write_evidence

CONTROL = recipe("mlp_sequential")


class Quiet:
    def __init__(self):
        self.said = []

    def phase(self, name, total):
        pass

    def step(self, name):
        pass

    def say(self, text):
        self.said.append(text)


class World:
    """A builder whose environments are there and whose workers answer at once."""

    def __init__(self, folder, environments=("a", "b"), recipes=("mlp_sequential", "conv", "lstm")):
        self.spec = spec(environments, recipes, (Format.H5,))
        self.spec = type(self.spec)(
            **{
                name: getattr(self.spec, name)
                for name in self.spec.__dataclass_fields__
                if name != "file"
            },
            file=folder / "matrix.yaml",
        )
        for item in self.spec.environments:
            path = lock_path(folder, item.installation)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = lock_text(
                item.installation, f"keras==2.{ord(item.id)} \\\n    --hash=sha256:00\n"
            )
            path.write_text(text, "utf-8")
        self.build_folder = folder / "build"
        self.asked, self.started = [], []
        self.trouble = {}  # (environment, recipe, kind): what its task does
        self.start_fails, self.unavailable = {}, {}
        self.lock = threading.Lock()

    # The builder

    def find(self, installation, _lock):
        if installation.name in self.unavailable:
            return None
        return Built(python=Path("python"), seconds=0.0, log=Path("log"))

    def build(self, installation, _lock, _limits):
        return Unavailable(fault=Fault.NETWORK, reason=self.unavailable[installation.name])

    def start(self, environment, _built, **_options):
        with self.lock:
            self.started.append(environment.id)
            failure = self.start_fails.get(environment.id)
        if failure and self.started.count(environment.id) > failure[0]:
            raise StartFailed(failure[1])
        worker = ScriptedWorker()
        worker._script = lambda tasks: self.answer(environment.id, worker, tasks)
        return worker

    def answer(self, name, worker, tasks):
        for number, task in enumerate(tasks):
            key = (name, task.recipe.name, task.kind)
            with self.lock:
                self.asked.append((*key, task.way))
            act = self.trouble.get(key)
            if act is not None:
                ended = act(worker, task, number)
                if ended is not None:
                    return ended
                continue
            self.write(name, task)
        return done(tasks)

    @staticmethod
    def write(name, task):
        values = np.array([[1.0, 2.0]], "<f4")
        data = base64.b64encode(values.tobytes()).decode()
        array = {"dtype": "<f4", "shape": [1, 2], "data": data}
        weights = {"name": "w", "shape": [2], "dtype": "float32", "sha256": task.recipe.name}
        write_evidence(task, outputs=[array], again=[array], inputs=[array], variables=[weights])
        if task.kind == "save":
            (task.artifact / "model.h5").write_text(f"{name} {task.recipe.name}")

    # The run

    def run(self, **options):
        self.asked.clear()
        self.started.clear()
        self.progress = Quiet()
        session = open_session(self.build_folder)
        try:
            return Run(
                spec=self.spec,
                control=CONTROL,
                session=session,
                builder_for=lambda _: self,
                options=Options(**{"jobs": 2, **options}),
                progress=self.progress,
            ).execute()
        finally:
            session.close()


def dies(worker, _task, _number):
    worker.alive = False
    return lost()


def verdicts(results):
    return {cell.id: str(cell.verdict) for cell in results.cells}


def refuses(_worker, task, _number):
    text = "Unknown layer: 'Scale'"
    failure = {"type": "ValueError", "message": text, "traceback": "T", "innermost": text}
    write_evidence(task, stage="read", failure=failure)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_every_cell_is_asked_once_and_a_second_run_asks_nothing(world):
    results = world.run()
    assert len(results.cells) == 2 * 2 * 3
    assert set(verdicts(results).values()) == {"identical"}
    assert len(world.asked) == len(set(world.asked)) + 2 * 3  # each loader asks two savers' files
    assert results.run.complete
    again = world.run()
    assert world.asked == world.started == []
    assert verdicts(again) == verdicts(results)


def test_results_count_what_was_measured_and_what_was_known(world):
    first = world.run()
    assert first.run.ran == 2 * 3 + 2 * 2 * 3
    assert first.run.known == 0
    second = world.run()
    assert second.run.ran == 0
    assert second.run.known == first.run.ran


def test_answers_of_other_routes_count_as_known_as_well(world):
    world.trouble["b", "conv", "load"] = refuses
    first = world.run()
    tried = sum(len(cell.attempts) for cell in first.cells)
    assert tried
    second = world.run()
    assert (second.run.ran, second.run.known) == (0, 2 * 3 + 2 * 2 * 3 + tried)


def test_a_run_that_has_nothing_to_ask_reads_the_store_once_to_plan(world, monkeypatch):
    world.run()
    read = []
    monkeypatch.setattr(matrix_run, "read_known", lambda *a: read.append(a) or read_known(*a))
    world.run()
    assert len(read) == 1


def test_a_plan_deletes_nothing_and_a_run_saves_a_lost_artifact_again(world):
    world.run()
    session = open_session(world.build_folder)
    before = session.database.known()
    lost = next(digest for digest in before.values() if digest is not None)
    shutil.rmtree(session.artifacts.path(lost))
    locks = read_locks(world.spec)
    known = read_known(world.spec, locks, session)
    plan = make_plan(world.spec, known, control=CONTROL)
    assert session.database.known() == before
    assert lost not in known.evidence.values()
    assert [step.why for step in plan.saves].count(Why.NEW) == 1
    assert len(plan.later) == 2
    session.close()
    results = world.run()
    assert set(verdicts(results).values()) == {"identical"}
    assert [kind for _, _, kind, _ in world.asked] == ["save"]


def test_a_new_environment_asks_its_own_row_and_column(world, tmp_path):
    world.run()
    wider = World(tmp_path, ("a", "b", "c"))
    results = wider.run()
    assert len(results.cells) == 3 * 3 * 3
    assert {name for name, *_ in wider.asked} == {"a", "b", "c"}
    assert sum(kind == "load" for _, _, kind, _ in wider.asked) == 3 * (9 - 4)


def test_a_step_that_ends_its_worker_each_time_is_missing_with_the_reason(world):
    world.trouble["b", "conv", "load"] = dies
    results = world.run()
    found = {cell.id: cell for cell in results.cells if cell.verdict is Verdict.MISSING}
    assert set(found) == {"a/conv/h5/b", "b/conv/h5/b"}
    assert {cell.reason.split(":")[0] for cell in found.values()} == {"tried 3 times"}
    assert not results.run.complete
    assert sum(name == ("b", "conv", "load", "as-is") for name in world.asked) in {5, 6}
    assert any("no answer" in text for text in world.progress.said)
    world.trouble.clear()
    again = world.run()
    assert again.run.complete
    assert {name for name, *_ in world.asked} == {"b"}


def test_a_save_that_ends_its_worker_each_time_costs_its_own_cells(world):
    world.trouble["a", "conv", "save"] = dies
    results = world.run()
    missing = {cell.id for cell in results.cells if cell.verdict is Verdict.MISSING}
    assert missing == {"a/conv/h5/a", "a/conv/h5/b"}
    (artifact,) = [item for item in results.artifacts if item.id == "a/conv/h5"]
    assert str(artifact.status) == "missing"
    assert artifact.reason.startswith("tried 3 times: its worker ended")
    assert len(results.cells) == 12


def test_a_crash_is_evidence_and_not_asked_again(world):
    world.trouble["b", "conv", "load"] = lambda _worker, _task, number: crashed(number)
    results = world.run(fallbacks=False)
    assert verdicts(results)["a/conv/h5/b"] == "crashed"
    assert verdicts(results)["b/conv/h5/b"] == "crashed"
    world.run(fallbacks=False)
    assert world.asked == []


def test_an_environment_that_never_starts_is_broken(world):
    world.start_fails["b"] = (0, "no Keras")
    results = world.run()
    assert {name: found for name, found in verdicts(results).items() if name.endswith("/b")} == {
        f"a/{name}/h5/b": "broken" for name in ("mlp_sequential", "conv", "lstm")
    }
    (status,) = [item for item in results.environments if item.id == "b"]
    assert (status.status, status.reason) == ("broken", "no Keras")


def test_a_restart_that_fails_leaves_what_was_answered_and_is_not_tried_in_every_phase(world):
    """A column that was measured does not become broken by one slow restart (B13)."""
    world.start_fails["b"] = (2, "too slow")
    world.trouble["b", "lstm", "load"] = dies
    results = world.run(jobs=1)
    found = verdicts(results)
    assert found["a/mlp_sequential/h5/b"] == "identical"
    assert "broken" not in found.values()
    missing = {name for name, verdict in found.items() if verdict == "missing"}
    assert missing
    assert all(name.endswith("/b") for name in missing)
    reasons = {cell.reason for cell in results.cells if cell.id in missing}
    assert any("could not be started again: too slow" in reason for reason in reasons)
    assert world.started.count("b") == 3
    assert not results.run.complete
    world.start_fails.clear()
    world.trouble.clear()
    assert set(verdicts(world.run()).values()) == {"identical"}


def test_an_environment_that_cannot_be_built_again_keeps_its_answers(world):
    world.run()
    world.unavailable["b"] = "no network"
    more = World(world.spec.file.parent, recipes=("mlp_sequential", "conv", "lstm", "new"))
    more.unavailable = world.unavailable
    found = verdicts(more.run())
    assert found["a/conv/h5/b"] == "identical"
    assert found["a/new/h5/b"] == "missing"
    assert found["a/new/h5/a"] == "identical"


def test_an_environment_that_was_never_built_is_unavailable(world):
    world.unavailable["b"] = "no network"
    results = world.run()
    assert verdicts(results)["a/conv/h5/b"] == "unavailable"


def test_damaged_evidence_is_forgotten_once_and_asked_again(world):
    world.run()
    session = open_session(world.build_folder)
    keys = sorted(session.database.known())
    for key in keys[::4]:
        session.database._connection.execute(
            "UPDATE evidence SET data = ? WHERE key = ?", (b"odd", key)
        )
    session.close()
    results = world.run()
    assert set(verdicts(results).values()) == {"identical"}
    assert len(world.asked) >= len(keys[::4])
    assert any("damaged answers" in text for text in world.progress.said)
    world.run()
    assert world.asked == []


def test_fresh_asks_again_once_although_something_was_damaged(world):
    world.run()
    results = world.run(fresh=True)
    assert set(verdicts(results).values()) == {"identical"}
    assert sum(kind == "load" for _, _, kind, _ in world.asked) == 12


def test_a_route_whose_worker_dies_each_time_is_not_tried_in_every_round(world):
    def refuses_once(worker, task, number):
        return (refuses if task.way == "as-is" else dies)(worker, task, number)

    world.trouble["b", "conv", "load"] = refuses_once
    results = world.run()
    found = verdicts(results)
    assert found["a/conv/h5/b"] == "refused"
    other = [way for name, model, _, way in world.asked if model == "conv" and way != "as-is"]
    assert len(other) <= 2 * 3 + 2
    assert not results.run.complete
