import pytest

from runner.config.matrix_file import load_matrix, select
from runner.errors import ExitCode, ToolError
from runner.model.expectation import CellPattern
from runner.model.finding import Verdict
from tests.unit.compare.reading import TF215, expectations_of, write_matrix


def entry(**fields):
    fields = {"cells": "'*/lstm/h5/*'", "expect": "refused", "reason": "known", **fields}
    lines = [f"{key}: {value}" for key, value in fields.items() if value is not None]
    return "expectations:\n  - " + "\n    ".join(lines) + "\n"


def mistake(tmp_path, **fields):
    with pytest.raises(ToolError) as caught:
        expectations_of(tmp_path, entry(**fields))
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def test_a_matrix_without_a_word_has_none_and_an_empty_list_is_not_the_same(tmp_path):
    assert expectations_of(tmp_path, "") is None
    assert expectations_of(tmp_path, "expectations: []\n") == ()


def test_an_entry_is_read_with_its_place(tmp_path):
    text = entry(
        cells="'tf2.*/lstm|conv1d/h5/tf1.15-py37'",
        expect="[refused, crashed]",
        link="https://example.org/1",
        expires="2027-01-31",
    )
    (found,) = expectations_of(tmp_path, text)
    assert found.patterns == (
        CellPattern(
            saver=("tf2.*",), recipe=("lstm", "conv1d"), format=("h5",), loader=("tf1.15-py37",)
        ),
    )
    assert found.expected == (Verdict.REFUSED, Verdict.CRASHED)
    assert (found.reason, found.link, found.expires) == (
        "known",
        "https://example.org/1",
        "2027-01-31",
    )
    assert (found.position.line, found.position.column) == (8, 5)
    assert found.possible
    assert not found.unknown


def test_cells_may_be_a_mapping_or_a_list_of_both(tmp_path):
    text = entry(cells="[{saver: tf2.10-py39, model: [lstm, conv1d]}, '*/*/keras/*']")
    (found,) = expectations_of(tmp_path, text)
    assert [str(pattern) for pattern in found.patterns] == [
        "tf2.10-py39/lstm|conv1d/*/*",
        "*/*/keras/*",
    ]


def test_a_signature_or_a_verdict_may_stand_in_place_of_cells(tmp_path):
    (found,) = expectations_of(tmp_path, entry(cells=None, signature="F0*", verdict="degraded"))
    assert found.patterns == (CellPattern(),)
    assert found.signatures == ("F0*",)
    assert found.verdicts == (Verdict.DEGRADED,)
    assert str(found) == "*/*/*/* with verdict degraded with signature F0*"


def test_expectations_may_lie_in_a_file_that_the_matrix_names(tmp_path):
    (tmp_path / "known.yaml").write_text("- {cells: '*/*/*/*', expect: refused, reason: r}\n")
    (found,) = expectations_of(tmp_path, "expectations: known.yaml\n")
    assert found.position.file.endswith("known.yaml")


def test_a_file_beside_the_matrix_is_found_by_its_name(tmp_path):
    (tmp_path / "expectations.yaml").write_text("- {cells: a/b/c/d, expect: refused, reason: r}\n")
    (found,) = expectations_of(tmp_path, "")
    assert found.position.file.endswith("expectations.yaml")


def test_a_file_with_nothing_but_comments_expects_nothing(tmp_path):
    (tmp_path / "expectations.yaml").write_text("# none yet\n")
    assert expectations_of(tmp_path, "") == ()


def test_what_fits_nothing_is_no_mistake_but_noted(tmp_path):
    (found,) = expectations_of(tmp_path, entry(cells="'tf9.*/lstm/h5/*'"))
    assert not found.possible
    assert found.unknown == ("tf9.*",)
    (found,) = expectations_of(tmp_path, entry(cells="'tf9.*|tf2.*/lstm/h5/*'"))
    assert found.possible
    assert found.unknown == ("tf9.*",)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expect": "refuse"}, "unknown verdict 'refuse'; did you mean 'refused'?"),
        ({"expect": "missing"}, "cannot be expected"),
        ({"expect": None}, "the key 'expect' is missing"),
        ({"reason": None}, "the key 'reason' is missing"),
        ({"reason": "''"}, "expected a reason, found empty text"),
        ({"cells": None}, "the key 'cells' is missing"),
        ({"cells": "'*/lstm/h5'"}, "does not name cells"),
        ({"cells": "'*/lstm||conv1d/h5/*'"}, "does not name cells"),
        ({"cells": "{savers: tf1.15-py37}"}, "unknown key; did you mean 'saver'?"),
        ({"expires": "soon"}, "'soon' is not a date; use YYYY-MM-DD"),
        ({"expires": "2026-02-30"}, "is not a date"),
        ({"link": "javascript:alert(1)"}, "is not a link; it must begin with https://"),
        ({"expiry": "2027-01-01"}, "unknown key; did you mean 'expires'?"),
        ({"verdict": "drift"}, "unknown verdict 'drift'; did you mean 'drifted'?"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(tmp_path, fields, words):
    text = mistake(tmp_path, **fields)
    assert words in text
    assert "matrix.yaml:" in text
    assert "expectations[0]" in text


def test_a_file_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(ToolError, match=r"matrix.yaml:7:15: expectations: gone.yaml: no such file"):
        expectations_of(tmp_path, "expectations: gone.yaml\n")


def test_a_mistake_in_the_file_names_that_file(tmp_path):
    (tmp_path / "expectations.yaml").write_text("- {cells: '*/*/*/*', expect: refused}\n")
    with pytest.raises(ToolError, match=r"expectations.yaml:1:3: \[0\]: the key 'reason'"):
        expectations_of(tmp_path, "")


def test_a_spec_takes_the_expectations_along(tmp_path):
    matrix = load_matrix(write_matrix(tmp_path, entry()))
    spec = select(matrix, profile=None, environments=(TF215,))
    assert spec.expectations == matrix.expectations
