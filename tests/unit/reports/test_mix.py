import pytest

from reports.looks import LOOKS
from reports.mix import Mix, percent
from runner.model.finding import Verdict


def test_every_verdict_has_a_look_of_its_own():
    assert {look.verdict for look in LOOKS} == set(Verdict)
    for signs in ("symbol", "plain"):
        assert len({getattr(look, signs) for look in LOOKS}) == len(LOOKS)
    assert all(len(look.symbol) == len(look.plain) == 1 for look in LOOKS)
    assert all(look.plain.isascii() for look in LOOKS)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.verdict)
def test_kinds_agree_with_what_the_judge_calls_safe_and_failing(look):
    assert (look.kind == "safe") == look.verdict.safe
    assert (look.kind == "red") == look.verdict.failing


def test_what_is_no_verdict_of_the_pair_is_not_answered():
    mix = Mix.of([Verdict.IDENTICAL, Verdict.DRIFTED, Verdict.MISSING, Verdict.UNSUPPORTED])
    assert (mix.total, mix.answered, mix.safe, mix.failing) == (4, 2, 1, 1)
    assert mix[Verdict.DRIFTED] == 1


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (999, 1000, "99 %"),
        (1, 1000, "1 %"),
        (1, 3, "33 %"),
    ],
)
def test_a_percentage_never_rounds_a_failure_away(part, whole, text):
    assert percent(part, whole) == text
