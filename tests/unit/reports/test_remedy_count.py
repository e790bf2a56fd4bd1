"""Remedies are counted by what is executed, each in each environment once."""

from dataclasses import replace

from reports.markdown import render
from reports.remedy_count import count_remedies
from runner.model.finding import Verdict
from runner.model.results import AttemptResult, ScriptResult
from tests.unit.factories import results


def remedied(*scripts):
    attempt = AttemptResult(
        route="r", verdict=Verdict.IDENTICAL, reason="", key="k", scripts=scripts
    )
    return {"verdict": "remedied", "remedy": "r", "attempts": (attempt,)}


FOUND = replace(
    results(
        {
            "a/m/h5/b": remedied("plain"),
            "a/n/h5/b": remedied("plain"),
            "b/m/h5/a": remedied("plain"),
            "a/o/h5/b": remedied("plain", "author"),
            "a/p/h5/b": "identical",
        }
    ),
    scripts=(
        ScriptResult(id="plain", code="x = 1"),
        ScriptResult(id="author", code="y", needs_author=True),
    ),
)


def test_the_same_script_counts_once_for_each_environment():
    found = count_remedies(FOUND)
    assert (found.runnable, found.author) == (2, 1)


def test_the_report_says_how_many_run_as_printed():
    words = "3 verified remedies: 2 runnable as printed, 1 needs the author's code."
    assert words in render(FOUND)


def test_without_remedies_nothing_is_said():
    assert count_remedies(results({})).sentence == ""
