"""The answer in words, as lines, and as JSON that fits the published schema."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from runner.bisect.bisected import (
    SCHEMA,
    Bisected,
    Mark,
    ReleaseAnswer,
    SkippedRelease,
    StepTaken,
)
from runner.bisect.lines import as_lines, step_line
from runner.bisect.releases import PackageChange
from runner.bisect.summary import words
from runner.cli.bisect_schema import text
from runner.json_values import to_plain

ROOT = Path(__file__).resolve().parents[3]


def side(version, mark, **changes):
    values = {"python": "3.11", "verdict": "refused" if mark is Mark.BAD else "identical"}
    return ReleaseAnswer(version=version, mark=mark, reason="because", **{**values, **changes})


GOOD, BAD = side("1.2", Mark.GOOD, numbers=("0.5",)), side("1.3", Mark.BAD, error="a\nKeyError: b")
SKIPPED = SkippedRelease(version="1.2.5", reason="cannot be built")
STEP = StepTaken(
    version="1.3", python="3.8", mark=Mark.BAD, reason="because", seconds=1.25, measured=False
)
FOUND = Bisected(
    package="thing", environment="tf2.15", held="1.3", subject="m.h5", fixed=False, found=True,
    summary=words("thing", GOOD, BAD, ()), releases=9, before=GOOD, after=BAD, steps=(STEP,),
    changed=(PackageChange(name="numpy", before="1.0", after=None),), seconds=7.5,
    command="kmatrix bisect m.h5", kmatrix="0.1",
)  # fmt: skip


def test_the_sentence_names_the_first_and_the_last():
    assert words("thing", GOOD, BAD, ()) == (
        "thing 1.3 is the first bad release; 1.2 is the last good one"
    )
    before, after = side("1.2", Mark.BAD), side("1.3", Mark.GOOD)
    assert words("thing", before, after, ()) == (
        "thing 1.3 is the first good release; 1.2 is the last bad one"
    )


def test_skipped_releases_may_be_the_one():
    found = words("thing", GOOD, BAD, (SKIPPED,))
    assert "the first bad release of thing is one of 1.2.5, 1.3" in found


def test_a_step_says_its_python_where_it_is_another_one():
    assert step_line("thing", STEP, "3.11") == (
        "thing 1.3 (Python 3.8): bad (1.2 s, known): because"
    )


def test_the_lines_have_both_sides_the_other_packages_and_the_command():
    lines = "\n".join(as_lines(FOUND))
    for part in ("1.2, date unknown", "KeyError: b", "0.5", "numpy 1.0 -> -", "again: kmatrix"):
        assert part in lines


def test_the_published_schema_is_that_of_the_code_and_answers_fit_it():
    published = (ROOT / "docs/bisect.schema.json").read_text("utf-8")
    assert published == text(), "run: python -m runner.cli.bisect_schema > docs/bisect.schema.json"
    schema = json.loads(published)
    Draft202012Validator.check_schema(schema)
    data = json.loads(json.dumps({"schema": SCHEMA, **to_plain(FOUND, defaults=True)}))
    Draft202012Validator(schema).validate(data)
    assert data["before"]["date"] is None
