"""A project: the matrix and what belongs to it."""

from pathlib import Path

import pytest

from runner.cli.options import ProjectOptions
from runner.cli.project import installations_of, open_project, open_project_or_own
from runner.errors import ToolError
from runner.model.builds import LockState

MATRIX = 'environments: [{tensorflow: "2.15"}, {tensorflow: "2.15", eager: [false]}]\n'


@pytest.fixture(autouse=True)
def no_build_folder_of_the_shell(monkeypatch):
    monkeypatch.delenv("KMATRIX_BUILD_DIR", raising=False)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "matrix.yaml").write_text(MATRIX)
    return open_project(ProjectOptions(matrix=tmp_path / "matrix.yaml"))


def test_the_builder_of_the_command_line_is_that_of_every_environment(tmp_path):
    (tmp_path / "matrix.yaml").write_text(MATRIX)
    options = ProjectOptions(matrix=tmp_path / "matrix.yaml", builder="docker")
    found = open_project(options).matrix.environments
    assert {item.installation.builder for item in found} == {"docker"}


def test_folder_build_and_locks_belong_to_the_matrix(project, tmp_path):
    assert project.folder == tmp_path
    assert project.build == tmp_path / "build"
    (installation,) = installations_of(project.matrix.environments)
    assert project.lock(installation).state is LockState.FRESH  # kmatrix has one for it
    assert list(project.locks([installation])) == ["tf2.15-py311"]


def test_locks_are_read_when_they_are_needed_not_before(project, tmp_path):
    (installation,) = installations_of(project.matrix.environments)
    folder = tmp_path / "environments" / "locks"
    folder.mkdir(parents=True)
    (folder / f"{installation.name}.txt").write_text("nonsense")
    assert project.lock(installation).state is LockState.DAMAGED


def test_the_control_model_needs_no_mention_in_the_matrix(project):
    assert project.control.name == "mlp_sequential"


def test_a_session_is_closed_when_its_block_ends(project):
    with project.session() as session:
        assert session.scratch.is_dir()
    assert not session.scratch.exists()


def test_a_folder_without_a_matrix_has_kmatrixs_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project, own = open_project_or_own(ProjectOptions())
    assert own
    assert "tf2.10-py39" in {environment.id for environment in project.matrix.environments}
    assert project.build == Path("build"), "of the current folder, never of the installation"
    with pytest.raises(ToolError, match=r"nix\.yaml.*no such file"):
        open_project_or_own(ProjectOptions(matrix=Path("nix.yaml")))
    (tmp_path / "matrix.yaml").write_text('environments: [{tensorflow: "2.15"}]\n')
    project, own = open_project_or_own(ProjectOptions())
    assert (own, len(project.matrix.environments)) == (False, 1)
