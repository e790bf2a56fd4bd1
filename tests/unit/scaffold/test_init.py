import ast
import json
import re

import pytest

from runner.cli.commands.init import run
from runner.config.matrix_file import load_matrix
from runner.errors import ToolError
from runner.scaffold.action_source import UNKNOWN, action_at, directory_of, installed_from
from runner.scaffold.custom_objects import find_layers
from runner.scaffold.declared import poetry_specifier, read_declared
from runner.scaffold.generated_files import recipes_text, workflow_text
from tests.unit.cli.parsing import options_of

LAYER = """
import tensorflow as tf


class AttentionPool(tf.keras.layers.Layer):
    def call(self, x):
        return x


class Scale(tf.keras.layers.Layer):
    def __init__(self, factor, *, axis, name=None, **kwargs):
        super().__init__(name=name, **kwargs)


class Helper(tf.Module):
    pass
"""


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def started(folder, files, *options):
    write(folder, files)
    options = ("--action", ACTION, *options)  # else git is asked
    assert run(options_of("init", folder, *options)) == 0
    return [environment.id for environment in load_matrix(folder / "matrix.yaml").environments]


ACTION = "someone/kmatrix@0123abc"
NEWEST = "tf2.21-keras3.15-py312"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "numpy\ntensorflow==2.15.0  # ours\n", ["tf2.15-py311"]),
        ("requirements/prod.txt", "tensorflow-cpu==2.15.0 ; python_version>'3'", ["tf2.15-py311"]),
        ("pyproject.toml", '[project]\ndependencies = ["tensorflow~=2.13.0"]', ["tf2.13-py310"]),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n  numpy\n  tensorflow==2.9.1",
            ["tf2.9-py39"],
        ),
        ("setup.py", "setup(install_requires=['tensorflow>=2.10,<2.11'])", ["tf2.10-py39"]),
        ("uv.lock", '[[package]]\nname = "tensorflow"\nversion = "2.14.1"', ["tf2.14-py311"]),
        (
            "Pipfile.lock",
            json.dumps({"default": {"tensorflow": {"version": "==2.12.0"}}}),
            ["tf2.12-py310"],
        ),
        ("environment.yml", "dependencies:\n  - python=3.9\n  - tensorflow=2.9", ["tf2.9-py39"]),
        (
            "environment.yml",
            "dependencies:\n  - pip:\n    - tensorflow==2.11.0",
            ["tf2.11-py310"],
        ),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["tensorflow>=2.12,<2.16"]',
            ["tf2.12-py310", "tf2.15-py311"],
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "^3.9"\ntensorflow = {version = "~2.13"}',
            ["tf2.13-py310"],
        ),
        ("requirements.txt", "tensorflow>=2.14\n", ["tf2.14-py311"]),
        (
            "requirements.txt",
            "keras==3.6.0\njax\n",
            ["keras3.6-jax-py311"],
        ),
    ],
)
def test_versions_come_from_what_the_repository_says(tmp_path, name, text, expected):
    assert started(tmp_path, {name: text}) == [*expected, NEWEST]


def test_a_lock_says_more_than_a_range_beside_it(tmp_path):
    files = {
        "pyproject.toml": '[project]\ndependencies = ["tensorflow>=2.8"]',
        "uv.lock": '[[package]]\nname = "tensorflow"\nversion = "2.14.1"\n'
        '[[package]]\nname = "numpy"\nversion = "1.26.4"\n',
    }
    assert started(tmp_path, files) == ["tf2.14-py311", NEWEST]
    text = (tmp_path / "matrix.yaml").read_text()
    assert '{tensorflow: "2.14.1", pins: ["numpy==1.26.4"]}' in text
    assert "# from uv.lock" in text


@pytest.mark.parametrize(
    ("pythons", "expected"),
    [(">=3.9", "tf2.15-py311"), (">=3.9.2,<3.11", "tf2.15-py310"), (">=3.13", "tf2.15-py311")],
)
def test_their_python_is_taken_where_it_is_another_and_has_wheels(tmp_path, pythons, expected):
    text = f'[project]\nrequires-python = "{pythons}"\ndependencies = ["tensorflow==2.15.0"]'
    assert started(tmp_path, {"pyproject.toml": text})[0] == expected


def test_keras_and_legacy_keras_beside_a_new_tensorflow_are_environments_of_their_own(tmp_path):
    text = "tensorflow==2.18.0\nkeras==3.6.0\ntf-keras==2.18.0\n"
    found = started(tmp_path, {"requirements.txt": text})
    assert found == ["tf2.18-keras3.6-py311", "tf2.18-legacy-py311", NEWEST]


def test_a_repository_that_says_nothing_gets_the_two_kerases(tmp_path):
    assert started(tmp_path, {"README.md": "hello"}) == ["tf2.15-py311", NEWEST]


def test_what_is_there_is_not_overwritten(tmp_path, capsys):
    started(tmp_path, {"requirements.txt": "tensorflow==2.15.0"})
    before = (tmp_path / "matrix.yaml").read_text()
    with pytest.raises(ToolError, match="--force overwrites"):
        started(tmp_path, {"requirements.txt": "tensorflow==2.9.1"})
    assert (tmp_path / "matrix.yaml").read_text() == before
    started(tmp_path, {}, "--force")
    assert "2.9.1" in (tmp_path / "matrix.yaml").read_text()
    assert "next: kmatrix lock" in capsys.readouterr().out


def test_broken_files_are_passed_over(tmp_path):
    files = {
        "pyproject.toml": "[project\n",
        "Pipfile.lock": "{",
        "environment.yml": "dependencies: 7",
        "requirements.txt": "-r other.txt\ntensorflow===\n\x00\ntensorflow==2.15.0\n",
        "bad.py": "import keras\nclass (",
    }
    assert started(tmp_path, files) == ["tf2.15-py311", NEWEST]


def test_other_peoples_code_is_not_searched(tmp_path):
    started(tmp_path, {"venv/lib/layers.py": LAYER, ".tox/layers.py": LAYER, "a.py": "x = 1"})
    assert not (tmp_path / "kmatrix_recipes.py").exists()


def test_layers_of_the_repository_become_recipes(tmp_path, capsys):
    started(tmp_path, {"src/layers.py": LAYER, "requirements.txt": "tensorflow==2.15.0"})
    recipes = {item.name: item for item in load_matrix(tmp_path / "matrix.yaml").recipes}
    assert recipes["own_attention_pool"].custom
    assert recipes["own_scale"].title == "Scale of src/layers.py in a small model"
    assert "mlp_sequential" in recipes
    text = (tmp_path / "kmatrix_recipes.py").read_text()
    assert "say the arguments of Scale: factor, axis" in text
    assert text.count("not_available") == 1
    ast.parse(text)
    assert "own_scale: Scale of src/layers.py; add its arguments there" in capsys.readouterr().out


def test_a_recipe_stub_runs_on_old_pythons():
    """No syntax newer than Python 3.6: the environments are that old."""
    text = recipes_text(find_layers({"layers.py": LAYER}))
    ast.parse(text, feature_version=(3, 6))
    assert not re.search(r"\bf\"|:=", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^2.15", ">=2.15,<3"),
        ("~2.15", ">=2.15,<2.16"),
        ("^0.4.30", ">=0.4.30,<0.5"),
        ("2.15.0", "==2.15.0"),
        ("*", ""),
        (">=2,<3", ">=2,<3"),
        ("~2", ">=2,<3"),
    ],
)
def test_poetry_has_its_own_way_of_writing_versions(text, expected):
    assert poetry_specifier(text) == expected


def test_pythons_are_read():
    assert str(read_declared({".python-version": "3.10.4\n"}).python) == "==3.10.*"
    declared = read_declared({"pyproject.toml": '[project]\nrequires-python = ">=3.9"'})
    assert (str(declared.python), declared.python_where) == (">=3.9", "pyproject.toml")


def test_the_workflow_is_the_one_of_the_documentation():
    from pathlib import Path

    page = Path(__file__).resolve().parents[3] / "docs" / "ci.md"
    assert f"```yaml\n{workflow_text(UNKNOWN)}```" in page.read_text("utf-8")


def test_the_workflow_names_the_repository_that_was_given(tmp_path):
    started(tmp_path, {"requirements.txt": "tensorflow==2.15.0"})
    text = (tmp_path / ".github" / "workflows" / "kmatrix.yml").read_text()
    assert f"- uses: {ACTION}\n" in text
    assert UNKNOWN not in text


@pytest.mark.parametrize("text", ["kmatrix", "owner/kmatrix", "owner/kmatrix@", "a b/c@d", "@v1"])
def test_what_is_no_action_is_refused(tmp_path, text):
    options = options_of("init", tmp_path, "--action", text)
    with pytest.raises(ToolError, match="not of the form OWNER/NAME@REF"):
        run(options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/someone/kmatrix.git", "someone/kmatrix@c0ffee"),
        ("https://token@github.com/someone/kmatrix/", "someone/kmatrix@c0ffee"),
        ("git@github.com:someone/kmatrix.git", "someone/kmatrix@c0ffee"),
        ("ssh://git@github.com/someone/kmatrix", "someone/kmatrix@c0ffee"),
        ("https://gitlab.com/someone/kmatrix.git", None),
        ("https://github.com.evil.example/someone/kmatrix", None),
        ("/home/me/kmatrix", None),
        ("", None),
    ],
)
def test_a_remote_on_github_is_an_action(address, expected):
    assert action_at(address, "c0ffee\n") == expected


def test_an_installation_from_a_repository_tells_where_it_came_from():
    data = {"url": "https://github.com/a/kmatrix.git", "vcs_info": {"commit_id": "c0ffee"}}
    assert installed_from(json.dumps(data)) == "a/kmatrix@c0ffee"
    folder = {"url": "file:///home/me/kmatrix", "dir_info": {}}
    assert installed_from(json.dumps(folder)) is None
    assert directory_of(json.dumps(folder)) == "file:///home/me/kmatrix"
    for nothing in (None, "", "[]", "not json", "{}", '{"url": 3, "vcs_info": null}'):
        assert installed_from(nothing) is None
        assert directory_of(nothing) is None
