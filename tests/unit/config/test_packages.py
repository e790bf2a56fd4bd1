"""``models: - package: …``: releases of a library of layers as an axis of the environments."""

import re
from pathlib import Path

import pytest

from runner.config.models import PACKAGE_ONLY

ROOT = Path(__file__).parents[3]
HEAD = "environments: [{tensorflow: '2.10'}, {tensorflow: '2.15'}]\n"
RECIPE = "@recipe('tcn', title='A model of it')\nclass A: pass\n"


@pytest.fixture
def library(tmp_path):
    """A file with a recipe, and a folder that is a package."""
    (tmp_path / "tcn.py").write_text(RECIPE)
    (tmp_path / "lib" / "src" / "keras_foo").mkdir(parents=True)
    (tmp_path / "lib" / "pyproject.toml").write_text("[project]\nname = 'Keras_Foo'\n")
    (tmp_path / "lib" / "src" / "keras_foo" / "recipes.py").write_text(RECIPE)
    (tmp_path / "Keras_Foo-2.1-py3-none-any.whl").write_bytes(b"")
    return tmp_path


def ids(matrix):
    return [environment.id for environment in matrix.environments]


def test_each_release_is_an_environment_on_every_base(read, library):
    matrix = read(
        f"{HEAD}models: [{{package: keras-tcn, versions: ['1.10', 2.0], recipes: tcn.py}}]"
    )
    assert ids(matrix) == [
        "tf2.10-py39+keras-tcn-1.10",
        "tf2.10-py39+keras-tcn-2.0",
        "tf2.15-py311+keras-tcn-1.10",
        "tf2.15-py311+keras-tcn-2.0",
    ]
    first = matrix.environments[0].installation
    assert first.name == "tf2.10-py39+keras-tcn-1.10"
    assert first.base is not None
    assert first.base.name == "tf2.10-py39"
    assert first.requirements == (*first.base.requirements, "keras-tcn==1.10")
    assert [recipe.package for recipe in matrix.recipes] == ["keras-tcn"]


def test_bases_stay_where_other_models_want_them(read, library):
    matrix = read(f"{HEAD}models: [lstm, {{package: keras-tcn, recipes: tcn.py}}]\n")
    assert ids(matrix) == [
        *("tf2.10-py39", "tf2.15-py311"),
        *("tf2.10-py39+keras-tcn", "tf2.15-py311+keras-tcn"),
    ]


def test_a_library_may_be_tested_on_some_environments_only(read, library):
    matrix = read(
        f"{HEAD}models: [{{package: keras-tcn, versions: '>=1.3,<2', environments: '*2.15*',"
        " requirements: [einops], recipes: tcn.py}]\n"
    )
    assert ids(matrix) == ["tf2.15-py311+keras-tcn-1.3-2"]
    assert matrix.environments[0].installation.requirements[-2:] == ("keras-tcn>=1.3,<2", "einops")


def test_a_local_package_stands_beside_its_releases(read, library):
    matrix = read(
        f"{HEAD}models: [{{package: -e ./lib, versions: ['1.0', Keras_Foo-2.1-py3-none-any.whl],"
        " environments: tf2.15*, recipes: keras_foo.recipes}]\n"
    )
    assert ids(matrix) == [
        "tf2.15-py311+keras-foo-local",
        "tf2.15-py311+keras-foo-1.0",
        "tf2.15-py311+keras-foo-2.1",
    ]
    local = matrix.environments[0].installation
    assert local.package.path == library / "lib"
    assert local.requirements == local.base.requirements


def test_the_folder_of_the_matrix_may_be_the_package(read, library):
    (library / "pyproject.toml").write_text("[project]\nname = 'mine'\n")
    matrix = read(f"{HEAD}models: [{{package: ., recipes: tcn.py}}]\n")
    assert ids(matrix)[0] == "tf2.10-py39+mine-local"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("{package: keras-tcn}", "the key 'recipes' is missing"),
        ("{package: keras-tcn, recipe: tcn.py}", "unknown key; did you mean 'recipes'?"),
        ("{package: keras-tcn, recipes: tnc.py}", "tnc.py: no such file"),
        ("{package: keras-tcn, recipes: []}", "is an empty list"),
        ("{package: keras tcn, recipes: tcn.py}", "is neither the name of a package nor a path"),
        ("{package: ./nowhere, recipes: tcn.py}", "no such folder or wheel"),
        ("{package: ./lib/src, recipes: tcn.py}", "is not a package that can be built"),
        ("{package: keras-tcn, versions: [new], recipes: tcn.py}", "'new' is not a version"),
        ("{package: keras-tcn, versions: [./lib], recipes: tcn.py}", "not keras-tcn"),
        ("{package: a, environments: tf3, recipes: tcn.py}", "'tf3' matches no environment"),
        ("{package: a, versions: [1.0, 1.0], recipes: tcn.py}", "name each release once"),
        ("{package: a, name: lstm, recipes: tcn.py}", "cannot be combined with `package`"),
        ("{name: lstm, versions: '1.0'}", "belongs to a package"),
        ("{package: a, requirements: ['x=1'], recipes: tcn.py}", "'x=1' is not a requirement"),
    ],
)
def test_mistakes_have_their_place(mistakes, library, model, words):
    found = mistakes(f"{HEAD}models: [{model}]\n")
    assert any(words in line for line in found), found
    assert all(line.startswith("matrix.yaml:2:") for line in found)


def test_the_documentations_example_is_the_one_that_is_tested(read, library):
    text = (ROOT / "docs" / "layers.md").read_text("utf-8")
    example = ROOT / "tests" / "real" / "layers"
    whole, part = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert whole in (example / "matrix.yaml").read_text("utf-8")
    (recipe,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert recipe in (example / "recipes" / "tcn.py").read_text("utf-8")
    (library / "pyproject.toml").write_text("[project]\nname = 'keras-mine'\n")
    (library / "tests").mkdir()
    (library / "tests" / "saved_models.py").write_text(RECIPE)
    assert len(ids(read(HEAD + part))) == 2 * 3


def test_every_key_of_a_package_is_described():
    text = (ROOT / "docs" / "layers.md").read_text("utf-8")
    assert all(f"| `{key}` |" in text for key in ("package", *PACKAGE_ONLY))
