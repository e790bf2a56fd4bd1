"""When the results so far are shown."""

from runner.run.early_results import EVERY, EarlyResults


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def early(seconds=0.0):
    clock, shown = Clock(), []

    def show(results):
        clock.now += seconds
        shown.append(results)

    return EarlyResults(show, clock=clock), clock, shown


def test_nothing_is_shown_before_it_is_due_or_before_there_is_an_answer():
    made, clock, shown = early()
    made.tick(3, lambda: "results")
    clock.now = EVERY
    made.tick(0, lambda: "results")
    assert shown == []
    made.tick(3, lambda: "results")
    assert shown == ["results"]


def test_it_is_shown_again_only_where_there_are_further_answers_and_later():
    made, clock, shown = early()
    clock.now = EVERY
    made.tick(3, lambda: 1)
    clock.now += EVERY
    made.tick(3, lambda: 2)
    made.tick(4, lambda: 3)
    made.tick(5, lambda: 4)
    assert shown == [1, 3]


def test_a_page_that_takes_long_is_written_less_often():
    made, clock, shown = early(seconds=6.0)
    clock.now = EVERY
    made.tick(3, lambda: 1)
    clock.now += EVERY
    made.tick(4, lambda: 2)
    assert shown == [1]
    clock.now += 120.0
    made.tick(5, lambda: 3)
    assert shown == [1, 3]


def test_it_can_be_shown_at_once():
    made, _, shown = early()
    made.show(3, lambda: 1)
    made.show(3, lambda: 2)
    assert shown == [1]
