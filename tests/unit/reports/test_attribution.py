from reports.attribution import find_attributions
from reports.causes import find_causes
from runner.model.finding import Verdict
from tests.unit.reports.factories import cell, results

RED, GREEN = Verdict.REFUSED, Verdict.IDENTICAL


def matrix(verdict_of, formats=("h5",)):
    cells = [
        cell(f"{saver}/{model}/{one}/{loader}", verdict_of(saver, loader, one))
        for saver in "abc"
        for loader in "abc"
        for model in ("m", "n")
        for one in formats
    ]
    found = results(cells)
    return find_attributions(found, find_causes(found))


def test_a_loader_that_is_red_against_everybody_is_said_once():
    (said,) = matrix(lambda saver, loader, one: RED if loader == "c" != saver else GREEN)
    assert (said.environment, said.role, said.format) == ("c", "loader", None)
    assert (said.cells, said.others) == (4, 2)
    assert said.sentence == "c fails on every artifact of 2 other savers (4 cells)"


def test_a_saver_whose_artifacts_nobody_reads_is_said_once():
    (said,) = matrix(lambda saver, loader, one: RED if saver == "a" != loader else GREEN)
    assert (said.environment, said.role) == ("a", "saver")
    assert "no other loader of 2 reads" in said.sentence


def test_one_green_answer_is_enough_to_blame_nobody():
    assert matrix(lambda saver, loader, one: RED if (saver, loader) == ("a", "c") else GREEN) == ()


def test_red_in_one_format_only_names_the_format():
    (said,) = matrix(
        lambda saver, loader, one: RED if loader == "c" != saver and one == "keras" else GREEN,
        formats=("h5", "keras"),
    )
    assert said.format == "keras"
    assert said.sentence.startswith("c fails on every keras artifact")


def test_the_diagonal_and_what_was_not_answered_blame_nobody():
    assert matrix(lambda saver, loader, one: RED if saver == loader else Verdict.UNSUPPORTED) == ()


def test_with_one_other_environment_nobody_can_tell_whose_fault_it_is():
    cells = [cell(f"a/m{number}/h5/b", RED) for number in range(5)]
    found = results(cells)
    assert find_attributions(found, find_causes(found)) == ()


def test_the_cause_of_most_cells_is_named():
    (said,) = matrix(lambda saver, loader, one: RED if loader == "c" != saver else GREEN)
    assert said.cause == 0
