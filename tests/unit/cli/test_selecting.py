"""From the command line's words to a spec, and where things lie."""

from pathlib import Path

import pytest

from runner.cli.project import open_project
from runner.cli.selection import selected_spec, spec_of_cells
from runner.config.recipe_source import control_recipe
from runner.errors import ExitCode, ToolError
from runner.model.matrix import PairRule
from tests.unit.cli.parsing import options_of

MATRIX = """\
environments: [{tensorflow: "2.10"}, {tensorflow: "2.11"}, {tensorflow: "2.15"}]
pairs: adjacent
profiles: {small: {environments: [tf2.10-py39]}}
"""


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX)

    def options(command, *words):
        return options_of(*command.split(), "--matrix", path, *words)

    return options


def cells_of(options):
    return spec_of_cells(open_project(options).matrix, options.cells)


def test_a_cell_selects_its_two_environments_its_model_and_its_format(options):
    name = "tf2.10-py39/lstm/h5/tf2.15-py311"
    found = options("run", "--cell", name)
    assert found.cells == (name,)
    spec = spec_of_cells(open_project(found).matrix, found.cells)
    assert [item.id for item in spec.environments] == ["tf2.10-py39", "tf2.15-py311"]
    assert [item.name for item in spec.recipes] == ["lstm"]
    assert [str(item) for item in spec.formats] == ["h5"]
    assert spec.pairs.rule is PairRule.ALL, "asked for by name, whatever the matrix keeps to"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("x", "a cell is named saver/model/format/loader, for example"),
        ("a/b/c/", "a cell is named saver/model/format/loader"),
        ("tf2.1-py39/lstm/h5/tf2.15-py311", "'tf2.1-py39' is not an environment; nearest: tf2.1"),
        ("tf2.10-py39/lstmm/h5/tf2.15-py311", "'lstmm' is not a reference model; nearest: lstm"),
        ("tf2.10-py39/lstm/hdf5/tf2.15-py311", "'hdf5' is not a format; nearest: h5"),
        ("tf2.10-py39/lstm/h5/tf2.*", "'tf2.*' is not an environment"),
    ],
)
def test_a_wrong_cell_says_which_part_is_wrong(options, cell, words):
    with pytest.raises(ToolError) as caught:
        cells_of(options("run", "--cell", cell))
    assert caught.value.exit_code is ExitCode.USAGE
    assert str(caught.value).startswith(f"--cell {cell}: ")
    assert words in str(caught.value)


def test_every_wrong_part_of_every_cell_is_reported(options):
    with pytest.raises(ToolError) as caught:
        cells_of(options("run", "--cell", "a/b/c/d", "--cell", "tf2.10-py39/lstm/h5/e"))
    assert len(str(caught.value).splitlines()) == 5


def test_globs_choose_environments(options):
    project = open_project(options("env list"))
    assert [item.id for item in project.choose(("tf2.1[01]*",))] == ["tf2.10-py39", "tf2.11-py310"]
    assert len(project.choose(())) == 3
    with pytest.raises(ToolError, match="'tf9\\*' matches no environment"):
        project.choose(("tf9*",))


def test_a_selection_narrows_the_profile(options):
    found = options("run", "--environments", "tf2.15*", "--formats", "h5", "keras")
    assert found.selects
    spec = selected_spec(open_project(found).matrix, found)
    assert [item.id for item in spec.environments] == ["tf2.15-py311"]
    assert [str(item) for item in spec.formats] == ["h5", "keras"]
    assert not options("run", "--profile", "small").selects


def test_the_build_folder_is_beside_the_matrix_unless_said_otherwise(
    options, tmp_path, monkeypatch
):
    monkeypatch.delenv("KMATRIX_BUILD_DIR", raising=False)
    assert options("plan").build == tmp_path / "build"
    monkeypatch.setenv("KMATRIX_BUILD_DIR", "/elsewhere")
    assert options("plan").build == Path("/elsewhere")
    assert options("plan", "--build-dir", "here").build == Path("here")


def test_the_control_model_is_there():
    assert control_recipe().name == "mlp_sequential"
