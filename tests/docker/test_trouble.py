"""No Engine, no permission, an Engine that dies: one clear line, and what can run, runs."""

import contextlib
import multiprocessing
import os
import socket
import threading

import pytest

from runner.docker.connection import connect
from runner.docker.engine_errors import EngineError
from runner.model.builds import Fault
from runner.model.matrix import Limits
from runner.worker_client.worker_protocol import StartFailed
from tests.docker.conftest import JAX, THEANO

SMALL = ("--models", "custom_layer", "--formats", "h5")


def test_without_an_engine_nothing_can_be_measured_and_that_is_said_once(kmatrix, engine):
    said = kmatrix(
        *("run", "--builder", "docker", "--environments", THEANO, *SMALL),
        code=3,
        DOCKER_HOST="unix:///nowhere.sock",
    )
    line = f"{THEANO}: unavailable: Docker: no Docker Engine answers at unix:///nowhere.sock"
    assert said.count(line) == 1
    assert "start it (systemctl start docker), or name another one with DOCKER_HOST" in said


def test_without_an_engine_the_virtual_environments_are_still_measured(kmatrix, matrix, built):
    mixed = matrix.with_name("trouble.yaml")
    mixed.write_text(matrix.read_text().replace("backend: jax}", "backend: jax, builder: docker}"))
    said = kmatrix(
        *("run", "--environments", THEANO, JAX, *SMALL),
        matrix=mixed,
        DOCKER_HOST="unix:///nowhere.sock",
    )
    assert f"{JAX}: unavailable: Docker: no Docker Engine" in said
    assert "1 identical" in said


def test_a_user_without_permission_is_told_what_to_join(engine):
    path = engine.address.removeprefix("unix://")
    found = multiprocessing.get_context("fork").SimpleQueue()

    def as_nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            connect()
            found.put(("connected", ""))
        except EngineError as error:
            found.put((str(error), str(error.fault)))

    assert os.stat(path).st_mode & 0o007 == 0
    child = multiprocessing.get_context("fork").Process(target=as_nobody)
    child.start()
    said, fault = found.get()
    child.join(30)
    assert said == (
        f"this user may not use the Docker Engine at {engine.address}; join the group docker, "
        "or run a rootless Engine and name it with DOCKER_HOST"
    )
    assert fault == str(Fault.ENGINE)


class Relay:
    """A socket in front of the Engine, so that an Engine can die without one dying."""

    def __init__(self, target, path):
        self.target, self.path = target, path
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(50)
        self.open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self.open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def die(self):
        os.unlink(self.path)
        for each in (self.server, *self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def test_an_engine_that_dies_costs_the_batch_and_no_verdict(
    engine, builder, built, bundle, tmp_path, monkeypatch
):
    from runner.environments.image_builder import DockerBuilder
    from runner.model.evidence import Ending
    from tests.docker import hostile
    from tests.docker.test_contained import request_for

    path = tmp_path / "engine.sock"
    relay = Relay(engine.address.removeprefix("unix://"), path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    mine = DockerBuilder(folder=tmp_path, build=tmp_path / "build")
    environment, image = built[THEANO]
    limits = Limits(cell_seconds=60)
    options = {"bundle": bundle, "folder": tmp_path, "limits": limits}
    worker = mine.start(environment, image, **options)
    artifact = hostile.lambda_h5(tmp_path / "a", "sleep_for_ever")
    threading.Timer(2, relay.die).start()
    ended = worker.run([request_for(tmp_path / "t", artifact)], limits)
    assert (ended.ending, ended.lost) == (Ending.CRASHED, True)
    assert not worker.alive
    worker.close()
    with pytest.raises(StartFailed, match="no Docker Engine answers") as failed:
        mine.start(environment, image, **options)
    assert failed.value.unavailable
