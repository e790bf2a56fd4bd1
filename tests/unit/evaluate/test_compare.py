import numpy as np
import pytest

from runner.evaluate.numbers import compare_outputs, compare_weights
from runner.model.matrix import Tolerance
from tests.unit.factories import variable

TIGHT = Tolerance(rtol=1e-4, atol=1e-5)


def arrays(*values):
    return tuple(np.array(value, dtype="float32") for value in values)


def test_equal_outputs_are_equal():
    found = compare_outputs(arrays([1.0, 2.0]), arrays([1.0, 2.0]), TIGHT)
    assert (found.equal, found.mismatched, found.max_abs) == (True, 0, 0.0)


def test_a_difference_inside_the_tolerance_is_equal_and_still_measured():
    found = compare_outputs(arrays([100.0]), arrays([100.005]), TIGHT)
    assert found.equal
    assert found.max_abs == pytest.approx(0.005, abs=1e-3)


def test_the_worst_element_is_the_one_furthest_over_its_own_tolerance():
    found = compare_outputs(arrays([1000.0, 0.001]), arrays([1000.2, 0.003]), TIGHT)
    assert not found.equal
    assert found.worst_index == (0, 1)
    assert found.worst_saved == pytest.approx(0.001)
    assert found.worst_loaded == pytest.approx(0.003)
    assert found.mismatched == 2


def test_nan_against_a_number_is_never_equal():
    assert not compare_outputs(arrays([np.nan]), arrays([1.0]), TIGHT).equal
    assert not compare_outputs(arrays([1.0]), arrays([np.nan]), TIGHT).equal


def test_nan_against_nan_at_one_place_is_equal():
    assert compare_outputs(arrays([np.nan, 1.0]), arrays([np.nan, 1.0]), TIGHT).equal


def test_infinities_of_other_signs_are_not_equal():
    assert compare_outputs(arrays([np.inf]), arrays([np.inf]), TIGHT).equal
    assert not compare_outputs(arrays([np.inf]), arrays([-np.inf]), TIGHT).equal
    assert not compare_outputs(arrays([np.inf]), arrays([1.0]), TIGHT).equal


@pytest.mark.parametrize(
    ("loaded", "reason"),
    [
        (arrays([1.0], [2.0]), "the saver has 1 outputs, the loader 2"),
        (arrays([[1.0]]), "output 0 has shape (1,) saved and (1, 1) loaded"),
    ],
)
def test_another_shape_or_count_is_never_equal(loaded, reason):
    found = compare_outputs(arrays([1.0]), loaded, TIGHT)
    assert not found.equal
    assert found.reason == reason


def test_texts_are_equal_or_not_at_all():
    saved = (np.array([["red", "green"]]),)
    assert compare_outputs(saved, (np.array([["red", "green"]], dtype="<U9"),), TIGHT).equal
    found = compare_outputs(saved, (np.array([["red", "[UNK]"]]),), TIGHT)
    assert (found.equal, found.mismatched, found.worst_index) == (False, 1, (0, 0, 1))
    assert found.worst_saved is None
    assert found.reason == "output 0 is text, and another one"
    assert not compare_outputs(saved, arrays([[1.0, 2.0]]), TIGHT).equal


def test_nothing_predicted_is_never_equal():
    assert not compare_outputs((), (), TIGHT).equal


def test_weights_are_matched_whatever_their_order():
    found = compare_weights([variable("a"), variable("b")], [variable("b"), variable("a")])
    assert found.all_equal


def test_one_changed_weight_is_seen():
    found = compare_weights([variable("a"), variable("b")], [variable("a"), variable("c")])
    assert (found.saved, found.equal, found.all_equal) == (2, 1, False)


def test_the_same_array_twice_is_counted_twice():
    found = compare_weights([variable("a"), variable("a")], [variable("a"), variable("b")])
    assert found.equal == 1


def test_flipped_kernels_are_told_from_other_values():
    found = compare_weights([variable("k")], [variable("x", flipped="k")])
    assert (found.equal, found.flipped) == (0, 1)


def test_seeds_and_counters_are_no_weights():
    found = compare_weights([variable("a")], [variable("a"), variable("seed", dtype="uint32")])
    assert found.all_equal
