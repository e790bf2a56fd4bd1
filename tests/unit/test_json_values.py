"""Plain data to values: strict, all mistakes at once with their places."""

import json
import math
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.json_values import MalformedJsonError, from_plain, to_plain
from runner.model.results import Results
from tests.unit.reports.factories import cell, results


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    colour: Colour
    size: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    name: str
    count: int
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[str, int] = ("", 0)
    best: Leaf | None = None
    alive: bool = True


WHOLE = Tree(
    name="t",
    count=2,
    leaves=(Leaf(colour=Colour.RED, size=1.5), Leaf(colour=Colour.BLUE)),
    pair=("a", 1),
    best=Leaf(colour=Colour.RED),
    alive=False,
)


def mistakes(data):
    with pytest.raises(MalformedJsonError) as caught:
        from_plain(Tree, data)
    return list(caught.value.mistakes)


def test_the_plain_data_holds_plain_types_only():
    data = to_plain(WHOLE)
    assert type(data["leaves"][0]["colour"]) is str
    assert type(from_plain(Tree, data).leaves[0].colour) is Colour
    assert type(data["pair"]) is type(data["leaves"]) is list


def test_a_value_comes_back_as_it_went_out():
    assert from_plain(Tree, json.loads(json.dumps(to_plain(WHOLE)))) == WHOLE


def test_fields_with_their_default_are_left_out():
    assert to_plain(Tree(name="t", count=1)) == {"name": "t", "count": 1}
    assert to_plain(Tree(name="t", count=1), defaults=True)["alive"] is True


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"count": "2"}, "'2' in place of a whole number @ $.count"),
        ({"count": True}, "True in place of a whole number @ $.count"),
        ({"count": 2.0}, "2.0 in place of a whole number @ $.count"),
        ({"name": 3}, "3 in place of a text @ $.name"),
        ({"alive": 1}, "1 in place of true or false @ $.alive"),
        ({"leaves": "none"}, "'none' in place of a list @ $.leaves"),
        ({"leaves": {"a": 1}}, "{'a': 1} in place of a list @ $.leaves"),
        ({"best": "red"}, "'red' in place of an object @ $.best"),
        ({"best": []}, "[] in place of an object @ $.best"),
        ({"leaves": [{"colour": "green"}]}, "'green' is not a valid Colour @ $.leaves[0].colour"),
        ({"leaves": [{}]}, "the key 'colour' is missing @ $.leaves[0].colour"),
        (
            {"leaves": [{"colour": "red", "size": "big"}]},
            "'big' in place of a number @ $.leaves[0].size",
        ),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(change, found):
    assert mistakes({**to_plain(WHOLE), **change}) == [found]


@pytest.mark.parametrize("pair", [["a"], ["a", 1, 2], ["a", "b"], [1, 1], None])
def test_a_pair_has_two_parts_of_its_types(pair):
    (found,) = mistakes({**to_plain(WHOLE), "pair": pair})[:1]
    assert "$.pair" in found


@pytest.mark.parametrize("data", [None, 3, "text", [], [{}]])
def test_what_is_no_object_at_all_is_refused(data):
    assert mistakes(data) == [f"{data!r} in place of an object @ $"]


def test_all_mistakes_are_reported_at_once_and_a_message_lists_a_few():
    data = {"name": 1, "count": "x", "leaves": [{"colour": "green"}] * 20}
    with pytest.raises(MalformedJsonError) as caught:
        from_plain(Tree, data)
    assert len(caught.value.mistakes) == 22
    assert str(caught.value).endswith("; and 12 more")


def test_numbers_that_json_has_not_survive():
    for size in (math.inf, -math.inf):
        leaf = Leaf(colour=Colour.RED, size=size)
        assert from_plain(Leaf, json.loads(json.dumps(to_plain(leaf), allow_nan=False))) == leaf
    assert math.isnan(from_plain(Leaf, {"colour": "red", "size": "nan"}).size)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
SMALL = to_plain(results([cell("a/m/h5/b")]))


@settings(deadline=None)  # other work may hold up the machine
@given(data=JSON, field=st.sampled_from(sorted(SMALL)))
def test_no_json_ends_in_another_error(data, field):
    for value in (data, {**SMALL, field: data}):
        with suppress(MalformedJsonError):
            assert isinstance(from_plain(Results, value), Results)
