"""The key ``models``: built-in reference models and users' recipe files."""

import pytest

from runner.config.recipe_source import built_in_recipes, read_recipes
from runner.errors import ToolError
from runner.model.matrix import Format, Tolerance

HEAD = "environments: [{nightly: true}]\n"
MINE = """\
from kmatrix_worker.recipes.base import Recipe, recipe

raise SystemExit("kmatrix reads this file; only an environment runs it")


@recipe("mine", title="My layer", custom=True, exposes=("F04",), formats=["h5"], rtol=1e-3)
class Mine(Recipe):
    pass


@recipe("other", title="Another")
class Other(Recipe):
    pass


class NoRecipe:
    pass
"""


@pytest.fixture
def recipe_file(tmp_path):
    (tmp_path / "recipes").mkdir()

    def write(text):
        path = tmp_path / "recipes" / "mine.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_built_in_reference_models_are_read_without_being_run():
    found = built_in_recipes()
    assert len(found) >= 14
    assert len({recipe.name for recipe in found}) == len(found)
    assert all(recipe.title and recipe.module and len(recipe.digest) == 64 for recipe in found)


def test_globs_select_built_in_models(read):
    matrix = read(f"{HEAD}models: [mlp_sequential, conv*]\n")
    names = [recipe.name for recipe in matrix.recipes]
    assert names[0] == "mlp_sequential"
    assert {"conv1d", "conv_bn"} <= set(names)


def test_a_users_file_is_read_relative_to_the_matrix_and_never_run(read, recipe_file):
    recipe_file(MINE)
    matrix = read(f"{HEAD}models: [mlp_sequential, {{file: recipes/mine.py}}]\n")
    mine = matrix.recipes[1]
    assert [recipe.name for recipe in matrix.recipes] == ["mlp_sequential", "mine", "other"]
    assert (mine.title, mine.custom, mine.exposes) == ("My layer", True, ("F04",))
    assert mine.formats == (Format.H5,)
    assert mine.tolerance == Tolerance(rtol=1e-3, atol=Tolerance().atol)
    assert mine.module is None
    assert mine.path.name == "mine.py"


def test_a_model_may_have_a_tolerance_of_its_own(read):
    matrix = read(
        f"{HEAD}tolerance: {{rtol: 0.5}}\n"
        "models: [{name: conv1d, tolerance: {atol: 1}}, lstm]\n"
    )
    conv, lstm = matrix.recipes
    assert conv.tolerance == Tolerance(rtol=0.5, atol=1.0)
    assert lstm.tolerance != conv.tolerance


def test_another_state_of_a_file_is_another_digest(recipe_file):
    first = read_recipes(recipe_file(MINE))[0].digest
    second = read_recipes(recipe_file(MINE + "# changed\n"))[0].digest
    assert first != second


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ("[mlp_sequental]", "matches no reference model; nearest: mlp_sequential"),
        ("[{file: nowhere.py}]", "no such file; paths are relative to the matrix file"),
        ("[{file: [a]}]", "expected a Python file, found a list"),
        ("[{nmae: conv1d}]", "did you mean 'name'?"),
        ("[{tolerance: {rtol: 1}}]", "names no reference model; write name: mlp_*"),
        ("[[a]]", "expected a reference model, found a list"),
        ("[]", "is an empty list"),
        ("3", "'3' matches no reference model"),
    ],
)
def test_mistakes_below_models(mistakes, models, words):
    assert any(words in line for line in mistakes(f"{HEAD}models: {models}\n"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class A:\n  pass\n", "recipes/mine.py has no recipe; decorate a class with @recipe"),
        ("def f(:\n", "recipes/mine.py:1:7: not Python: "),
        ("x = '\0'\n", "recipes/mine.py:1:1: not Python: "),
        (b"x = '\xff'\n", "recipes/mine.py:1:6: is not UTF-8 text"),
        ("@recipe()\nclass A: pass\n", "mine.py:1:2: recipe: the argument 'name' is missing"),
        ("@recipe('a')\nclass A: pass\n", "the argument 'title' is missing"),
        (
            "@recipe('a', title=f())\nclass A: pass\n",
            "mine.py:1:20: recipe.title: is not a lit",
        ),
        ("@recipe('a', titel='x')\nclass A: pass\n", "did you mean 'title'?"),
        ("@recipe('a b', title='x')\nclass A: pass\n", "recipe.name: expected a name of letters"),
        ("@recipe('a/b', title='x')\nclass A: pass\n", "recipe.name: expected a name of letters"),
        ("@recipe(7, title='x')\nclass A: pass\n", "recipe.name: expected a name of letters"),
        ("@recipe('a', title='x\\ny')\nclass A: pass\n", "expected one line of text"),
        ("@recipe('a', title='x', custom=1)\nclass A: pass\n", "expected True or False, found 1"),
        ("@recipe('a', title='x', exposes=5)\nclass A: pass\n", "expected a tuple of texts"),
        ("@recipe('a', title='x', formats=['h6'])\nclass A: pass\n", "a tuple of formats: h5"),
        ("@recipe('a', title='x', formats=[['h5']])\nclass A: pass\n", "a tuple of formats: h5"),
        ("@recipe('a', title='x', rtol='1')\nclass A: pass\n", "a number of 0 or more, found '1'"),
        ("@recipe('a', title='x', rtol=-1)\nclass A: pass\n", "a number of 0 or more, found -1"),
        ("@recipe('a', title='x', **{})\nclass A: pass\n", "unknown argument '**'"),
        ("@recipe('a', title={{}})\nclass A: pass\n", "recipe.title: is not a literal"),
        (MINE + MINE.split("kmatrix\n", 1)[0], "mine: is twice in this file; first on line 6"),
        ("x = " + "(" * 5000 + ")" * 5000, "not Python: "),
    ],
)
def test_mistakes_in_a_recipe_file_have_their_place(mistakes, recipe_file, text, words):
    recipe_file(text)
    assert any(words in line for line in mistakes(f"{HEAD}models: [{{file: recipes/mine.py}}]\n"))


def test_a_users_recipe_cannot_take_the_name_of_a_built_in_one(mistakes, recipe_file):
    recipe_file("@recipe('lstm', title='x')\nclass A: pass\n")
    found = mistakes(f"{HEAD}models: [all, {{file: recipes/mine.py}}]\n")
    assert any("a second recipe is called 'lstm'; rename one of them" in line for line in found)


def test_a_recipe_file_alone_raises_with_all_its_mistakes(recipe_file):
    path = recipe_file("@recipe()\nclass A: pass\n@recipe('a', title=1)\nclass B: pass\n")
    with pytest.raises(ToolError) as caught:
        read_recipes(path)
    assert len(str(caught.value).splitlines()) == 2
