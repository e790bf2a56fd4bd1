"""docs/reported.md: public reports, and the cells of real runs that show them."""

import json
import re

import pytest

from runner.config.recipe_source import built_in_recipes
from runner.signatures import load_signatures
from tests.reported.page import PAGE, SEEN, look, page, read_reports, shows

REPORTS = read_reports()
SEEN_NOW = json.loads(SEEN.read_text("utf-8"))
OWN = {
    "id": "a/m/h5/a",
    "verdict": "remedied",
    "as_is": "refused",
    "code": "load-failed",
    "reason": "ValueError: no layer",
    "signatures": ["known"],
    "lost": [],
}


def test_the_page_is_what_was_seen():
    assert PAGE.read_text("utf-8") == page(REPORTS, SEEN_NOW)


def test_there_are_more_than_thirty_reports_each_named_once_with_a_model():
    names = [report["report"] for report in REPORTS]
    assert len(names) >= 30
    assert len(set(names)) == len(names)
    recipes = {recipe.name for recipe in built_in_recipes()}
    files = re.compile(r"[mn]\d{3}")
    assert {r["model"] for r in REPORTS if not files.fullmatch(r["model"])} <= recipes
    assert {r["signature"] for r in REPORTS if "signature" in r} <= {
        signature.id for signature in load_signatures()
    }


def test_what_is_not_seen_says_in_how_many_cells_or_what_was_tried():
    for report in REPORTS:
        name = report["report"]
        if not SEEN_NOW["reports"][name]["cells"]:
            assert SEEN_NOW["asked"][name] or "tried" in report, name


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ({"model": "m"}, True),
        ({"model": "other"}, False),
        ({"model": "m", "own": True, "as-is": ["refused"]}, True),
        ({"model": "m", "as-is": ["drifted"]}, False),
        ({"model": "m", "savers": ["b*"]}, False),
        ({"model": "m", "error": "no layer", "signature": "known"}, True),
        ({"model": "m", "error": "another"}, False),
        ({"model": "m", "signature": "another"}, False),
        ({"model": "m", "lost": "optimizer"}, False),
    ],
)
def test_a_cell_shows_a_report_where_everything_that_it_names_is_there(report, shown):
    assert shows(OWN, report) is shown


def test_a_cell_of_a_row_whose_file_lacks_it_shows_how_it_failed():
    lacking = {**OWN, "id": "a/m/h5/b", "as_is": "unsupported", "code": "file-lacks-it"}
    assert shows(lacking, {"model": "m", "as-is": ["refused"]})
    assert shows({**lacking, "outputs": {"equal": False}}, {"model": "m", "as-is": ["drifted"]})
    assert not shows(lacking, {"model": "m", "own": True})


def test_reports_are_looked_for_in_every_run_and_in_the_answers_of_load():
    run = {"cells": [OWN], "environments": [{"id": "a"}], "signatures": []}
    answer = {
        "files": [
            {
                "path": "/x/m200/model.keras",
                "inspection": {"format": "keras"},
                "environments": [
                    {
                        "environment": "b",
                        "verdict": "refused",
                        "attempts": [{"verdict": "refused", "reason": "received 0 variables"}],
                    }
                ],
            }
        ]
    }
    reports = [
        {"report": "o/r#1", "model": "m", "as-is": ["refused"]},
        {"report": "o/r#2", "model": "m200", "error": "received 0"},
        {"report": "o/r#3", "model": "m", "as-is": ["drifted"]},
    ]
    found = look(reports, [run, answer])
    assert {name: one["cells"] for name, one in found["reports"].items()} == {
        "o/r#1": 1,
        "o/r#2": 1,
        "o/r#3": 0,
    }
    assert found["reports"]["o/r#2"]["example"] == "file/m200/keras/b"
    assert found["asked"]["o/r#3"] == 1
