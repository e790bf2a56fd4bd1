"""A user's own files in the answer to an upgrade."""

import json
from types import SimpleNamespace

import pytest

from runner.compare.upgrade_answer import answer
from runner.compare.upgrade_files import with_files
from runner.compare.upgrade_text import as_json, as_text, paragraph
from runner.model.finding import Verdict
from runner.model.upgrade import Fate, Safety
from runner.model.user_file import FileCell, FileResult
from tests.unit.factories import results

LOADS, REFUSED = Verdict.IDENTICAL, Verdict.REFUSED


def file(path, before, after, *, reason="as before", route=None):
    sides = (
        FileCell(environment="old", verdict=before, route="as-is", reason="loads"),
        FileCell(environment="new", verdict=after, route=route, reason=reason),
    )
    return FileResult(
        path=path,
        inspection=SimpleNamespace(format="h5"),
        answer="",
        reference="old",
        environments=sides,
    )


def asked(*files):
    run = results({"old/m/h5/new": "identical", "old/m/h5/old": "identical"})
    return with_files(answer(run, [("old", "new")]), files)


@pytest.mark.parametrize(
    ("before", "after", "fate", "safety"),
    [
        (LOADS, LOADS, Fate.WORKS, Safety.SAFE),
        (LOADS, Verdict.DEGRADED, Fate.WORKS, Safety.SAFE),
        (LOADS, REFUSED, Fate.BREAKS, Safety.UNSAFE),
        (LOADS, Verdict.CRASHED, Fate.BREAKS, Safety.UNSAFE),
        (LOADS, Verdict.DRIFTED, Fate.DRIFTS, Safety.UNSAFE),
        (LOADS, Verdict.REMEDIED, Fate.REMEDY, Safety.CHANGES),
        (REFUSED, REFUSED, Fate.BEFORE, Safety.SAFE),
        (REFUSED, LOADS, Fate.BEFORE, Safety.SAFE),
        (LOADS, Verdict.UNAVAILABLE, Fate.UNKNOWN, Safety.UNKNOWN),
        (Verdict.UNAVAILABLE, LOADS, Fate.UNKNOWN, Safety.UNKNOWN),
    ],
)
def test_a_file_has_a_fate_and_the_answer_follows_it(before, after, fate, safety):
    route = "compile-false" if after is Verdict.REMEDIED else None
    found = asked(file("mine.h5", before, after, route=route))
    (group,) = [group for group in found.directions[0].groups if group.files]
    assert (group.fate, group.cells) == (fate, ("mine.h5",))
    assert found.directions[0].safety is safety


def test_a_file_that_drifts_is_not_safe_because_another_way_of_loading_would_help():
    found = asked(
        file("mine.h5", LOADS, Verdict.DRIFTED, reason="predicts another", route="edited-copy")
    )
    (group,) = [group for group in found.directions[0].groups if group.files]
    assert (group.fate, group.cause) == (Fate.DRIFTS, "predicts another")
    assert group.route == "edited-copy"
    assert found.directions[0].safety is Safety.UNSAFE


def test_files_are_named_by_their_paths_below_their_cause():
    reason = "TypeError: no such layer. " + "Make sure of this and that. " * 20
    found = asked(
        file("models/a.h5", LOADS, LOADS),
        file("models/b.h5", LOADS, REFUSED, reason=reason),
        file("models/c.h5", LOADS, REFUSED, reason=reason),
    )
    lines = [line.strip() for line in as_text(found)]
    assert lines[lines.index(next(line for line in lines if "TypeError" in line)) + 1 :][:2] == [
        "models/b.h5",
        "models/c.h5",
    ]
    assert "h5: m" in lines
    text = paragraph(found)
    assert "of 4 saved files, 2 keep working, and 2 break (TypeError: no such layer)." in text
    assert "with 1 reference model in h5 and 3 saved files of our own.)" in text


def test_many_files_of_one_fate_do_not_fill_the_screen():
    lines = as_text(asked(*(file(f"{number}.h5", LOADS, LOADS) for number in range(20))))
    assert "and 12 more files" in [line.strip() for line in lines]


def test_programs_get_every_path():
    data = json.loads(json.dumps(as_json(asked(file("a.h5", LOADS, LOADS)))))
    groups = data["directions"][0]["groups"]
    assert [group["cells"] for group in groups if group["files"]] == [["a.h5"]]
