"""The real engine on toy environments, made once and copied for each test."""

import shutil

import pytest

from tests.integration.project import MIDDLE, NEW, OLD, Project


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A project whose environments are there; nothing has run in it."""
    project = Project(tmp_path_factory.mktemp("made") / "project")
    project.install(OLD, refuses_newer=True)
    project.install(MIDDLE)
    project.install(NEW)
    return project


@pytest.fixture
def project(made, tmp_path):
    """A copy of it for one test."""
    shutil.copytree(made.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def undisturbed(made, tmp_path_factory):
    """The same project after one whole run."""
    folder = tmp_path_factory.mktemp("undisturbed") / "project"
    shutil.copytree(made.folder, folder, symlinks=True)
    whole = Project(folder)
    whole.kmatrix("run", "--jobs", "2")
    return whole
