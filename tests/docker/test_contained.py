"""Files that attack whoever opens them: contained, and the evidence says what happened."""

import json
import shutil
import socket
import subprocess
import threading

import pytest

from runner.config.recipe_source import built_in_recipes
from runner.docker import container_labels as owner
from runner.docker import containers as engine_containers
from runner.docker.sandbox import Sandbox
from runner.model.evidence import Ending
from runner.model.matrix import Format, Limits
from runner.worker_client.container_worker import ENVIRONMENT, ContainerWorker
from runner.worker_client.worker_protocol import TaskRequest
from tests.docker import hostile
from tests.docker.conftest import JAX, THEANO, containers, left_over
from tests.plain_script import plain_script

# Generous in time: what has to end by itself does, however busy the machine is.
LIMITS = Limits(cell_seconds=240, memory_mb=400, start_seconds=240)
PLAIN = next(item for item in built_in_recipes() if item.name == "mlp_functional")


def request_for(folder, artifact, kind="load", format_=Format.H5):
    folder.mkdir(parents=True)
    return TaskRequest(
        kind=kind,
        recipe=PLAIN,
        format=format_,
        artifact=artifact,
        folder=folder,
        script=plain_script(format_),
    )


def ask(worker, folder, artifact, format_=Format.H5, limits=LIMITS):
    """Load an artifact: how it ended, the evidence file and the log."""
    task = request_for(folder, artifact, format_=format_)
    ended = worker.run([task], limits)
    evidence = folder / "evidence.json"
    log = folder / "log.txt"
    return (
        ended,
        json.loads(evidence.read_text()) if evidence.exists() else None,
        log.read_text("utf-8", "replace") if log.exists() else "",
    )


@pytest.fixture(scope="module")
def genuine(builder, built, bundle, tmp_path_factory):
    """Artifacts that our own environments saved, to tamper with; a fresh copy each time."""
    saved = {}
    for name, format_ in ((THEANO, Format.H5), (JAX, Format.KERAS)):
        folder = tmp_path_factory.mktemp("genuine")
        environment, image = built[name]
        worker = builder.start(environment, image, bundle=bundle, folder=folder, limits=LIMITS)
        saved[format_] = folder / "artifact"
        saved[format_].mkdir()
        task = request_for(folder / "task", saved[format_], kind="save", format_=format_)
        ended = worker.run([task], LIMITS)
        worker.close()
        assert ended.ending is Ending.DONE
        assert list(saved[format_].iterdir())

    def copy(format_, folder):
        return shutil.copytree(saved[format_], folder)

    return copy


@pytest.fixture(scope="module")
def shared(builder, built, bundle, tmp_path_factory):
    """One worker for all tests that leave it alive, as one run has; a new one where it died."""
    workers = {}

    def shared(name):
        if name not in workers or not workers[name].alive:
            environment, image = built[name]
            folder = tmp_path_factory.mktemp("shared")
            workers[name] = builder.start(
                environment, image, bundle=bundle, folder=folder, limits=LIMITS
            )
        return workers[name]

    yield shared
    for worker in workers.values():
        worker.close()


def attack(shared, tmp_path, name):
    return ask(shared(THEANO), tmp_path / "task", hostile.lambda_h5(tmp_path / "a", name))


def ids(engine):
    return {container["Id"] for container in containers(engine)}


def test_a_file_cannot_be_written_outside_the_scratch(shared, tmp_path):
    ended, evidence, log = attack(shared, tmp_path, "write_a_file")
    assert ended.ending is Ending.DONE
    assert "wrote []" in evidence["failure"]["message"]
    assert log.count("Read-only file system") == 3


def test_there_is_no_network(shared, tmp_path):
    listener = socket.create_server(("0.0.0.0", 8000), backlog=5)  # noqa: S104 - to be tempting
    with listener:
        _, evidence, log = attack(shared, tmp_path, "open_a_socket")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert "no connection" in evidence["failure"]["message"]
    assert log.count("unreachable") == 3


def test_forks_without_end_come_to_an_end_and_the_host_stays_responsive(start, tmp_path, engine):
    before = ids(engine)
    worker = start(THEANO, LIMITS)
    found = []
    artifact = hostile.lambda_h5(tmp_path / "a", "fork_without_end")
    short = Limits(cell_seconds=15, memory_mb=400)
    bomb = threading.Thread(
        target=lambda: found.append(ask(worker, tmp_path / "t", artifact, limits=short))
    )
    bomb.start()
    starts = 0
    while bomb.is_alive():
        subprocess.run(["true"], check=True, timeout=30)
        starts += 1
        bomb.join(0.2)
    (ended, evidence, _) = found[0]
    assert starts > 0
    failure = (evidence or {}).get("failure") or {}
    assert ended.ending in {Ending.HUNG, Ending.CRASHED} or "Resource temp" in str(failure)
    # The container either serves on or says that it is gone; a new one serves in any case.
    worker.close()
    assert ids(engine) == before


def test_what_a_task_leaves_behind_does_not_outlive_it(start, tmp_path, engine):
    before = ids(engine)
    ended, evidence, _ = ask(
        start(THEANO, LIMITS), tmp_path / "t", hostile.lambda_h5(tmp_path / "a", "fork_and_escape")
    )
    assert ended.ending is Ending.DONE
    assert "left one behind" in evidence["failure"]["message"]
    (container,) = ids(engine) - before
    running = engine.client.api.top(container)["Processes"]
    # The agent and the zygote, or the agent alone: what is left behind may take the zygote along.
    assert len(running) <= 2, running


@pytest.mark.parametrize("name", ["eat_memory", "ask_for_memory"])
def test_too_much_memory_is_told_apart_from_a_crash(shared, tmp_path, name):
    ended, evidence, _ = attack(shared, tmp_path, name)
    assert ended.ending is Ending.MEMORY or evidence["memory"]


def test_the_kernels_own_killing_for_memory_is_told_apart_too(
    builder, built, bundle, tmp_path, engine
):
    environment, image = built[THEANO]
    worker = ContainerWorker(
        engine=engine,
        environment=environment,
        image=image.image,
        python=str(image.python),
        bundle=bundle,
        limits=LIMITS,
        sandbox=Sandbox(memory_mb=300, scratch_mb=64),
    )
    generous = Limits(cell_seconds=240, memory_mb=4096)
    artifact = hostile.lambda_h5(tmp_path / "a", "eat_memory")
    try:
        ended, evidence, _ = ask(worker, tmp_path / "t", artifact, limits=generous)
        assert (ended.ending, evidence) == (Ending.MEMORY, None)
        # Only the task was killed: the zygote serves on.
        again, _, _ = ask(worker, tmp_path / "t2", artifact, limits=generous)
        assert again.ending is Ending.MEMORY
    finally:
        worker.close()


def test_a_sleeper_is_hung_and_ends(shared, tmp_path):
    worker = shared(THEANO)
    short = Limits(cell_seconds=3, memory_mb=400)
    artifact = hostile.lambda_h5(tmp_path / "a", "sleep_for_ever")
    ended, evidence, _ = ask(worker, tmp_path / "t", artifact, limits=short)
    assert (ended.ending, ended.stage, evidence) == (Ending.HUNG, "read", None)


def test_the_scratch_is_bounded_and_filling_it_is_no_verdict_about_keras(start, tmp_path):
    worker = start(THEANO, LIMITS)
    artifact = hostile.lambda_h5(tmp_path / "a", "fill_the_disk")
    ended, evidence, log = ask(worker, tmp_path / "t", artifact)
    assert (ended.ending, evidence) == (Ending.MEMORY, None)
    assert "the scratch of the sandbox was full" in log
    assert not worker.alive  # so that the next one gets a new container


def test_what_ran_beside_a_task_that_filled_the_scratch_is_asked_again(start, tmp_path):
    worker = start(THEANO, LIMITS)
    found = {}

    def sleep():
        artifact = hostile.lambda_h5(tmp_path / "sleeper", "sleep_for_ever")
        short = Limits(cell_seconds=20, memory_mb=400)
        found["beside"] = ask(worker, tmp_path / "t1", artifact, limits=short)

    beside = threading.Thread(target=sleep)
    beside.start()
    ask(worker, tmp_path / "t2", hostile.lambda_h5(tmp_path / "filler", "fill_the_disk"))
    beside.join()
    ended, evidence, _ = found["beside"]
    assert (ended.lost, evidence) == (True, None)


def test_killing_the_zygote_costs_a_worker_and_not_a_verdict(start, shared, tmp_path, genuine):
    worker = start(THEANO, LIMITS)
    artifact = hostile.lambda_h5(tmp_path / "a", "kill_everybody")
    ended, _, _ = ask(worker, tmp_path / "t", artifact)
    assert ended.lost
    assert not worker.alive
    again, evidence, _ = ask(shared(THEANO), tmp_path / "t2", genuine(Format.H5, tmp_path / "good"))
    assert again.ending is Ending.DONE
    assert "failure" not in evidence


def test_the_first_process_and_the_hosts_variables_cannot_be_seen(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("HOST_SECRET", "hunter2")
    _, evidence, log = attack(shared, tmp_path, "look_at_the_agent")
    assert "nothing to see" in evidence["failure"]["message"]
    assert "HOST_SECRET" not in evidence["failure"]["message"]
    assert log.count("Permission denied") == 3


@pytest.mark.parametrize("tamper", [hostile.climbing_zip, hostile.doubled_zip])
def test_a_tampered_zip_stays_inside(shared, tmp_path, genuine, tamper):
    artifact = tamper(genuine(Format.KERAS, tmp_path / "a" / "b" / "c"))
    ended, evidence, _ = ask(shared(JAX), tmp_path / "t", artifact, Format.KERAS)
    assert ended.ending is Ending.DONE
    assert evidence["stage"]
    assert not list(tmp_path.rglob("*was-here"))


def test_a_zip_bomb_meets_a_limit(shared, tmp_path, genuine):
    artifact = hostile.bomb_zip(genuine(Format.KERAS, tmp_path / "a"), gigabytes=3)
    ended, evidence, _ = ask(shared(JAX), tmp_path / "t", artifact, Format.KERAS)
    assert ended.ending in {Ending.MEMORY, Ending.HUNG} or evidence["failure"]


def test_absurd_shapes_are_no_host_memory(shared, tmp_path, genuine):
    artifact = hostile.absurd_h5(genuine(Format.H5, tmp_path / "a"))
    ended, evidence, _ = ask(shared(THEANO), tmp_path / "t", artifact)
    assert ended.ending is Ending.MEMORY or evidence["failure"]


def test_links_out_of_an_artifact_lead_nowhere(shared, tmp_path, genuine):
    secret = tmp_path / "secret.h5"
    shutil.copy(genuine(Format.H5, tmp_path / "g") / "model.h5", secret)
    worker = shared(THEANO)
    _, evidence, _ = ask(worker, tmp_path / "t1", hostile.linked(tmp_path / "a", secret))
    assert "No such file" in evidence["failure"]["message"] or "open file" in str(evidence)
    artifact = hostile.outside_h5(genuine(Format.H5, tmp_path / "b"), secret)
    _, evidence, _ = ask(worker, tmp_path / "t2", artifact)
    assert evidence["failure"]


def test_a_container_per_cell_where_nothing_is_to_be_shared(start, tmp_path, genuine, engine):
    before = ids(engine)
    worker = start(THEANO, LIMITS, isolate=True)
    assert ids(engine) == before
    ended, evidence, _ = ask(worker, tmp_path / "t", genuine(Format.H5, tmp_path / "a"))
    assert ended.ending is Ending.DONE
    assert "failure" not in evidence
    assert ids(engine) == before


def test_every_container_is_shut_in(shared, engine):
    shared(THEANO)
    found = engine.client.api.inspect_container(ids(engine).pop())
    host = found["HostConfig"]
    assert found["Config"]["User"] == "65534:65534"
    assert (host["NetworkMode"], host["ReadonlyRootfs"]) == ("none", True)
    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], None)
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["Privileged"], host["Binds"], found["Mounts"]) == (False, None, [])
    assert host["Memory"] == host["MemorySwap"] > 0
    assert min(host["NanoCpus"], host["PidsLimit"]) > 0


def test_what_a_dead_kmatrix_left_is_removed_and_a_living_ones_is_not(shared, engine):
    shared(THEANO)
    before = ids(engine)
    host = containers(engine)[0]["Labels"][owner.HOST]
    left = engine.client.api.create_container(
        "kmatrix-test/python:3.7-slim",
        ["python3.7", "-c", "import time; time.sleep(600)"],
        labels={ENVIRONMENT: "somebody's", owner.HOST: host, owner.PROCESS: "999999999 1"},
    )
    engine.client.api.start(left["Id"])
    assert [item["Id"] for item in left_over(engine)] == [left["Id"]]
    assert engine_containers.sweep(engine) == 1
    assert not left_over(engine)
    assert ids(engine) == before
