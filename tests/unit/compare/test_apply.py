from datetime import date

import pytest

from runner.expectations.apply import apply
from runner.expectations.gate import gate, summary
from runner.model.expectation import CellPattern, Expectation
from runner.model.finding import Verdict
from runner.model.matrix import Position
from tests.unit.factories import results

TODAY = date(2026, 6, 1)
CELLS = {
    "a/lstm/h5/b": "refused",
    "a/conv/h5/b": "identical",
    "b/lstm/h5/a": "drifted",
    "a/lstm/h5/a": "identical",
}


def expectation(cells="*/*/*/*", expected="refused", line=1, **changes):
    parts = [tuple(part.split("|")) for part in cells.split("/")]
    return Expectation(
        patterns=(CellPattern(saver=parts[0], recipe=parts[1], format=parts[2], loader=parts[3]),),
        expected=tuple(Verdict(word) for word in expected.split("|")),
        **{
            "reason": "known",
            "position": Position(file="matrix.yaml", line=line, column=5),
            **changes,
        },
    )


def applied(*expectations, cells=None, **more):
    return apply(results(cells or CELLS, **more), expectations, today=TODAY)


def states(found):
    return [(status.state, status.cells) for status in found.expectations]


def by_id(found):
    return {cell.id: cell for cell in found.cells}


def test_nothing_is_expected_without_a_word():
    found = applied()
    assert all(cell.expectation is None for cell in found.cells)
    assert {cell.id for cell in gate(found).failures} == {"a/lstm/h5/b", "b/lstm/h5/a"}
    assert not gate(found).passes


def test_an_expected_failure_is_met_and_does_not_count():
    found = applied(expectation("a/lstm/h5/b"), expectation("b/lstm/h5/a", "drifted"))
    assert states(found) == [("met", 1), ("met", 1)]
    assert gate(found).as_expected
    assert by_id(found)["a/lstm/h5/b"].expectation.reason == "known"


def test_an_unexpected_pass_counts():
    found = applied(expectation("a/conv/h5/b"), expectation("*/lstm/h5/*", "refused|drifted"))
    assert [cell.id for cell in gate(found).passes] == ["a/conv/h5/b", "a/lstm/h5/a"]
    assert not gate(found).as_expected
    assert states(found) == [("unmet", 1), ("unmet", 3)]


def test_another_failure_than_the_expected_one_is_an_unexpected_failure():
    found = applied(expectation("b/lstm/h5/a", "refused"))
    assert "b/lstm/h5/a" in [cell.id for cell in gate(found).failures]
    assert not by_id(found)["b/lstm/h5/a"].expectation.met


def test_better_than_expected_is_an_unexpected_pass_too():
    found = applied(expectation("a/conv/h5/b", "degraded"))
    assert [cell.id for cell in gate(found).passes] == ["a/conv/h5/b"]


def test_later_entries_win():
    found = applied(
        expectation("*/*/*/*", "refused", line=1), expectation("*/conv/*/*", "identical", line=2)
    )
    assert by_id(found)["a/conv/h5/b"].expectation.verdicts == ("identical",)
    assert states(found) == [("unmet", 3), ("met", 1)]


def test_an_entry_whose_cells_later_ones_have_is_stale():
    found = applied(expectation("a/conv/h5/b"), expectation("a/conv/*/*", "identical"))
    assert states(found) == [("stale", 0), ("met", 1)]


def test_an_expired_entry_is_as_if_it_were_not_there():
    day_before = expectation("a/lstm/h5/b", expires="2026-05-31")
    found = applied(day_before)
    assert states(found) == [("expired", 0)]
    assert "a/lstm/h5/b" in [cell.id for cell in gate(found).failures]


def test_an_entry_holds_on_its_last_day():
    found = applied(expectation("a/lstm/h5/b", expires="2026-06-01"))
    assert states(found) == [("met", 1)]


def test_an_expired_entry_leaves_its_cells_to_an_earlier_one():
    found = applied(
        expectation("*/lstm/h5/b"), expectation("a/lstm/h5/b", "drifted", expires="2020-01-01")
    )
    assert states(found) == [("met", 1), ("expired", 0)]


def test_what_no_cell_of_the_matrix_is_called_is_stale():
    found = applied(expectation("gone/*/*/*", possible=False))
    assert states(found) == [("stale", 0)]


def test_what_this_run_did_not_ask_is_not_stale():
    found = applied(expectation("other/*/*/*"))
    assert states(found) == [("unasked", 0)]


@pytest.mark.parametrize("verdict", ["unavailable", "missing"])
def test_what_was_not_answered_is_neither_met_nor_unmet(verdict):
    found = applied(expectation("a/lstm/h5/b"), cells={"a/lstm/h5/b": verdict})
    assert gate(found).as_expected
    assert states(found) == [("unasked", 0)]


def test_a_cell_without_a_reader_is_no_unexpected_pass():
    found = applied(expectation("*/*/*/*", "refused"), cells={"a/m/keras/b": "unsupported"})
    assert gate(found).as_expected


def test_a_cell_without_a_reader_breaks_the_promise_that_it_works():
    found = applied(expectation("*/*/*/*", "identical"), cells={"a/m/keras/b": "unsupported"})
    assert [cell.id for cell in gate(found).passes] == ["a/m/keras/b"]
    found = applied(expectation("*/*/*/*", "unsupported"), cells={"a/m/keras/b": "unsupported"})
    assert gate(found).as_expected


def test_an_environment_that_fails_on_its_own_file_has_to_be_expected_as_broken():
    cells = {"a/m/h5/a": "broken"}
    assert gate(applied(cells=cells)).failures
    assert gate(applied(expectation("a/m/h5/a"), cells=cells)).failures
    assert gate(applied(expectation("a/m/h5/a", "broken"), cells=cells)).as_expected


def test_a_signature_chooses_only_cells_that_show_it():
    cells = {
        "a/lstm/h5/b": {"verdict": "refused", "signatures": ("F12-batch-shape", "F40")},
        "a/conv/h5/b": {"verdict": "refused", "signatures": ("F40",)},
    }
    found = applied(expectation(signatures=("F12*",)), cells=cells)
    assert [cell.id for cell in gate(found).failures] == ["a/conv/h5/b"]
    found = applied(expectation(signatures=("F99*",)), cells=cells)
    assert states(found) == [("stale", 0)]


def test_a_verdict_chooses_only_cells_that_have_it_now():
    found = applied(expectation(expected="drifted", verdicts=(Verdict.DRIFTED,)))
    assert states(found) == [("met", 1)]
    assert [cell.id for cell in gate(found).failures] == ["a/lstm/h5/b"]


def test_applying_again_forgets_what_was_expected_before():
    once = applied(expectation("a/lstm/h5/b"))
    again = apply(once, (), today=TODAY)
    assert all(cell.expectation is None for cell in again.cells)
    assert again.expectations == ()


def test_the_summary_names_cells_entries_and_what_to_do():
    expectations = (
        expectation("a/conv/h5/b", line=3),
        expectation("gone/*/*/*", possible=False, line=7),
        expectation("b|tf9/lstm/h5/a", "drifted", unknown=("tf9",), line=9),
        expectation("a/lstm/h5/a", expires="2020-01-01", line=12),
    )
    text = "\n".join(summary(applied(*expectations), expectations))
    assert "not as expected: 1 unexpected failures, 1 unexpected passes, 1 expected" in text
    assert "unexpected failure: a/lstm/h5/b: refused: it is refused" in text
    assert "unexpected pass: a/conv/h5/b: identical, expected refused" in text
    assert "stale: matrix.yaml:7:5" in text
    assert "stale in part: matrix.yaml:9:5: 'tf9' fits nothing" in text
    assert "expired on 2020-01-01: matrix.yaml:12:5" in text
    assert text.endswith("kmatrix accept")


def test_a_long_list_is_cut_and_says_how_much_more_there_is():
    cells = {f"a/m{number}/h5/b": "refused" for number in range(30)}
    text = "\n".join(summary(applied(cells=cells), ()))
    assert text.count("unexpected failure:") == 12
    assert "and 18 more" in text
