"""Snippets run as they are shown, or name what they need in their first line."""

import re

import pytest
from packaging.specifiers import SpecifierSet

from runner.model.scripts import NEEDS
from runner.signatures import load_reported, load_signatures, signature_result
from runner.signatures.complete_code import NEEDED, complete_code, is_python, undefined_names

# Variables of its environment, and the name of a program; or an entry of matrix.yaml.
COMMAND = r"([A-Z_]+=\S+ )*[a-z][a-z0-9_-]* |\{|# In matrix.yaml"
SNIPPETS = {
    f"{signature.id}-{number}": remedy.code
    for signature in (*load_signatures(), *load_reported())
    for number, remedy in enumerate(signature_result(signature).remedies)
    if remedy.code
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_every_snippet_compiles_and_names_what_it_does_not_define(name):
    code = SNIPPETS[name]
    first = code.splitlines()[0]
    if not is_python(code):
        assert re.match(COMMAND, first), "neither Python nor a command"
        return
    needs = first.removeprefix(NEEDS) if first.startswith(NEEDED) else ""
    assert [name for name in undefined_names(code) if name not in needs] == []


def test_there_are_snippets_of_each_kind():
    assert len(SNIPPETS) > 100
    assert sum(code.startswith(NEEDS) for code in SNIPPETS.values()) < len(SNIPPETS) / 2


def test_modules_are_imported_and_the_authors_names_are_named():
    code = complete_code("keras.models.load_model(json.load(FILE), Scale)", None)
    assert code.splitlines() == [
        f"{NEEDS}FILE, Scale",
        "import json",
        "import keras",
        "keras.models.load_model(json.load(FILE), Scale)",
    ]


def test_a_value_that_a_name_gets_from_itself_is_not_defined():
    assert undefined_names("x = abs(x)") == ["x"]
    assert undefined_names("x = 1\nx = abs(x)") == []


def test_a_first_line_that_says_what_is_needed_stays_the_first():
    code = complete_code("# Needs a file of old\nkeras.models.load_model('model.h5')", None)
    assert code.splitlines()[:2] == ["# Needs a file of old", "import keras"]


@pytest.mark.parametrize(
    ("loader", "statement"),
    [
        ("<2.13", "from tensorflow import keras"),
        (">=2.11,<3", "from tensorflow import keras"),
        (">=3", "import keras"),
        (None, "import keras"),
    ],
)
def test_keras_is_imported_as_the_loader_has_it(loader, statement):
    spec = SpecifierSet(loader) if loader else None
    assert complete_code("keras.Model", spec).splitlines() == [statement, "keras.Model"]


def test_commands_stay_commands():
    assert complete_code("git lfs pull", None) == "git lfs pull"
    assert complete_code("export A=1", None, ("a<2",)) == 'pip install "a<2"\nexport A=1'
