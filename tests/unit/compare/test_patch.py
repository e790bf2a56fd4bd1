import pytest
import yaml

from runner.cli.commands.accept import patch
from runner.config.yaml_edit import plain_scalar
from runner.errors import ToolError
from runner.expectations.file_patch import entry_lines, new_text
from runner.expectations.patterns import Proposal
from runner.model.expectation import CellPattern
from runner.model.finding import Verdict

NEW = "- cells: a/b/c/d\n  expect: refused\n  reason: new"


def with_new(text, *, in_matrix=True, entries=(NEW,)):
    found = new_text(text, entries, in_matrix=in_matrix, file="matrix.yaml")
    before = yaml.safe_load(text) if text else None
    after = yaml.safe_load(found)
    old = (before["expectations"] if in_matrix else before) or []
    new = after["expectations"] if in_matrix else after
    assert new == [*old, *(yaml.safe_load(entry)[0] for entry in entries)]
    if in_matrix:
        assert {**before, "expectations": 0} == {**after, "expectations": 0}
    return found


def test_entries_stand_after_the_last_one_with_its_indentation():
    text = """\
# the matrix
expectations:
  - cells: '*/lstm/h5/*'   # why not
    expect: refused
    reason: old            # and so on

  # about the next
  - {cells: x/y/z/w, expect: drifted, reason: r}
  # a word on the last entry

# about formats
formats: [h5]  # one
"""
    found = with_new(text)
    shifted = "".join(f"  {line}\n" for line in NEW.split("\n"))
    assert found == text.replace("last entry\n", f"last entry\n{shifted}")


def test_a_list_that_is_not_indented_stays_so():
    text = "expectations:\n- cells: a/b/c/d\n  expect: refused\n  reason: r\nformats: [h5]\n"
    assert with_new(text) == text.replace("formats", NEW + "\nformats")


def test_an_empty_list_in_brackets_becomes_a_list_of_lines():
    text = "expectations: []  # none yet\nformats: [h5]\n"
    assert with_new(text).startswith("expectations:   # none yet\n  - cells: a/b/c/d\n")


def test_a_full_list_in_brackets_is_refused_with_what_to_do():
    text = "formats: [h5]\nexpectations: [{cells: a/b/c/d, expect: refused, reason: r}]\n"
    with pytest.raises(ToolError, match=r"matrix.yaml:2: .* on a line of its own"):
        with_new(text)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "# nothing yet", "[]\n", "[]"])
def test_a_file_of_its_own_may_hold_nothing_yet(text):
    found = with_new(text, in_matrix=False)
    assert found.endswith(NEW + "\n")
    assert text.rstrip("[]\n") in found


def test_a_file_that_is_yet_to_be_made_says_what_it_is():
    found = with_new(None, in_matrix=False)
    assert found.startswith("# What cells of the matrix are expected to be")


def test_in_a_file_of_its_own_entries_stand_at_the_very_end():
    text = "- cells: a/b/c/d\n  expect: refused\n  reason: r\n\n# the end\n"
    assert with_new(text, in_matrix=False) == text + NEW + "\n"


@pytest.mark.parametrize(
    "last",
    [
        "reason: >-\n      folded\n      text\n",
        "reason: |\n      kept\n\n      text\n\n\n",
        "reason: 'over\n      two lines'\n",
        'reason: r\n    expires: 2027-01-01\n    link: "https://example.org/#x"\n',
        "reason: r\n    cells2: [a,\n      b]\n",
    ],
)
@pytest.mark.parametrize("following", ["", "\n# about formats\nformats: [h5]\n"])
def test_every_way_of_writing_the_last_entry_is_left_alone(last, following):
    text = f"expectations:\n  - cells: a/b/c/d\n    expect: refused\n    {last}{following}"
    found = with_new(text)
    assert found.replace("".join(f"  {line}\n" for line in NEW.split("\n")), "").split() == (
        text.split()
    )


def test_line_ends_of_windows_stay():
    text = "expectations:\r\n- cells: a/b/c/d\r\n  expect: refused\r\n  reason: r\r\n"
    found = new_text(text, (NEW,), in_matrix=True, file="matrix.yaml")
    assert found.startswith(text)
    assert found.count("\n") == found.count("\r\n") == 7


@pytest.mark.parametrize(
    "text",
    [
        *("plain words", "*/lstm/h5/*", "a: b", "a #b", "# b", "it's", "'quoted'", '"', "{a}"),
        *("[a]", "- a", "yes", "1.0", "2026-01-01", "&a", "!x", "%x", "@x", "`x`", "null", ":"),
        *("a\nb\tc", "Unknown layer: 'Scale'. \x00\x1b[31m", "trailing:", "ü → 漢", "|", ">"),
    ],
)
def test_any_text_reads_back_as_itself_on_one_line(text):
    line = plain_scalar(text)
    assert "\n" not in line
    expected = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert yaml.safe_load(f"key: {line}") == {"key": expected}


def test_an_entry_holds_what_was_proposed():
    proposal = Proposal(
        patterns=(CellPattern(loader=("a", "b")), CellPattern(saver=("x",))),
        verdict=Verdict.REFUSED,
        reason="F31: it is so",
        cells=7,
        link="https://example.org/31",
    )
    assert yaml.safe_load(entry_lines(proposal, expires="2027-01-31")) == [
        {
            "cells": ["*/*/*/a|b", "x/*/*/*"],
            "expect": "refused",
            "reason": "F31: it is so",
            "link": "https://example.org/31",
            "expires": yaml.safe_load("2027-01-31"),
        }
    ]


def test_the_patch_is_a_unified_diff(tmp_path):
    text = patch(tmp_path / "e.yaml", "a\nb", "a\nb\nc\n")
    assert text.splitlines()[0].startswith("--- a/")
    assert "\\ No newline at end of file\n+b\n+c\n" in text
