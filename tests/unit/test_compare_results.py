"""The script that compares two results.json sees each kind of difference, and no other."""

import json
from copy import deepcopy

import pytest

from reports.results_json import to_json
from runner.model.finding import Verdict
from tests.compare_results import differences, main
from tests.unit.reports.factories import cell, results

DATA = to_json(
    results(
        [
            cell("a/m/h5/b", Verdict.REFUSED, as_is=Verdict.REFUSED, signatures=("one", "two")),
            cell("a/m/keras/b", Verdict.IDENTICAL, as_is=Verdict.IDENTICAL),
        ]
    )
)


def changed(**fields):
    data = deepcopy(DATA)
    data["cells"][0].update(fields)
    return data


def test_the_same_results_have_no_difference():
    assert differences(DATA, deepcopy(DATA)) == []


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"verdict": "drifted"}, "a/m/h5/b: verdict: refused -> drifted"),
        ({"as_is": "crashed"}, "a/m/h5/b: as_is: refused -> crashed"),
        ({"as_is": None}, "a/m/h5/b: as_is: refused -> None"),
        ({"signatures": ["two", "one"]}, "a/m/h5/b: signatures: one, two -> two, one"),
        ({"signatures": []}, "a/m/h5/b: signatures: one, two -> none"),
    ],
)
def test_each_field_that_differs_is_a_line(fields, line):
    assert differences(DATA, changed(**fields)) == [line]


def test_what_is_not_compared_is_no_difference():
    assert differences(DATA, changed(reason="in other words", seconds=9.0, code="lost")) == []


def test_a_field_that_is_left_out_has_its_default():
    data = deepcopy(DATA)
    del data["cells"][0]["signatures"]
    assert differences(DATA, data) == ["a/m/h5/b: signatures: one, two -> none"]


def test_a_cell_in_one_of_the_two_only_is_named():
    data = deepcopy(DATA)
    del data["cells"][1]
    assert differences(DATA, data) == ["a/m/keras/b: only in the first (identical)"]
    assert differences(data, DATA) == ["a/m/keras/b: only in the second (identical)"]


@pytest.mark.parametrize(("fields", "code"), [({}, 0), ({"verdict": "hung"}, 1)])
def test_the_exit_code_tells(tmp_path, capsys, fields, code):
    for name, data in (("a", DATA), ("b", changed(**fields))):
        (tmp_path / name).write_text(json.dumps(data))
    assert main([str(tmp_path / "a"), str(tmp_path / "b")]) == code
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"{code} differences; 2 and 2 cells"
