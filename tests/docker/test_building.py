"""Images: what names them, when they are built, what a failing build says."""

import pytest

from runner.docker import image_store as images
from runner.environments.image_builder import DockerBuilder
from runner.model.builds import Built, Fault, Unavailable
from runner.model.matrix import Limits
from tests.docker.conftest import tiny_installation


@pytest.fixture
def gone(engine):
    """Remove an image when the test begins and when it ends."""
    names = []

    def remove(name):
        if images.find(engine, name):
            images.remove(engine, name)

    def gone(name):
        remove(name)
        names.append(name)

    yield gone
    for name in names:
        remove(name)


def test_an_unchanged_environment_is_built_once(tiny, tiny_builder, gone):
    installation = tiny_installation("tiny-once")
    lock = tiny.lock(installation)
    gone(tiny_builder.plan(installation, lock).tag)
    first = tiny_builder.build(installation, lock, Limits())
    assert isinstance(first, Built), first
    assert first.seconds > 0
    # Another machine's builder, with another folder, comes to the same name.
    again = DockerBuilder(folder=tiny.folder, build=tiny.build / "elsewhere")
    second = again.build(installation, lock, Limits())
    assert (second.image, second.seconds) == (first.image, 0.0)


@pytest.mark.parametrize("image", [{"base": "other:{python}"}, {"mirror": "registry.example/hub"}])
def test_what_goes_in_decides_the_name(tiny, tiny_builder, image):
    plain = tiny_installation("tiny-name")
    changed = tiny_installation("tiny-name", **image)
    lock = tiny.lock(plain)
    assert tiny_builder.plan(plain, lock).tag != tiny_builder.plan(changed, lock).tag
    other = tiny.lock(plain, digest="0" * 64)
    assert tiny_builder.plan(plain, lock).tag != tiny_builder.plan(plain, other).tag


def test_what_is_installed_runs_as_nobody_and_nothing_of_the_build_is_left(
    engine, tiny, tiny_builder, gone
):
    installation = tiny_installation("tiny-inside")
    lock = tiny.lock(installation)
    gone(tiny_builder.plan(installation, lock).tag)
    built = tiny_builder.build(installation, lock, Limits())
    look = "import tiny, os; from os import listdir; "
    look += "print(os.getuid(), sorted(listdir('/opt/kmatrix')), listdir('/tmp'))"
    said = engine.client.containers.run(
        built.image, [str(built.python), "-c", look], remove=True, network_mode="none"
    )
    assert said.decode().split(" ", 1) == ["65534", "['install.py', 'lock.txt', 'venv'] []\n"]


def test_images_of_one_base_share_its_layers(engine, built):
    base = images.find(engine, "kmatrix-test/python:3.7-slim")
    names = {image.image for _, image in built.values()}
    ours = [image for image in images.ours(engine) if names & set(image.tags)]
    assert len(ours) == 3
    assert all(image.shared >= base.bytes for image in ours if "py37" in image.installation)
    assert all(image.bytes > image.shared for image in ours)


def test_a_package_that_is_not_what_the_lock_says_is_refused_with_the_step(tiny, tiny_builder):
    installation = tiny_installation("tiny-hash")
    failed = tiny_builder.build(installation, tiny.lock(installation, digest="0" * 64), Limits())
    assert isinstance(failed, Unavailable)
    assert failed.fault is Fault.HASH
    assert "mismatch" in failed.reason
    assert 'at the step RUN ["python3.7", "/opt/kmatrix/install.py"]' in failed.reason
    assert "pip sync" in failed.log.read_text()


def test_a_base_without_that_python_is_said_in_one_line(tiny, tiny_builder):
    installation = tiny_installation("tiny-python", base="kmatrix-test/python:3.12-slim")
    failed = tiny_builder.build(installation, tiny.lock(installation), Limits())
    assert isinstance(failed, Unavailable)
    assert "python3.7" in failed.reason
    assert len(failed.reason.splitlines()) == 1


def test_a_base_that_cannot_be_pulled_is_no_fault_of_the_environment(tiny, tiny_builder):
    installation = tiny_installation("tiny-base", base="localhost:1/nowhere:{python}")
    failed = tiny_builder.build(installation, tiny.lock(installation), Limits())
    assert isinstance(failed, Unavailable)
    assert failed.fault in {Fault.NETWORK, Fault.IMAGE}
    assert (
        "the base image localhost:1/nowhere:3.7 is not here and cannot be pulled" in failed.reason
    )
    assert "docker: {base: …}" in failed.reason


def test_a_build_over_its_time_ends(tiny, tiny_builder):
    installation = tiny_installation("tiny-slow")
    failed = tiny_builder.build(installation, tiny.lock(installation), Limits(build_seconds=0.001))
    assert isinstance(failed, Unavailable)
    assert failed.fault is Fault.TIME
