"""What counts as the same answer, and what a command's exit code says."""

import pytest

from runner.bisect.outcomes import NoAnswer, Outcome, of_command


def outcome(verdict="identical", works=True, cause=None):
    return Outcome(verdict=verdict, works=works, reason="", cause=cause)


def test_another_verdict_differs():
    assert not outcome().same_as(outcome("drifted", False))
    assert not outcome().same_as(outcome("degraded", True))


def test_another_cause_of_the_same_verdict_differs():
    one = outcome("refused", False, "batch-shape")
    assert one.same_as(outcome("refused", False, "batch-shape"))
    assert not one.same_as(outcome("refused", False, "time-major"))


@pytest.mark.parametrize(
    ("code", "works", "died"),
    [(0, True, False), (1, False, False), (124, False, False), (-11, False, True),
     (139, False, True), (None, False, False)],
)  # fmt: skip
def test_a_command_is_good_with_exit_code_0_only(code, works, died):
    found = of_command(code, "printed\n", 5.0)
    assert isinstance(found, Outcome)
    assert (found.works, found.died, found.error) == (works, died, "printed")


def test_a_command_skips_with_125_as_in_git():
    assert isinstance(of_command(125, "", 5.0), NoAnswer)


def test_commands_that_fail_in_different_ways_are_all_bad():
    assert of_command(1, "", 5.0).same_as(of_command(-11, "", 5.0))
