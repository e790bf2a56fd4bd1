"""Inputs made for a model: of its own shapes, types, vocabularies and nesting."""

from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from runner.worker.probing import SIZES, wanted
from runner.worker.subject import NoInputs


def tensor(*shape, dtype="float32"):
    return SimpleNamespace(shape=shape, dtype=dtype)


def model(*tensors, structure=None, layers=()):
    structure = list(tensors) if structure is None else structure
    return SimpleNamespace(inputs=list(tensors), input=structure, layers=list(layers))


def layer(kind, reads, **attributes):
    made = type(kind, (), {})()
    vars(made).update(input=reads, **attributes)
    return made


def first(asked, hints=()):
    return next(wanted(asked, list(hints)).candidates())


def test_a_model_without_free_axes_has_one_set_of_inputs():
    (inputs,) = wanted(model(tensor(None, 3, 2)), []).candidates()
    (values,) = inputs
    assert values.shape == (4, 3, 2)
    assert values.min() < -0.5
    assert values.max() > 0.5


def test_a_free_axis_is_tried_in_other_lengths_longer_ones_first():
    found = [inputs[0].shape[1] for inputs in wanted(model(tensor(None, None, 1)), []).candidates()]
    assert found == [sizes[3] for sizes in SIZES if 3 in sizes]
    assert found.index(1024) < found.index(4)


def test_an_image_of_free_size_is_tried_larger_and_smaller():
    asked = wanted(model(tensor(None, None, None, 3)), [])
    found = {inputs[0].shape[1:3] for inputs in asked.candidates()}
    assert {(64, 64), (224, 224), (32, 32)} <= found


def test_numbers_that_may_be_indices_are_tried_small():
    second = list(islice(wanted(model(tensor(None, 5)), []).candidates(), 2))[1]
    assert set(np.unique(second[0])) == {0, 1}


def test_an_embedding_bounds_the_integers_of_the_input_that_it_reads():
    ids, other = tensor(None, 40, dtype="int32"), tensor(None, 40, dtype="int32")
    inputs = first(model(ids, other, layers=[layer("Embedding", other, input_dim=3)]))
    assert inputs[1].max() == 2
    assert inputs[0].max() > 2


def test_a_hint_of_the_file_bounds_integers_as_well():
    hint = {"shape": [None, 40], "dtype": "float32", "below": 2}
    assert set(np.unique(first(model(tensor(None, 40)), [hint])[0])) == {0, 1}


def test_text_is_made_from_the_vocabulary_with_a_word_that_is_not_in_it():
    text = tensor(None, 6, dtype="string")
    lookup = layer("StringLookup", text, get_vocabulary=lambda: ["[UNK]", "red", "green", "blue"])
    (values,) = first(model(text, layers=[lookup]))
    assert values.dtype.kind == "U"
    assert set(np.unique(values)) == {"red", "green", "blue", "the"}


def test_a_layer_that_splits_text_gets_sentences():
    text = tensor(None, 1, dtype="string")
    vectors = layer("TextVectorization", text, get_vocabulary=lambda: ["", "[UNK]", "red", "green"])
    (values,) = first(model(text, layers=[vectors]))
    assert values.shape == (4, 1)
    assert all(len(line.split()) == 4 for line in values.ravel())


def test_text_without_a_vocabulary_is_plain_words():
    (values,) = first(model(tensor(None, 2, dtype="string")))
    assert len(set(values.ravel())) > 3


def test_integers_are_made_from_their_vocabulary():
    ids = tensor(None, 3, dtype="int64")
    lookup = layer("IntegerLookup", ids, get_vocabulary=lambda: [-1, 10, 20, 30])
    (values,) = first(model(ids, layers=[lookup]))
    assert set(np.unique(values)) == {10, 20, 30}
    assert values.dtype == "int64"


def test_a_lookup_that_turns_numbers_into_texts_gets_numbers_of_its_size():
    ids = tensor(None, 9, dtype="int64")
    lookup = layer("StringLookup", ids, get_vocabulary=lambda: ["[UNK]", "a", "b"], invert=True)
    (values,) = first(model(ids, layers=[lookup]))
    assert set(np.unique(values)) <= {0, 1, 2}


def test_truth_values_are_both():
    (values,) = first(model(tensor(None, 5, dtype="bool")))
    assert values.dtype == bool
    assert len(np.unique(values)) == 2


def test_named_inputs_stay_named_and_each_has_its_own_shape():
    alpha, beta = tensor(None, 3), tensor(None, 4)
    inputs = first(model(alpha, beta, structure={"beta": beta, "alpha": alpha}))
    assert {name: value.shape for name, value in inputs.items()} == {
        "alpha": (4, 3),
        "beta": (4, 4),
    }


def test_inputs_in_inputs_keep_their_nesting():
    alpha, beta = tensor(None, 3), tensor(None, 4)
    inputs = first(model(alpha, beta, structure=[alpha, {"q": beta}]))
    assert (inputs[0].shape, inputs[1]["q"].shape) == ((4, 3), (4, 4))


def test_without_a_model_the_hints_of_the_file_tell():
    (values,) = first(None, [{"shape": [None, 2], "dtype": None, "below": None}])
    assert values.shape == (4, 2)


def test_without_any_shape_nothing_is_made():
    with pytest.raises(NoInputs, match="not known"):
        first(None, [{"shape": None, "dtype": None, "below": None}])


def test_what_is_too_large_is_said():
    with pytest.raises(NoInputs, match="too large"):
        first(model(tensor(None, 4000, 4000, 3)))


def test_every_environment_makes_the_same():
    one, other = (first(model(tensor(None, None, 2))) for _ in range(2))
    assert np.array_equal(one[0], other[0])
