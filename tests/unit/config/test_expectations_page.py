"""docs/expectations.md is true: its examples are read, and each name in them exists."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.expectations.gate import summary
from runner.model.expectation import ExpectationState
from runner.signatures import load_signatures
from tests.unit.factories import results

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "expectations.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
HEAD = (ROOT / "matrix.yaml").read_text("utf-8")


def expectations_of(folder, example):
    path = folder / "matrix.yaml"
    path.write_text(f"{HEAD}\n{example}", "utf-8")
    return load_matrix(path).expectations


def test_there_is_an_example():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_names_cells_and_signatures_that_there_are(tmp_path, example):
    found = expectations_of(tmp_path, example)
    assert found
    known = [signature.id for signature in load_signatures()]
    for expectation in found:
        assert expectation.possible, str(expectation.position)
        assert expectation.unknown == ()
        for glob in expectation.signatures:
            assert any(fnmatchcase(name, glob) for name in known), glob


def test_a_signature_that_is_not_known_is_reported_after_a_run(tmp_path):
    example = "expectations:\n  - {signature: S05*, expect: drifted, reason: by its code}\n"
    found = expectations_of(tmp_path, example)
    known = [signature.id for signature in load_signatures()]
    lines = summary(results({"a/m/h5/b": "identical"}), found, known)
    assert any("'S05*' fits no signature; see kmatrix signatures" in line for line in lines)
    assert not any("fits no signature" in line for line in summary(results({}), found, ["S05-x"]))


def test_every_state_is_described():
    assert all(f"| `{state}` |" in TEXT for state in ExpectationState)
