import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reports.results_json import from_json, to_json
from reports.results_schema import schema, text
from runner.model.finding import Comparison, Verdict
from tests.unit.reports.factories import cell, results
from tests.unit.reports.samples import sample

ROOT = Path(__file__).resolve().parents[3]


def test_results_come_back_as_they_went_out():
    found = sample()
    assert from_json(json.loads(json.dumps(to_json(found)))) == found


def test_an_infinite_difference_survives():
    numbers = Comparison(
        equal=False, rtol=1e-4, atol=1e-5, elements=3, mismatched=3, max_abs=float("inf")
    )
    found = results([cell("a/m/h5/b", Verdict.DRIFTED, outputs=numbers)])
    data = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert from_json(data) == found
    Draft202012Validator(schema()).validate(data)


def test_the_published_schema_is_the_one_that_the_nouns_make():
    published = (ROOT / "docs/results.schema.json").read_text("utf-8")
    assert published == text(), "run: python -m reports.results_schema > docs/results.schema.json"


def test_real_looking_results_are_valid_and_every_key_is_described():
    data = json.loads(json.dumps(to_json(sample())))
    strict = json.loads(
        json.dumps(schema()).replace(
            '"type": "object"', '"type": "object", "additionalProperties": false'
        )
    )
    Draft202012Validator.check_schema(strict)
    Draft202012Validator(strict).validate(data)


@pytest.mark.parametrize("change", [{"schema": 2}, {"cells": "none"}, {"run": {}}])
def test_what_is_no_results_json_is_refused_by_reader_and_schema(change):
    data = {**json.loads(json.dumps(to_json(results()))), **change}
    assert not Draft202012Validator(schema()).is_valid(data)
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(data)


def test_docs_name_every_noun_of_the_schema():
    words = (ROOT / "docs/results.md").read_text("utf-8")
    assert [name for name in schema()["$defs"] if f"`{name}`" not in words] == []


def test_a_key_of_a_later_kmatrix_is_passed_over():
    found = results([cell("a/m/h5/b")])
    data = to_json(found)
    data["cells"][0]["mood"] = "cheerful"
    assert from_json(data) == replace(found)
