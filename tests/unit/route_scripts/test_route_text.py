"""Scripts are complete: they compile, define what they use, and need nothing of kmatrix."""

import ast
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.model.keras_identity import identity_from_packages
from runner.model.matrix import Format
from runner.model.routes import PATCHES, RESAVED, ROUTES
from runner.model.scripts import AUTHOR
from runner.model.steps import AS_IS
from runner.route_scripts.route_text import (
    AGAIN,
    FileNames,
    Loading,
    script_of,
    script_to_save_again,
)
from runner.signatures.complete_code import undefined_names

ENVIRONMENTS = {
    one.id: one for one in load_matrix(Path(__file__).parents[3] / "matrix.yaml").environments
}
PACKAGES = {
    "keras2.3.1-theano-py37": {"keras": "2.3.1", "theano": "1.0.5"},
    "tf1.15-py37": {"tensorflow": "1.15.5"},
    "tf2.10-py39": {"tensorflow": "2.10.1", "keras": "2.10.0"},
    "tf2.21-keras3.15-py312": {"tensorflow": "2.21.0", "keras": "3.15.0"},
    "keras3.15-jax-py312": {"keras": "3.15.0", "jax": "0.4"},
}
OURS = {"kmatrix", "kmatrix_worker", "runner", "reports"}


def imported_modules(text):
    """The first part of the name of each module that is imported, at whatever depth."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found


def loading(name="tf2.10-py39", format_=Format.H5, **changes):
    environment = ENVIRONMENTS[name]
    identity = identity_from_packages(environment, PACKAGES[name])
    return Loading(format=format_, environment=environment, identity=identity, **changes)


def ways():
    for route in ROUTES:
        for format_ in route.formats:
            yield route.id, format_
            for patch in () if route.graph_only or format_.predictions_only else PATCHES:
                yield f"{route.id}+{patch.id}", format_


@pytest.mark.parametrize("supplied", [False, True])
@pytest.mark.parametrize("name", PACKAGES)
def test_every_script_is_complete(name, supplied):
    for way, format_ in ways():
        script = script_of(way, loading(name, format_, supplied=supplied))
        for _, text in (("script", script.text), *script.files):
            assert undefined_names(text) == [], (way, format_)
            assert not imported_modules(text) & OURS


@pytest.mark.parametrize("format_", RESAVED)
def test_what_is_saved_again_is_what_is_read_then(format_):
    first = script_to_save_again(loading(format_=Format.SAVEDMODEL), format_).text
    then = script_of(AS_IS, loading(format_=format_, stem=AGAIN)).text
    assert undefined_names(first) == undefined_names(then) == []
    names = {word for word in first.split('"') if word.startswith(AGAIN)}
    assert names
    assert names == {word for word in then.split('"') if word.startswith(AGAIN)}


def test_a_script_without_code_of_the_author_asks_for_none():
    script = script_of("compile-false", loading())
    assert script.text.splitlines() == [
        "from tensorflow import keras",
        "",
        'model = keras.models.load_model("model.h5", compile=False)',
    ]
    assert not script.needs_author


@pytest.mark.parametrize(
    ("way", "supplied", "names"),
    [
        ("compile-false", True, "OBJECTS"),
        ("rebuild-weights", False, "build()"),
        ("defaults-of-tf-2", True, "OBJECTS and build()"),
    ],
)
def test_the_first_line_names_what_only_the_author_has(way, supplied, names):
    script = script_of(way, loading(supplied=supplied))
    assert script.text.splitlines()[0] == f"# Needs your code: {AUTHOR}.py with {names}"
    assert script.needs_author
    assert AUTHOR in imported_modules(script.text)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("tf1.15-py37", "from tensorflow import keras"),
        ("tf2.21-keras3.15-py312", "import keras"),
        ("keras3.15-jax-py312", 'os.environ["KERAS_BACKEND"] = "jax"'),
        ("keras2.3.1-theano-py37", 'os.environ["KERAS_BACKEND"] = "theano"'),
    ],
)
def test_a_script_imports_the_keras_of_its_environment(name, line):
    lines = script_of("compile-false", loading(name)).text.splitlines()
    assert line in lines
    last = max(number for number, one in enumerate(lines) if one.startswith(("import", "from")))
    assert lines.index(line) <= last


def test_a_graph_is_made_again_after_its_activation_was_replaced():
    assert "from_config" in script_of("as-is+new-hard-sigmoid", loading("tf1.15-py37")).text
    assert "from_config" not in script_of("as-is+new-hard-sigmoid", loading()).text


def test_a_file_has_the_name_that_its_owner_gave_it():
    names = FileNames(main='my "best" model.h5')
    text = script_of(AS_IS, loading(names=names)).text
    assert 'load_model("my \\"best\\" model.h5")' in text


def test_what_a_user_is_shown_decides_the_id_and_what_runs_decides_the_digest():
    one, same, again = (
        script_of(way, loading(stem=stem))
        for way, stem in ((AS_IS, "model"), (AS_IS, "model"), (AS_IS, AGAIN))
    )
    assert (one.id, one.digest) == (same.id, same.digest)
    assert one.id != again.id
    assert one.digest != again.digest
