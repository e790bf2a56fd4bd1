"""The whole search on releases that are not installed: ends, skips, what is asked how often."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.version import Version

from runner.bisect.bisected import Mark
from runner.bisect.outcomes import NoAnswer, Outcome
from runner.bisect.releases import Release, Releases
from runner.bisect.search import Ends, Search
from runner.errors import ToolError

GOOD = Outcome(verdict="identical", works=True, reason="the same")
BAD = Outcome(verdict="refused", works=False, reason="TypeError", cause="TypeError")
OTHER = Outcome(verdict="refused", works=False, reason="KeyError", cause="KeyError")


class Played(Search):
    """A search whose releases answer from a text, a letter each: g, b, o, - for no answer."""

    answers: str = ""

    def _asked(self, index, good):
        del good
        return {"g": GOOD, "b": BAD, "o": OTHER}.get(self.answers[index]) or NoAnswer(reason="no")


def search(answers):
    class State:
        def state(self):
            return 0, None

    versions = [Version(f"1.{number}") for number in range(len(answers))]
    engine = SimpleNamespace(session=SimpleNamespace(database=State(), build=Path()))
    made = Played(
        engine=engine,
        held=SimpleNamespace(package="thing"),
        releases=Releases(
            package="thing",
            all=tuple(Release(version=one, python="3.11") for one in versions),
        ),
        question=None,
        told=lambda step: None,
    )
    made.answers = answers
    return made


def bracket(answers, **ends):
    found = search(answers).run(Ends(**ends))
    return found.bracket and (found.bracket.older, found.bracket.newer)


def test_named_ends_are_verified_and_narrowed():
    made = search("ggggbbbb")
    found = made.run(Ends(good=0, bad=7))
    assert (found.bracket.older, found.bracket.newer) == (3, 4)
    assert [one.version for one in made.steps[:2]] == ["1.0", "1.7"]
    assert len(made.steps) == 2 + 3


def test_a_held_release_that_fails_is_compared_with_older_ones_the_nearest_first():
    made = search("gggggggbbb")
    found = made.run(Ends(held=9))
    assert (found.bracket.older, found.bracket.newer) == (6, 7)
    assert [one.version for one in made.steps][:4] == ["1.9", "1.8", "1.7", "1.5"]


def test_a_held_release_that_works_is_compared_with_the_newest():
    assert bracket("gggbbb", held=1) == (2, 3)


def test_the_first_release_that_works_again_is_found_from_both_sides():
    assert bracket("bbbggg", held=5, fixed=True) == (2, 3)
    assert bracket("bbbggg", held=0, fixed=True) == (2, 3)
    assert bracket("bbbggg", good=5, bad=0) == (2, 3)


def test_ends_that_do_not_differ_are_searched_between():
    assert bracket("gggbgg", good=0, bad=5) == (2, 3)
    found = search("gggggg").run(Ends(good=0, bad=5))
    assert found.bracket is None
    assert "do not differ, nor do 4 of the 4 releases between them" in found.why


def test_nothing_is_found_where_no_release_differs():
    found = search("bbbb").run(Ends(held=3))
    assert found.bracket is None
    assert "works with no older release that was asked" in found.why
    found = search("gggg").run(Ends(held=3))
    assert "there is no newer release" in found.why


def test_a_release_that_fails_otherwise_is_bad_too():
    assert bracket("ggoobb", good=0, bad=5) == (1, 2)


def test_releases_that_fail_otherwise_can_be_told_apart():
    assert bracket("bbbooo", good=0, bad=5) == (2, 3)


def test_skipped_releases_beside_the_change_are_kept():
    made = search("gg--bb")
    found = made.run(Ends(good=0, bad=5))
    assert (found.bracket.older, found.bracket.newer, found.bracket.skipped) == (1, 4, (2, 3))
    assert [one.mark for one in made.steps].count(Mark.SKIP) == 2


def test_an_end_without_an_answer_is_named():
    with pytest.raises(ToolError, match=r"thing 1\.5, the bad end, gives no answer: no"):
        search("ggggg-").run(Ends(good=0, bad=5))
    with pytest.raises(ToolError, match=r"the held end"):
        search("ggggg-").run(Ends(held=5))


def test_exchanged_ends_are_a_mistake_of_the_user():
    with pytest.raises(ToolError, match="exchange the two"):
        search("bbbggg").run(Ends(good=0, bad=5))


def test_a_bad_end_that_works_needs_a_good_one():
    with pytest.raises(ToolError, match="name a release with --good as well"):
        search("ggg").run(Ends(bad=2))
