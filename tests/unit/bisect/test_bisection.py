"""The search as a pure function, with releases that answer, and with releases that do not."""

from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from runner.bisect.bisection import (
    Answer,
    End,
    away_from,
    back_from,
    between,
    bisect,
    seek,
    seek_last,
)


@st.composite
def histories(draw):
    """How many releases, the first that is new, and those between the ends that are skipped."""
    count = draw(st.integers(2, 300))
    first_new = draw(st.integers(1, count - 1))
    skipped = draw(st.sets(st.integers(1, count - 2), max_size=count)) if count > 2 else set()
    return count, first_new, skipped


class Releases:
    def __init__(self, first_new, skipped=()):
        self.first_new, self.skipped, self.asked = first_new, skipped, []

    def __call__(self, index):
        self.asked.append(index)
        if index in self.skipped:
            return Answer.SKIP
        return Answer.NEW if index >= self.first_new else Answer.OLD


@given(histories())
def test_the_two_releases_are_the_nearest_that_answer_and_differ(history):
    count, first_new, skipped = history
    found = bisect(0, count - 1, Releases(first_new, skipped))
    answering = [index for index in range(count) if index not in skipped]
    assert found.older == max(index for index in answering if index < first_new)
    assert found.newer == min(index for index in answering if index >= first_new)
    assert found.skipped == tuple(range(found.older + 1, found.newer))


@given(histories())
def test_the_number_of_questions_is_that_of_a_binary_search_and_the_skips(history):
    count, first_new, skipped = history
    releases = Releases(first_new, skipped)
    bisect(0, count - 1, releases)
    assert len(releases.asked) == len(set(releases.asked))
    skips = len(set(releases.asked) & set(skipped))
    assert len(releases.asked) <= ceil(log2(count - 1)) + skips


@given(histories())
def test_nothing_is_asked_outside_of_the_ends(history):
    count, first_new, skipped = history
    releases = Releases(first_new, skipped)
    bisect(0, count - 1, releases)
    assert all(0 < index < count - 1 for index in releases.asked)


def test_neighbours_are_not_searched():
    releases = Releases(1)
    assert bisect(0, 1, releases).newer == 1
    assert releases.asked == []


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_path_away_doubles_its_steps_and_ends_at_its_end(start, stop):
    path = list(away_from(start, stop))
    steps = [abs(index - start) for index in path]
    assert path == [] if start == stop else path[-1] == stop
    assert steps[:-1] == [2**number for number in range(len(steps) - 1)]
    assert all(min(start, stop) <= index <= max(start, stop) for index in path)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_path_back_begins_at_the_far_end_and_never_asks_the_near_one(start, stop):
    path = list(back_from(stop, start))
    assert start not in path
    assert path[:1] == ([stop] if stop != start else [])


@given(st.integers(0, 60), st.integers(0, 60))
def test_all_releases_between_two_are_asked_once_the_middle_first(older, newer):
    path = list(between(older, newer))
    assert sorted(path) == list(range(older + 1, newer))
    assert path[:1] == ([(older + newer) // 2] if newer - older > 1 else [])


def test_the_last_release_that_answers_as_the_start_is_remembered():
    found = seek(9, away_from(9, 0), Releases(4, {7}), same=Answer.NEW)
    assert found == End(near=5, far=1)


def test_a_side_that_is_not_there_is_not_found():
    assert seek(9, away_from(9, 0), Releases(0), same=Answer.NEW) is None


def test_the_newest_release_that_answers_decides():
    assert seek_last(2, back_from(9, 2), Releases(4, {9, 8}), same=Answer.OLD) == End(near=2, far=7)
    assert seek_last(2, back_from(9, 2), Releases(20), same=Answer.OLD) is None
