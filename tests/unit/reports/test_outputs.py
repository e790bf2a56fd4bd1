import csv
import io
import json
from xml.etree.ElementTree import fromstring

import junitparser
import pytest

from reports import badge, csv_table, feed, junit, markdown
from reports.files import report_files
from reports.history import History
from runner.compare.difference import compare
from runner.model.comparison import PastRun
from runner.model.expectation import ExpectationState
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.results import ExpectationResult, ExpectationStatus
from tests.unit.reports.factories import artifact, cell, environment, failure, results, run
from tests.unit.reports.samples import BASE, sample

GREEN, RED = Verdict.IDENTICAL, Verdict.REFUSED
HOSTILE = "<script>`|@everyone\x00\x1b[31m\nsecond line | [x](javascript:1)"


def expectation(verdicts, *, met):
    return ExpectationResult(
        verdicts=verdicts, reason="known upstream", link="o/n#1", expires=None, met=met
    )


def suites(found):
    return junitparser.JUnitXml.fromstring(junit.render(found).encode())


def properties(case):
    return [(one.get("name"), one.get("value")) for one in case._elem.iter("property")]


def case_of(one):
    (suite,) = [suite for suite in suites(results([one])) if suite.name == "b"]
    return next(iter(suite))


@pytest.mark.parametrize(
    ("verdict", "expected", "outcome"),
    [
        (GREEN, None, None),
        (Verdict.REMEDIED, None, None),
        (RED, None, junitparser.Failure),
        (Verdict.DRIFTED, None, junitparser.Failure),
        (Verdict.BROKEN, None, junitparser.Failure),
        (Verdict.CRASHED, None, junitparser.Error),
        (Verdict.HUNG, None, junitparser.Error),
        (Verdict.UNSUPPORTED, None, junitparser.Skipped),
        (Verdict.MISSING, None, junitparser.Skipped),
        (RED, expectation(("refused",), met=True), junitparser.Skipped),
        (GREEN, expectation(("refused",), met=False), junitparser.Failure),
        (RED, expectation(("identical",), met=False), junitparser.Failure),
        (GREEN, expectation(("identical",), met=True), None),
    ],
)
def test_a_cell_is_a_test_case_as_ci_counts_them(verdict, expected, outcome):
    case = case_of(cell("a/m/h5/b", verdict, expectation=expected))
    found = [type(one) for one in case.result]
    assert found == ([] if outcome is None else [outcome])
    assert ("verdict", str(verdict)) in properties(case)


def test_junit_holds_whatever_a_message_holds():
    one = cell("a/m/h5/b", RED, reason=HOSTILE, failure=failure(HOSTILE))
    (result,) = case_of(one).result
    assert "second line" in result.text
    assert "\x00" not in result.message


def test_junit_counts_are_those_of_its_cases():
    found = sample(BASE[:4])
    read = suites(found)
    cases = [case for suite in read for case in suite]
    assert read.tests == len(cases) == len(found.cells) + len(found.environments)
    for kind, total in (
        (junitparser.Failure, read.failures),
        (junitparser.Error, read.errors),
        (junitparser.Skipped, read.skipped),
    ):
        assert total == sum(isinstance(one, kind) for case in cases for one in case.result)


def test_an_environment_that_is_not_there_is_an_error_in_junit_and_no_cell_fails_for_it():
    down = environment("c", status="unavailable", reason="no interpreter")
    read = suites(results([cell("a/m/h5/b")], environments=(environment("a"), down)))
    assert (read.errors, read.failures) == (1, 0)


def test_the_csv_has_a_line_a_cell_that_a_spreadsheet_takes_for_text():
    found = results([cell("a/m/h5/b", RED, reason='=HYPERLINK("x"),\n"quoted"')])
    rows = list(csv.DictReader(io.StringIO(csv_table.render(found), newline="")))
    assert [row["cell"] for row in rows] == ["a/m/h5/b"]
    assert rows[0]["reason"] == '\'=HYPERLINK("x"), "quoted"'
    assert (rows[0]["saver"], rows[0]["loader"], rows[0]["verdict"]) == ("a", "b", "refused")


def test_csv_lines_are_as_many_as_cells():
    found = sample(BASE[:3])
    rows = list(csv.reader(io.StringIO(csv_table.render(found), newline="")))
    assert len(rows) == len(found.cells) + 1
    assert {len(row) for row in rows} == {len(csv_table.COLUMNS)}


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (results(), "no cells"),
        (results([cell("a/m/h5/b")]), "100 % safe"),
        (results([cell("a/m/h5/b"), cell("a/n/h5/b", RED)]), "50 % safe"),
        (results([cell("a/m/h5/b")], run=run(complete=False)), "100 % safe, not complete"),
        (results([cell("a/m/h5/b")], run=run(missing_shards=("1/2",))), "100 % safe, not complete"),
    ],
)
def test_the_badge_says_what_is_safe_and_never_hides_a_hole(found, text):
    root = fromstring(badge.svg(found))  # noqa: S314 - our own text
    assert root.get("aria-label") == f"kmatrix: {text}"
    data = json.loads(badge.endpoint(found))
    assert (data["schemaVersion"], data["label"], data["message"]) == (1, "kmatrix", text)


def test_a_hole_makes_the_badge_grey():
    whole = json.loads(badge.endpoint(results([cell("a/m/h5/b")])))
    part = json.loads(badge.endpoint(results([cell("a/m/h5/b")], run=run(shard="1/2"))))
    assert whole["color"] != part["color"]


def past(name, verdicts, *, complete=True):
    return PastRun(
        id=name, started=f"2026-11-{name}T06:00:00Z", complete=complete, verdicts=verdicts
    )


def entries(text):
    atom = {"a": feed.ATOM}
    root = fromstring(text)  # noqa: S314 - our own text
    for tag in ("id", "title", "updated", "author/a:name"):
        assert root.find(f"a:{tag}", atom) is not None
    return [
        (entry.find("a:title", atom).text, entry.find("a:content", atom).text)
        for entry in root.findall("a:entry", atom)
    ]


def test_the_feed_tells_changes_newest_first_and_a_quiet_run_is_no_news():
    history = History(
        runs=(
            past("20", {"a/m/h5/b": GREEN}),
            past("21", {"a/m/h5/b": RED}),
            past("22", {"a/m/h5/b": RED}),
            past("23", {}, complete=False),
        )
    )
    found = entries(feed.render(results([cell("a/m/h5/b", GREEN)]), history))
    assert [title for title, _ in found] == ["1 fixed", "1 broke"]
    assert "broke: a/m/h5/b: identical → refused" in found[1][1]


def test_the_feed_of_a_first_run_is_empty_and_valid():
    assert entries(feed.render(results([cell("a/m/h5/b", reason=HOSTILE)]))) == []


def test_the_summary_begins_with_what_changed():
    before = results([cell("a/m/h5/b", GREEN), cell("a/n/h5/b", RED)], run=run(id="0"))
    now = results([cell("a/m/h5/b", RED), cell("a/n/h5/b", GREEN)])
    text = markdown.render(now, History(runs=(PastRun.of(before),)), compare(before, now))
    lines = [line for line in text.splitlines() if line]
    assert lines[0] == "### kmatrix: 50 % safe (1 of 2 cells)"
    assert lines[2] == "**Since 2026-11-24: 1 broke, 1 fixed.**"
    because = "`no package changed on either side`"
    assert f"| broke | `a/m/h5/b` | ✓ identical | ✕ refused | {because} |" in lines


def test_what_helps_is_counted_where_the_pair_was_answered():
    cells = [
        cell("a/m/h5/b", GREEN),
        cell("a/n/h5/b", Verdict.REMEDIED, remedy="no-compile", reason="x"),
        cell("a/o/h5/b", Verdict.DRIFTED, remedy="flip", reason="y"),
        cell("a/p/h5/b", RED, reason="z"),
        cell("a/q/h5/a", Verdict.BROKEN, remedy="no-compile", reason="z"),
    ]
    lines = markdown.render(results(cells)).splitlines()
    assert lines[0] == (
        "### kmatrix: 25 % safe (1 of 4 cells), 75 % with a way of loading that was verified"
    )
    assert "- 2 × `z` (e-" not in lines
    (z,) = [line for line in lines if "× `z`" in line]
    assert z.endswith("a way that works was verified in 1")
    (x,) = [line for line in lines if "× `x`" in line]
    assert x.endswith("a way that works was verified in all")


def test_nothing_in_a_summary_is_markup_of_somebody_elses():
    found = results(
        [cell("a/m/h5/b", RED, failure=failure(HOSTILE))],
        environments=(environment("b", status="broken", reason=HOSTILE),),
        run=run(matrix=HOSTILE),
        expectations=(
            ExpectationStatus(
                pattern=HOSTILE,
                verdicts=(Verdict.REFUSED,),
                reason=HOSTILE,
                link=None,
                expires=None,
                position=HOSTILE,
                state=ExpectationState("stale"),
                cells=0,
            ),
        ),
    )
    text = markdown.render(found)
    for line in text.splitlines():
        spans = line.split("`")
        assert len(spans) % 2 == 1, f"a code span is open in {line!r}"
        outside = "".join(spans[::2])
        assert "script" not in outside
        assert "@" not in outside


def test_a_summary_stays_short_whatever_the_matrix():
    before, now = sample(number=4), sample(number=5)
    text = markdown.render(now, History(runs=(PastRun.of(before),)), compare(before, now))
    assert "h5py 2.10.0 -> 3.1.0" in text
    assert len(text) < 15_000


def test_expectations_that_are_not_met_are_named_in_the_summary():
    found = results([cell("a/m/h5/b", RED, expectation=expectation(("identical",), met=False))])
    assert "- `a/m/h5/b` is ✕ refused, expected identical" in markdown.render(found)


def test_a_name_that_is_no_utf8_stops_no_report():
    odd = "caf\udce9"
    found = results(
        [cell(f"a/{odd}/h5/b", RED, reason=odd, failure=failure(odd))], run=run(matrix=odd)
    )
    for text in report_files(found).values():
        text.encode()


def test_a_report_is_eight_files():
    found = results(
        [cell("a/m/h5/b")],
        artifacts=(artifact("a/m/h5"), artifact("a/m/keras", status=ArtifactStatus.UNSUPPORTED)),
    )
    files = report_files(found)
    assert sorted(files) == [
        *("badge.json", "badge.svg", "cells.csv", "feed.xml"),
        *("index.html", "junit.xml", "results.json", "summary.md"),
    ]
    assert all(files.values())
