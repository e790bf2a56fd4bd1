"""One rank, kind and redness of each verdict; every order in the program follows from them."""

import pytest

from reports.looks import LOOKS
from runner.model.comparison import ChangeKind, Turn, change_kind
from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict, VerdictKind


@pytest.mark.parametrize("kind", [Verdict, ArtifactStatus, EnvironmentStatus])
def test_every_member_has_a_rank(kind):
    assert all(isinstance(member.rank, int) for member in kind)


def test_the_order_of_reports_is_verdicts_of_the_pair_best_to_worst_then_the_others():
    pairs = [verdict for verdict in Verdict if verdict.kind is not VerdictKind.ASIDE]
    assert pairs == sorted(pairs, key=lambda verdict: verdict.rank)
    assert list(Verdict)[: len(pairs)] == pairs
    assert [look.verdict for look in LOOKS] == list(Verdict)
    assert pairs[-1] is Verdict.DRIFTED


def test_red_is_a_pair_that_fails_or_a_broken_control():
    assert {verdict for verdict in Verdict if verdict.red} == {
        *(verdict for verdict in Verdict if verdict.failing),
        Verdict.BROKEN,
    }


def test_any_answer_ranks_above_none():
    answers = [verdict.rank for verdict in Verdict if verdict.answered]
    assert min(answers) > max(verdict.rank for verdict in Verdict if not verdict.answered)


@pytest.mark.parametrize("before", Verdict)
@pytest.mark.parametrize("after", Verdict)
def test_two_answers_turn_as_their_ranks_do(before, after):
    if before is after or not before.answered or not after.answered:
        return
    expected = {True: Turn.WORSE, False: Turn.BETTER}[after.rank > before.rank]
    if after.rank == before.rank:
        expected = Turn.OTHER
    assert change_kind(before, after).turn is expected


@pytest.mark.parametrize("before", Verdict)
@pytest.mark.parametrize("after", Verdict)
def test_a_cell_breaks_exactly_where_it_is_red_and_was_not(before, after):
    if before is not after:
        broke = change_kind(before, after) is ChangeKind.BROKE
        assert broke == (after.red and not before.red)
