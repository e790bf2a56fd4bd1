"""docs/matrix.md is true: its examples are read, its error messages are those that come."""

import re
from pathlib import Path

import pytest

from runner.config.entry import Entry
from runner.config.fields import keys_of
from runner.config.matrix_file import FOR_ALL, load_matrix
from runner.errors import ToolError
from runner.model.matrix import Backend, Format, Limits, Matrix, Profile, Tolerance

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "matrix.md").read_text("utf-8")
BLOCK = re.compile(r"```yaml\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
EXAMPLES = [match.groups() for match in BLOCK.finditer(TEXT)]
HEAD = "environments: [{nightly: true}]\n"


def whole(example):
    """Some examples show one key only."""
    return example if "environments:" in example else HEAD + example


@pytest.mark.parametrize("example", [text for text, said in EXAMPLES if not said])
def test_every_example_is_a_matrix_file(read, example):
    assert read(whole(example)).environments


@pytest.mark.parametrize("example", [pair for pair in EXAMPLES if pair[1]])
def test_every_error_shown_is_the_error_that_comes(mistakes, example):
    text, said = example
    assert mistakes(whole(text)) == said.splitlines()


def test_there_are_examples_of_both_kinds():
    assert len([pair for pair in EXAMPLES if pair[1]]) >= 1
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize(
    "key", sorted({*keys_of(Matrix), *FOR_ALL, *keys_of(Profile), *keys_of(Entry)})
)
def test_every_key_is_described(key):
    assert re.search(rf"[`{{ ]{key}[`:]", TEXT)


def test_every_backend_and_format_is_named():
    assert all(f"`{word}`" in TEXT for word in (*Backend, *Format))


def test_the_ids_in_the_table_of_short_forms_are_those_that_come_out(environments):
    rows = re.findall(r"^\| (`.*?) \| .* \| `(.*?)` \|$", TEXT, re.MULTILINE)
    assert len(rows) == 7
    for keys, name in rows:
        parts = re.findall(r"`(.*?)`", keys)
        assert list(environments("{" + ", ".join(parts) + "}")) == [name]


def test_the_ids_of_the_axes_are_those_that_come_out(read):
    (example,) = [text for text, _ in EXAMPLES if "legacy-keras: [false, true]" in text]
    matrix = read(example)
    assert len({item.installation for item in matrix.environments}) == 3
    assert len(matrix.environments) == 6
    assert all(f"`{item.id}`" in TEXT for item in matrix.environments)


def test_the_defaults_shown_are_the_defaults(read):
    shown = [text for text, _ in EXAMPLES if text.startswith(("tolerance:", "limits:"))]
    matrix = read(HEAD + "".join(shown))
    assert matrix.tolerance == Tolerance()
    assert matrix.limits == Limits()


def test_the_number_of_environments_to_copy_from_is_true():
    count = len(load_matrix(ROOT / "matrix.yaml").environments)
    assert f"has {count}\nenvironments to copy from" in TEXT


def test_a_matrix_file_that_is_wrong_never_ends_in_another_exception():
    with pytest.raises(ToolError):
        load_matrix(ROOT / "docs" / "matrix.md")
