import pytest

from reports.causes import cause_key, find_causes, normalised
from runner.model.finding import Verdict
from runner.model.results import SignatureResult
from tests.unit.reports.factories import cell, failure, results

REFUSED = Verdict.REFUSED


def test_cells_of_one_signature_are_one_cause_with_its_title():
    cells = [
        cell(f"a/m{number}/h5/b", REFUSED, signatures=("F02", "F08"), failure=failure(str(number)))
        for number in range(3)
    ]
    signature = SignatureResult(id="F02", title="No batch_shape", cause="renamed", silent=True)
    found = find_causes(results(cells, signatures=(signature,)))
    assert len(found.causes) == 1
    assert (found.causes[0].id, found.causes[0].title) == ("F02", "No batch_shape")
    assert (found.causes[0].cells, found.causes[0].red, found.causes[0].silent) == (3, 3, True)
    assert found.of_cell == (0, 0, 0)


def test_without_a_signature_the_text_groups_cells_that_differ_in_numbers_and_paths():
    texts = ["No file /tmp/a1/x.h5 of 3 items", "No file /var/b/y.h5 of 27 items"]
    cells = [cell(f"a/m{n}/h5/b", REFUSED, failure=failure(text)) for n, text in enumerate(texts)]
    found = find_causes(results(cells))
    assert [cause.title for cause in found.causes] == ["ValueError: No file <path> of N items"]
    assert not found.causes[0].known


def test_a_key_that_a_loader_does_not_know_is_what_tells_two_errors_apart():
    one = normalised("Unrecognized keyword arguments: ['batch_shape']")
    other = normalised("Unrecognized keyword arguments: ['time_major']")
    assert one != other


@pytest.mark.parametrize("verdict", [Verdict.IDENTICAL, Verdict.DEGRADED, Verdict.UNSUPPORTED])
def test_what_does_not_fail_has_no_cause(verdict):
    assert cause_key(cell("a/m/h5/b", verdict, signatures=("F02",))) is None


def test_what_fails_as_it_is_has_a_cause_though_something_helps():
    helped = cell("a/m/h5/b", Verdict.REMEDIED, failure=failure("no"), remedy="weights")
    found = find_causes(results([helped]))
    assert (found.causes[0].cells, found.causes[0].red) == (1, 0)


def test_the_cause_with_most_red_cells_comes_first_and_ids_are_the_same_in_every_run():
    cells = [
        cell("a/m/h5/b", REFUSED, failure=failure("rare")),
        cell("a/m/keras/b", REFUSED, failure=failure("common")),
        cell("a/m/json/b", REFUSED, failure=failure("common")),
    ]
    found = find_causes(results(cells))
    again = find_causes(results(reversed(cells)))
    assert [cause.title for cause in found.causes] == ["ValueError: common", "ValueError: rare"]
    assert [cause.id for cause in found.causes] == [cause.id for cause in again.causes]


def test_the_sentence_counts_what_signatures_explain():
    cells = [
        cell("a/m/h5/b", REFUSED, signatures=("F02",)),
        cell("a/m/keras/b", Verdict.REMEDIED, signatures=("F02",)),
        cell("a/m/json/b", REFUSED, failure=failure("unheard of")),
    ]
    assert find_causes(results(cells)).sentence == "1 signature explains 2 of 3 failing cells"
    assert find_causes(results(cells[2:])).sentence == "1 failing cells, 1 kind of error"
    assert find_causes(results([])).sentence == ""


def test_a_message_of_megabytes_is_grouped_by_its_beginning():
    huge = failure("Error in " + "x" * 3_000_000)
    assert (
        len(find_causes(results([cell("a/m/h5/b", REFUSED, failure=huge)])).causes[0].title) < 200
    )


def test_a_cause_counts_cells_for_which_a_way_was_verified():
    cells = [
        cell("a/m/h5/b", Verdict.REMEDIED, signatures=("F02",), remedy="weights"),
        cell("a/m/h5/a", Verdict.BROKEN, signatures=("F02",)),
    ]
    (cause,) = find_causes(results(cells)).causes
    assert (cause.cells, cause.red, cause.helped) == (2, 0, 1)
