"""From the command line's words to a spec, and where things lie."""

from pathlib import Path

import pytest

from runner.cli.arguments import make_parser
from runner.cli.spec import build_folder, chosen_environments, control_recipe, load_spec
from runner.errors import ExitCode, ToolError
from runner.model.matrix import PairRule

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
        return make_parser().parse_args([*command.split(), "--matrix", str(path), *words])

    return options


def test_a_cell_selects_its_two_environments_its_model_and_its_format(options):
    name = "tf2.10-py39/lstm/h5/tf2.15-py311"
    spec, cells = load_spec(options("run", "--cell", name))
    assert cells == {name}
    assert [item.id for item in spec.environments] == ["tf2.10-py39", "tf2.15-py311"]
    assert [item.name for item in spec.recipes] == ["lstm"]
    assert [str(item) for item in spec.formats] == ["h5"]
    assert spec.pairs.rule is PairRule.ALL, "asked for by name, whatever the matrix keeps to"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("x", "a cell is named saver/model/format/loader, for example"),
        ("a/b/c/", "a cell is named saver/model/format/loader"),
        ("tf2.1-py39/lstm/h5/tf2.15-py311", "'tf2.1-py39' is no environment; nearest: tf2.1"),
        ("tf2.10-py39/lstmm/h5/tf2.15-py311", "'lstmm' is no reference model; nearest: lstm"),
        ("tf2.10-py39/lstm/hdf5/tf2.15-py311", "'hdf5' is no format; nearest: h5"),
        ("tf2.10-py39/lstm/h5/tf2.*", "'tf2.*' is no environment"),
    ],
)
def test_a_wrong_cell_says_which_part_is_wrong(options, cell, words):
    with pytest.raises(ToolError) as caught:
        load_spec(options("run", "--cell", cell))
    assert caught.value.exit_code is ExitCode.USAGE
    assert str(caught.value).startswith(f"--cell {cell}: ")
    assert words in str(caught.value)


def test_every_wrong_part_of_every_cell_is_reported(options):
    with pytest.raises(ToolError) as caught:
        load_spec(options("run", "--cell", "a/b/c/d", "--cell", "tf2.10-py39/lstm/h5/e"))
    assert len(str(caught.value).splitlines()) == 5


def test_globs_choose_environments(options):
    _, chosen = chosen_environments(options("env list", "tf2.1[01]*"))
    assert [item.id for item in chosen] == ["tf2.10-py39", "tf2.11-py310"]
    _, chosen = chosen_environments(options("env list"))
    assert len(chosen) == 3


def test_the_build_folder_is_beside_the_matrix_unless_said_otherwise(
    options, tmp_path, monkeypatch
):
    monkeypatch.delenv("KMATRIX_BUILD_DIR", raising=False)
    assert build_folder(options("plan")) == tmp_path / "build"
    monkeypatch.setenv("KMATRIX_BUILD_DIR", "/elsewhere")
    assert build_folder(options("plan")) == Path("/elsewhere")
    assert build_folder(options("plan", "--build-dir", "here")) == Path("here")


def test_the_control_model_is_there():
    assert control_recipe().name == "mlp_sequential"
