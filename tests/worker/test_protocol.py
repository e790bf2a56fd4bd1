"""The worker on every Python that is here: what a task does wrong costs that task only."""

import json
import os
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runner.model.evidence import Ending, Stage, stack_in
from runner.model.matrix import Format, Limits, RecipeInfo
from runner.worker_client.evidence_reader import evidence_from_json
from runner.worker_client.process_worker import ProcessPerCell
from runner.worker_client.worker_protocol import StartFailed, TaskRequest
from tests.plain_script import plain_script
from tests.worker.conftest import AVAILABLE

RECIPES = Path(__file__).parent / "recipes_that_misbehave.py"
SHORT = Limits(start_seconds=60, cell_seconds=3, memory_mb=300)
NEWEST = AVAILABLE[-1]


def task(tmp_path, name, kind="load", content=None):
    folder = tmp_path / f"{kind}-{name}-{time.monotonic_ns()}"
    artifact = folder / "artifact"
    artifact.mkdir(parents=True)
    if kind == "load":
        values = np.array([[1, 0], [0, 1]] if content is None else content, dtype="float32")
        (artifact / "model.h5").write_bytes(values.tobytes())
    info = RecipeInfo(name=name, title=name, path=RECIPES, module=None, digest="d")
    return TaskRequest(
        kind=kind,
        recipe=info,
        format=Format.H5,
        artifact=artifact,
        folder=folder,
        script=plain_script(),
    )


def evidence(request):
    return evidence_from_json(json.loads((request.folder / "evidence.json").read_text()))


def has_evidence(request):
    return (request.folder / "evidence.json").exists()


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state == "Z"


def test_enough_pythons_are_here_to_mean_something():
    assert {"3.6", "3.7", "3.9", "3.11", "3.12"} <= set(AVAILABLE)


@pytest.mark.parametrize("version", AVAILABLE)
def test_a_save_and_a_load_leave_the_same_numbers(start, tmp_path, version):
    worker = start(version)
    assert dict(worker.ready.versions)["python"].startswith(version + ".")
    assert "numpy" in dict(worker.ready.packages)
    save = task(tmp_path, "plain", "save")
    assert worker.run([save], SHORT).ending is Ending.DONE
    saved = evidence(save)
    assert saved.stage is Stage.DONE
    load = TaskRequest(
        kind="load",
        recipe=save.recipe,
        format=Format.H5,
        artifact=save.artifact,
        script=plain_script(),
        folder=task(tmp_path, "plain").folder,
    )
    assert worker.run([load], SHORT).ending is Ending.DONE
    loaded = evidence(load)
    assert np.array_equal(loaded.observation.outputs[0], saved.observation.outputs[0])
    assert loaded.observation.variables[0].sha256 == saved.observation.variables[0].sha256


@pytest.mark.parametrize("version", AVAILABLE)
def test_each_bad_end_is_told_apart_and_the_next_task_is_fine(start, tmp_path, version):
    worker = start(version)
    segfault = worker.run([task(tmp_path, "segfault")], SHORT)
    assert (segfault.ending, segfault.signal, segfault.stage) == (Ending.CRASHED, 11, "read")
    stuck = task(tmp_path, "hang")
    hang = worker.run([stuck], SHORT)
    assert (hang.ending, hang.stage, hang.signal) == (Ending.HUNG, "read", None)
    where = stack_in((stuck.folder / "log.txt").read_text("utf-8"))
    assert "recipes_that_misbehave.py" in where.splitlines()[0]
    hog = task(tmp_path, "hog")
    ended = worker.run([hog], SHORT)
    memory = ended.ending is Ending.MEMORY or (
        has_evidence(hog) and evidence(hog).ending is Ending.MEMORY
    )
    assert memory
    quiet = task(tmp_path, "quiet_exit")
    worker.run([quiet], SHORT)
    assert not has_evidence(quiet)
    after = task(tmp_path, "plain")
    assert worker.run([after], SHORT).ending is Ending.DONE
    assert evidence(after).stage is Stage.DONE


@pytest.mark.parametrize("version", AVAILABLE)
def test_exceptions_keep_their_text_chain_and_innermost_cause(start, tmp_path, version):
    request = task(tmp_path, "raises")
    start(version).run([request], SHORT)
    failure = evidence(request).failure
    assert failure.type == "ValueError"
    assert failure.message == "outer. Exception encountered: the cause\nin two lines"
    assert failure.innermost == "the cause\nin two lines"
    assert "KeyError" in failure.traceback
    assert "recipes_that_misbehave.py" in failure.traceback


def test_the_module_of_a_users_class_is_the_same_in_every_interpreter_and_folder(start, tmp_path):
    names = set()
    for number, version in enumerate(("3.6", NEWEST, NEWEST)):
        copy = tmp_path / str(number) / RECIPES.name
        copy.parent.mkdir()
        shutil.copy(RECIPES, copy)
        request = task(tmp_path, "names_a_class")
        request = replace(request, recipe=replace(request.recipe, path=copy))
        assert start(version).run([request], SHORT).ending is Ending.DONE
        (line,) = re.findall(r"class of (\S+)", (request.folder / "log.txt").read_text())
        names.add(line)
    assert len(names) == 1
    assert names.pop().startswith("kmatrix_user_recipes_")


def test_sys_exit_is_evidence_like_any_exception(start, tmp_path):
    request = task(tmp_path, "polite_exit")
    start(NEWEST).run([request], SHORT)
    assert evidence(request).failure.type == "SystemExit"


def test_what_is_printed_goes_to_the_log_and_never_into_the_protocol(start, tmp_path):
    request = task(tmp_path, "noisy")
    assert start(NEWEST).run([request], SHORT).ending is Ending.DONE
    log = (request.folder / "log.txt").read_text()
    for words in ("python's stdout", "on fd 1", "on fd 2", "from a process of its own"):
        assert words in log
    assert evidence(request).warnings == ("UserWarning: watch out at 0x…",)


def test_a_crash_leaves_the_python_stack_in_the_log(start, tmp_path):
    request = task(tmp_path, "segfault")
    start(NEWEST).run([request], SHORT)
    assert "string_at" in (request.folder / "log.txt").read_text()


def test_what_a_task_starts_does_not_outlive_it(start, tmp_path):
    request = task(tmp_path, "leaves_a_process")
    start(NEWEST).run([request], SHORT)
    pid = int((request.folder / "log.txt").read_text().split()[-1])
    time.sleep(0.2)
    assert gone(pid)


def test_a_task_is_over_when_its_process_is_whatever_it_left_behind(start, tmp_path):
    request = task(tmp_path, "escapes")
    ended = start(NEWEST).run([request], SHORT)
    assert ended.ending is Ending.DONE
    assert "left one behind" in evidence(request).failure.message


def test_in_a_batch_the_tasks_before_a_crash_are_kept_and_its_place_is_known(start, tmp_path):
    tasks = [task(tmp_path, name) for name in ("plain", "segfault", "plain")]
    ended = start(NEWEST).run(tasks, SHORT)
    assert (ended.ending, ended.task) == (Ending.CRASHED, 1)
    assert [has_evidence(request) for request in tasks] == [True, False, False]


def test_the_time_limit_is_for_each_task_and_not_for_the_batch(start, tmp_path):
    limits = Limits(start_seconds=60, cell_seconds=2, memory_mb=512)
    tasks = [task(tmp_path, name) for name in ("plain", "plain", "hang")]
    ended = start(NEWEST).run(tasks, limits)
    assert (ended.ending, ended.task) == (Ending.HUNG, 2)


def test_what_is_not_available_is_no_failure(start, tmp_path):
    request = task(tmp_path, "absent", "save")
    start(NEWEST).run([request], SHORT)
    found = evidence(request)
    assert found.not_available == "this Keras has no such thing"
    assert found.failure is None


def test_a_file_that_is_no_model_is_a_refusal(start, tmp_path):
    request = task(tmp_path, "plain")
    (request.artifact / "model.h5").write_bytes(b"<!DOCTYPE html>")
    start(NEWEST).run([request], SHORT)
    found = evidence(request)
    assert found.failure.type == "ValueError"
    assert found.stage is Stage.READ


def test_a_keras_that_does_not_import_says_why(start, interpreters, tmp_path):
    python = interpreters(NEWEST)
    (site,) = python.parent.parent.glob("lib/python*/site-packages")
    module = site / "keras" / "__init__.py"
    whole = module.read_text()
    try:
        module.write_text("raise ImportError('numpy.core.umath failed to import')")
        with pytest.raises(StartFailed, match=r"numpy\.core\.umath failed to import") as caught:
            start(NEWEST)
        assert caught.value.failure.type == "ImportError"
    finally:
        module.write_text(whole)


def test_a_worker_killed_from_outside_is_lost_and_no_evidence(start, tmp_path):
    worker = start(NEWEST)
    worker._process.kill()
    ended = worker.run([task(tmp_path, "plain")], SHORT)
    assert ended.lost
    assert not worker.alive


def test_children_die_with_a_killed_zygote(start, tmp_path):
    worker = start(NEWEST)
    request = task(tmp_path, "hang")
    import threading

    threading.Thread(target=worker.run, args=([request], SHORT), daemon=True).start()
    time.sleep(1)
    children = Path(f"/proc/{worker._process.pid}/task/{worker._process.pid}/children")
    (child,) = children.read_text().split()
    worker._process.kill()
    time.sleep(0.5)
    assert gone(int(child))


@pytest.mark.parametrize("name", ["segfault", "quiet_exit"])
def test_a_process_per_cell_tells_the_same(interpreters, tmp_path, name):
    from runner.model.matrix import Backend, Environment, Installation, KerasApi
    from runner.worker_client.bundle import make_bundle
    from runner.worker_client.local_worker import LocalWorker

    def start(folder):
        return LocalWorker(
            environment=Environment(
                id="fake",
                installation=Installation(name="fake", python=NEWEST, requirements=()),
                api=KerasApi.KERAS,
                backend=Backend.NUMPY,
            ),
            python=interpreters(NEWEST),
            bundle=make_bundle(tmp_path / "worker"),
            folder=folder,
            limits=SHORT,
            mode="inline",
        )

    worker = ProcessPerCell(start, folder=tmp_path / "run")
    good, bad = task(tmp_path, "plain"), task(tmp_path, name)
    assert worker.run([bad], SHORT).ending is Ending.CRASHED
    assert not has_evidence(bad)
    assert worker.run([good], SHORT).ending is Ending.DONE
    assert evidence(good).stage is Stage.DONE
