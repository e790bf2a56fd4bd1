import json

import pytest

from runner.model.evidence import Ending
from runner.model.steps import EXPLAIN, SAVE_AGAIN
from runner.run.pool import Batch
from runner.run.recorder import LOG_TAIL, MAX_TRIES, EvidenceRecorder
from runner.store.artifact_store import ArtifactFolder
from runner.worker_client.worker_protocol import BatchEnded
from tests.unit.run import doubles
from tests.unit.run.doubles import LIMITS, ScriptedWorker, crashed, done, lost, write_evidence


class Scene:
    """A recorder with a store in memory, and what it reports."""

    def __init__(self, folder, *, trusted=True, artifacts=None):
        self.database = doubles.MemoryDatabase()
        self.session = doubles.session(folder, self.database, artifacts)
        self.finished, self.unanswered = [], {}
        self.recorder = EvidenceRecorder(
            self.session,
            LIMITS,
            trusted=lambda _step, _evidence: trusted,
            finished=lambda step: self.finished.append(step.key),
            unanswered=lambda step, reason: self.unanswered.update({step.key: reason}),
        )

    def handle(self, script, *steps, tries=0):
        self.worker = ScriptedWorker(script)
        return list(self.recorder.handle(self.worker, Batch(steps=steps, tries=tries)))

    def stored(self, step):
        return self.database.evidence[step.key][0]


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def broken(text):
    def script(tasks):
        for task in tasks:
            (task.folder / "evidence.json").write_bytes(text)
        return done(tasks)

    return script


def test_a_load_is_recorded_and_its_folder_removed(scene):
    step = doubles.load_step()
    assert scene.handle(None, step) == []
    assert scene.finished == [step.key]
    assert scene.stored(step)["isolated"] is True
    assert list(scene.session.scratch.iterdir()) == []


def test_a_save_keeps_its_artifact_and_a_failed_one_does_not(scene):
    good, bad = doubles.save_step("good"), doubles.save_step("bad")
    scene.handle(None, good)

    def fail(tasks):
        write_evidence(tasks[0], stage="build")
        return done(tasks)

    scene.handle(fail, bad)
    assert scene.database.evidence[good.key][1] == "digest of artifact"
    assert scene.database.evidence[bad.key][1] is None


def test_a_resave_reads_one_folder_and_writes_another(scene):
    step = doubles.load_step(way=SAVE_AGAIN + "keras")
    scene.handle(None, step)
    ((task,),) = scene.worker.sent
    assert (task.kind, str(task.format), task.script) == ("save", "keras", step.script)
    assert task.artifact != task.source
    assert scene.database.evidence[step.key][1] == "digest of artifact"


def test_what_a_shared_process_found_counts_only_where_it_is_trusted(tmp_path):
    scene = Scene(tmp_path, trusted=False)
    steps = [doubles.load_step("m"), doubles.load_step("n")]
    again = scene.handle(None, *steps)
    assert [batch.steps for batch in again] == [(step,) for step in steps]
    assert scene.finished == []
    assert scene.handle(None, steps[0]) == []
    assert scene.finished == [steps[0].key]


def test_a_crash_in_company_is_asked_again_alone_and_recorded_alone(scene):
    first, second = doubles.load_step("m"), doubles.load_step("n")
    again = scene.handle(lambda _tasks: crashed(0), first, second)
    assert [(batch.steps, batch.tries) for batch in again] == [((first,), 0), ((second,), 0)]
    assert scene.handle(lambda _tasks: crashed(0), first) == []
    assert scene.stored(first) | {"log": ""} == {
        "kind": "load",
        "ending": "crashed",
        "stage": "read",
        "signal": 11,
        "seconds": 0.0,
        "log": "",
        "isolated": True,
        "warnings": [],
    }


def test_another_route_that_crashes_in_company_is_recorded_and_its_neighbours_run_again(scene):
    route, other = doubles.load_step("m", way=EXPLAIN), doubles.load_step("n", way=EXPLAIN)
    again = scene.handle(lambda _tasks: crashed(0), route, other)
    assert [batch.steps for batch in again] == [(other,)]
    assert scene.finished == [route.key]


def test_a_process_that_ends_without_evidence_alone_is_a_crash_whatever_index_it_names(scene):
    step = doubles.load_step()
    scene.handle(lambda _tasks: BatchEnded(ending=Ending.DONE, task=7, stage="read"), step)
    assert scene.stored(step)["ending"] == "crashed"


def test_an_unsent_batch_comes_back_as_it_is_and_uses_no_try(scene):
    batch = Batch(steps=(doubles.load_step(),), tries=2)
    worker = ScriptedWorker()
    worker.alive = False
    (again,) = scene.recorder.handle(worker, batch)
    assert again is batch
    assert scene.unanswered == {}


def test_a_lost_answer_is_asked_again_alone_with_one_try_less(scene):
    steps = [doubles.load_step("m"), doubles.load_step("n")]
    again = scene.handle(lambda _tasks: lost(), *steps)
    assert [(batch.steps, batch.tries) for batch in again] == [((step,), 1) for step in steps]


def test_evidence_that_was_written_before_the_worker_was_lost_counts(scene):
    steps = [doubles.load_step("m"), doubles.load_step("n")]

    def script(tasks):
        write_evidence(tasks[0])
        return lost()

    again = scene.handle(script, *steps)
    assert scene.finished == [steps[0].key]
    assert [batch.steps for batch in again] == [(steps[1],)]


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (lost(), "its worker ended (signal 9), and took the answer along"),
        (lost(Ending.HUNG, None), "its worker did not answer and was ended"),
    ],
)
def test_a_step_that_is_lost_each_time_stays_unanswered_and_says_why(scene, ended, words):
    step = doubles.load_step()
    assert scene.handle(lambda _tasks: ended, step, tries=MAX_TRIES - 1) == []
    assert scene.unanswered == {step.key: f"tried 3 times: {words}"}
    assert scene.database.written == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'{"kind": "load", "sta',
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"stage": "done"}',
        b'{"kind": "save", "stage": "done"}',
        b'{"kind": "load", "stage": "elsewhere"}',
        b'{"kind": "load", "ending": "odd"}',
        b'{"kind": "load", "stage": "done", "warnings": "one"}',
        b'{"kind": "load", "stage": "done", "failure": {"type": "E"}}',
        b'{"kind": "load", "stage": "done", "failure": "E"}',
        b'{"kind": "load", "outputs": [{"dtype": "<f4", "shape": [9], "data": "AAAA"}]}',
        b'{"kind": "load", "outputs": [{"dtype": "O", "shape": [0], "data": ""}]}',
        b'{"kind": "load", "outputs": 5}',
        b'{"kind": "load", "inputs": [1]}',
    ],
    ids=lambda text: text[:40].decode("latin-1"),
)
def test_malformed_evidence_is_a_lost_answer(scene, text):
    """It may come from a file that a stranger's code has written (B6)."""
    step = doubles.load_step()
    (again,) = scene.handle(broken(text), step)
    assert (again.steps, again.tries) == ((step,), 1)
    assert scene.handle(broken(text), step, tries=MAX_TRIES - 1) == []
    assert scene.unanswered[step.key].startswith("tried 3 times: its evidence is malformed: ")
    assert scene.database.written == []


def test_malformed_inputs_in_the_store_are_reported_and_not_sent(scene):
    class Damaged(doubles.MemoryDatabase):
        def get(self, key):
            from runner.model.evidence import MalformedEvidenceError

            raise MalformedEvidenceError("cannot be read", key)

    scene.session = doubles.session(scene.session.build, Damaged())
    scene.recorder._session = scene.session
    step = doubles.load_step()
    assert scene.handle(None, step) == []
    assert scene.worker.sent == []
    assert "cannot be asked" in scene.unanswered[step.key]


def stored_artifact(tmp_path):
    store = ArtifactFolder(tmp_path / "artifacts")
    folder = tmp_path / "saved"
    (folder / "assets").mkdir(parents=True)
    (folder / "model.h5").write_bytes(b"weights")
    return store, store.add(folder)


def test_a_loader_that_writes_does_not_reach_the_store(tmp_path):
    """As root, no mode of a file keeps it away: it gets a copy (B11)."""
    store, stored = stored_artifact(tmp_path)
    scene = Scene(tmp_path, artifacts=store)

    def script(tasks):
        for task in tasks:
            with (task.artifact / "model.h5").open("ab") as stream:
                stream.write(b"tampered")
            (task.artifact / "more").write_bytes(b"x")
            assert (task.artifact / "assets").is_dir()
            write_evidence(task)
        return done(tasks)

    step = doubles.load_step(artifact=stored.digest)
    scene.handle(script, step)
    assert scene.finished == [step.key]
    assert ArtifactFolder(tmp_path / "artifacts").get(stored.digest) == stored
    assert (stored.folder / "model.h5").read_bytes() == b"weights"


def test_an_artifact_that_was_changed_in_the_store_is_never_loaded(tmp_path):
    store, stored = stored_artifact(tmp_path)
    scene = Scene(tmp_path, artifacts=store)
    (stored.folder / "model.h5").chmod(0o644)
    (stored.folder / "model.h5").write_bytes(b"tampers")
    bad = doubles.load_step("m", artifact=stored.digest)
    scene.handle(None, bad)
    assert "is gone or damaged in the store" in scene.unanswered[bad.key]
    assert scene.worker.sent == []
    assert not store.has(stored.digest)


def test_a_damaged_artifact_does_not_keep_its_neighbours_from_being_asked(tmp_path):
    store, stored = stored_artifact(tmp_path)
    scene = Scene(tmp_path, artifacts=store)
    bad = doubles.load_step("m", artifact="0" * 64)
    good = doubles.load_step("n", artifact=stored.digest)
    assert scene.handle(None, bad, good) == []
    assert scene.finished == [good.key]
    assert list(scene.unanswered) == [bad.key]


def test_equal_failures_of_two_runs_are_equal(tmp_path):
    """Whatever folder of ours a text names, see ``placeholders``."""

    def fail(tasks):
        (task,) = tasks
        text = f"File not found: filepath={task.artifact}/model.keras"
        failure = {
            "type": "ValueError",
            "message": text,
            "innermost": text,
            "traceback": f'  File "{scene.session.bundle.folder}/kmatrix_worker/task.py", line 1',
        }
        (task.folder / "log.txt").write_text(f"wrote {task.folder}/weights.h5\n")
        warnings = [f"UserWarning: {scene.session.scratch}/workers/home/.keras"]
        write_evidence(task, failure=failure, stage="read", warnings=warnings)
        return done(tasks)

    found = []
    for name in ("one", "a/longer/place"):
        scene = Scene(tmp_path / name)
        scene.handle(None, doubles.load_step("other"))  # batches are numbered
        step = doubles.load_step()
        scene.handle(fail, step)
        found.append(scene.stored(step))
    assert found[0] == found[1]
    assert found[0]["failure"]["message"] == "File not found: filepath=$ARTIFACT/model.keras"
    assert found[0]["log"] == "wrote $TASK/weights.h5\n"
    assert found[0]["warnings"] == ["UserWarning: $RUN/workers/home/.keras"]
    assert str(tmp_path) not in json.dumps(found)


def test_of_a_long_log_the_end_is_kept(scene):
    def script(tasks):
        (tasks[0].folder / "log.txt").write_text("x" * 50_000 + "the end")
        write_evidence(tasks[0])
        return done(tasks)

    step = doubles.load_step()
    scene.handle(script, step)
    log = scene.stored(step)["log"]
    assert len(log) == LOG_TAIL
    assert log.endswith("the end")


def test_the_savers_inputs_go_to_the_loader(scene):
    step = doubles.load_step()
    scene.database.put(
        key=step.save.key, subject="s", parts={}, data={"inputs": [{"dtype": "<f4"}]}
    )
    read = []

    def script(tasks):
        read.append(json.loads(tasks[0].inputs.read_text()))
        write_evidence(tasks[0])
        return done(tasks)

    scene.handle(script, step)
    assert read == [[{"dtype": "<f4"}]]
