"""Arrays through JSON: numbers, truth values and text, on both sides of the border."""

import json

import numpy as np
import pytest

from runner.worker import codec
from runner.worker_client.evidence_reader import array_from_json

ARRAYS = [
    np.array([[1.5, -2.0], [0.0, np.inf]], dtype="float32"),
    np.array(3.0),
    np.array([True, False]),
    np.array([[1], [-(2**40)]], dtype="int64"),
    np.array([["the film", ""], ["größe two", "x"]]),
    np.array([""]),
    np.zeros((0, 3), dtype="float32"),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_an_array_comes_back_as_it_went_in_the_worker_and_on_the_host(array):
    item = json.loads(json.dumps(codec.encode(array)))
    for found in (codec.decode(item), array_from_json(item)):
        assert found.shape == array.shape
        assert found.dtype.kind == array.dtype.kind
        assert np.array_equal(found, array)


def test_text_of_tensorflow_is_objects_of_bytes():
    array = np.array([b"gr\xc3\xb6\xc3\x9fe", b"\xff", "plain"], dtype=object)
    assert codec.decode(codec.encode(array)).tolist() == ["größe", "\\xff", "plain"]


def test_what_is_neither_number_nor_text_becomes_float32():
    array = np.array([1, 2.5], dtype=object)
    assert codec.decode(codec.encode(array)).tolist() == [1.0, 2.5]


def test_a_digest_of_text_tells_texts_and_shapes_apart():
    digests = {
        codec.digest(np.array(values))
        for values in (["a", "b"], ["ab", ""], ["b", "a"], [["a", "b"]], ["a", "c"])
    }
    assert len(digests) == 5
    assert codec.digest(np.array(["a"], dtype="<U9")) == codec.digest(np.array([b"a"]))


def test_a_digest_of_numbers_does_not_depend_on_their_precision():
    values = np.array([1.0, 0.1])
    assert codec.digest(values) == codec.digest(values.astype("float32"))
