"""The same small matrix as virtual environments, as images, and mixed: the same verdicts."""

import json
import os
import signal
import subprocess
import time

import pytest

from reports.results_json import from_json
from tests.docker.conftest import JAX, MATRIX, ROOT, TF1, THEANO, command, containers, left_over

ENVIRONMENTS = (THEANO, TF1, JAX)


@pytest.fixture(scope="module")
def verdicts(built, matrix, tmp_path_factory):
    """Run it; verdicts by cell, and the environments as they were found."""
    done = {}

    def verdicts(builder):
        if builder not in done:
            build = tmp_path_factory.mktemp(builder)
            done[builder] = run(builder, matrix, build)
        return done[builder]

    return verdicts


def run(builder, matrix, build):
    venvs = ROOT / "build" / "tests" / "environments"
    venvs.mkdir(parents=True, exist_ok=True)
    (build / "environments").symlink_to(venvs)
    options = ("--builder", builder)
    if builder == "mixed":
        entries = MATRIX.replace("backend: theano}", "backend: theano, builder: docker}")
        matrix = matrix.with_name("mixed.yaml")
        matrix.write_text(entries)
        options = ("--models", "custom_layer")
    argv = command("run", "--no-fallbacks", *options, matrix=matrix, build=build)
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    results = from_json(json.loads((build / "report" / "results.json").read_text()))
    return {cell.id: str(cell.verdict) for cell in results.cells}, results.environments


def test_a_verdict_does_not_depend_on_the_builder(verdicts):
    venvs, _ = verdicts("nox")
    images, environments = verdicts("docker")
    assert images == venvs
    assert len(venvs) > 40
    assert {item.status for item in environments} == {"ready"}
    assert {item.builder for item in environments} == {"docker"}
    assert {"identical", "refused"} <= set(venvs.values())


def test_both_kinds_meet_in_one_run(verdicts):
    mixed, environments = verdicts("mixed")
    assert {item.id: item.builder for item in environments} == {
        THEANO: "docker",
        TF1: "nox",
        JAX: "nox",
    }
    venvs, _ = verdicts("nox")
    assert mixed == {cell: verdict for cell, verdict in venvs.items() if "/custom_layer/" in cell}
    assert len(mixed) > 20


def test_no_container_is_left_after_a_run(verdicts, engine):
    verdicts("docker")
    assert not left_over(engine)


def test_a_killed_run_leaves_no_container_after_the_next_start_and_goes_on(
    built, engine, matrix, kmatrix
):
    run = ("run", "--builder", "docker", "--environments", THEANO, JAX)
    run = (*run, "--models", "custom_layer", "--formats", "h5", "json")
    argv = command(*run, matrix=matrix, build=kmatrix.build)
    killed = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    for _ in range(600):
        if containers(engine, killed.pid):
            break
        time.sleep(0.1)
    assert containers(engine, killed.pid), "it never came to a container"
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    kmatrix("env", "list", "--builder", "docker")
    assert not containers(engine, killed.pid)
    assert "identical" in kmatrix(*run)
    assert not left_over(engine)
