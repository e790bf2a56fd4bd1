"""Which builder an installation gets."""

import pytest

from runner.environments.builders import make_builders
from runner.environments.image_builder import DockerBuilder
from runner.environments.nox_builder import NoxBuilder
from runner.model.matrix import BUILDERS, Installation


def installation(builder):
    return Installation(name="a", python="3.11", requirements=(), builder=builder)


@pytest.mark.parametrize(("name", "kind"), [("nox", NoxBuilder), ("docker", DockerBuilder)])
def test_an_installation_gets_the_builder_that_it_names(tmp_path, name, kind):
    builder_for = make_builders(folder=tmp_path, build=tmp_path / "build")
    assert isinstance(builder_for(installation(name)), kind)
    assert {"nox", "docker"} == set(BUILDERS)


def test_a_builder_is_made_once(tmp_path):
    builder_for = make_builders(folder=tmp_path, build=tmp_path / "build")
    assert builder_for(installation("nox")) is builder_for(installation("nox"))
