"""Inputs and outputs in any nesting: flat in Keras' own order, and back."""

import pytest

from runner.worker.nesting import leaves, packed

NESTED = {"beta": [1, {"q": 2, "a": 3}], "alpha": (4,)}


def test_leaves_come_in_the_order_of_sorted_keys():
    assert leaves(NESTED) == [4, 1, 3, 2]


def test_packed_is_the_reverse_and_keeps_the_keys_in_their_order():
    found = packed(NESTED, ["w", "x", "y", "z"])
    assert found == {"beta": ["x", {"q": "z", "a": "y"}], "alpha": ["w"]}
    assert list(found) == ["beta", "alpha"]


def test_one_alone_is_a_leaf():
    assert leaves(5) == [5]
    assert packed(None, [7]) == 7


def test_another_number_of_arrays_is_an_error():
    with pytest.raises(ValueError, match="1 arrays for a structure of 4"):
        packed(NESTED, [1])
