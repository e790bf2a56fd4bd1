"""Weights files that hold nothing of a layer."""

import h5py
import pytest

from runner.worker.arrays import is_empty


@pytest.mark.parametrize(
    ("arrays", "empty"),
    [
        ((), True),
        (("optimizer/vars/0",), True),
        (("layers/dense/vars/0",), False),
        (("optimizer/vars/0", "model_weights/dense/dense/kernel:0"), False),
    ],
)
def test_a_file_without_arrays_of_layers_is_empty(tmp_path, arrays, empty):
    path = tmp_path / "model.weights.h5"
    with h5py.File(path, "w") as stream:
        stream.create_group("layers/dense")
        for name in arrays:
            stream[name] = [1.0]
    assert is_empty(str(path)) is empty
