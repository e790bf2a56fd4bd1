"""A real registry: what one machine pushed, another pulls instead of building."""

import subprocess
import time
import urllib.request

import pytest

from runner.docker import image_store as images
from runner.docker.engine_errors import EngineError
from runner.environments.image_builder import DockerBuilder
from runner.model.builds import Built
from runner.model.matrix import Limits
from tests.docker.conftest import tiny_installation

CONFIGURATION = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
PORT = 5017


@pytest.fixture
def registry(engine, tmp_path):
    """Debian's docker-registry, on this machine alone."""
    file = tmp_path / "registry.yml"
    file.write_text(CONFIGURATION.format(folder=tmp_path / "registry", port=PORT))
    server = subprocess.Popen(
        ["docker-registry", "serve", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v2/", timeout=2)
            break
        except OSError:
            time.sleep(0.2)
    yield f"localhost:{PORT}/team"
    server.terminate()
    server.wait()


def test_what_was_pushed_is_pulled_and_not_built(engine, tiny, tiny_builder, registry):
    installation = tiny_installation("tiny-shared", registry=registry)
    lock = tiny.lock(installation)
    built = tiny_builder.build(installation, lock, Limits())
    assert isinstance(built, Built), built
    assert built.image.startswith(f"localhost:{PORT}/team/tiny-shared:")
    assert "built here, because it is not in a registry" in built.log.read_text()
    try:
        assert tiny_builder.push(installation, lock) == built.image
        images.remove(engine, built.image)
        other = DockerBuilder(folder=tiny.folder, build=tiny.folder / "other")
        pulled = other.build(installation, lock, Limits())
        assert isinstance(pulled, Built), pulled
        assert pulled.image == built.image
        assert "Step" not in pulled.log.read_text()
    finally:
        images.remove(engine, built.image)


def test_a_registry_that_has_it_not_or_is_not_there_is_said_in_one_line(
    tiny, tiny_builder, registry
):
    installation = tiny_installation("tiny-unknown", registry=registry)
    with pytest.raises(EngineError, match=r"pulling localhost:5017/team/tiny-unknown:\w+: ") as no:
        tiny_builder.pull(installation, tiny.lock(installation))
    assert len(str(no.value).splitlines()) == 1
    nowhere = tiny_installation("tiny-unknown", registry="localhost:1/team")
    with pytest.raises(EngineError, match="connection refused"):
        tiny_builder.pull(nowhere, tiny.lock(nowhere))


def test_push_without_a_registry_says_what_to_write(kmatrix, engine):
    said = kmatrix("env", "push", "--builder", "docker", code=2)
    assert "docker: {registry: registry.example/kmatrix}" in said
