import json
from dataclasses import replace

import pytest

from runner.model.inspection import (
    Architecture,
    CodeItem,
    CustomName,
    FileFormat,
    Inspection,
    Level,
    Minimum,
    Remark,
    Saver,
    TensorFacts,
    Training,
    Weights,
)
from runner.modelfile import inspection_json as codec
from runner.modelfile.inspection_text import lines_of

FULL = Inspection(
    path="model.h5",
    format=FileFormat.H5,
    title="a whole model in HDF5, saved by Keras 2.9.0 (TensorFlow 2.9)",
    bytes=28_000,
    saver=Saver(keras="2.9.0", tensorflow="2.9", backend="tensorflow", generation=2),
    architecture=Architecture(
        class_name="Sequential",
        name="net",
        layers=(("Sequential", 1), ("Dense", 2)),
        inputs=(TensorFacts(name="x", shape=(None, 4), dtype="float32"),),
        outputs=(TensorFacts(name="y"),),
        dtypes=("mixed_float16",),
    ),
    training=Training(optimizer="Adam", loss="mse", metrics=("mae",), state=True),
    weights=Weights(present=True, arrays=4, parameters=1234, dtypes=("float32",)),
    minimum=(Minimum(package="tensorflow", version="2.3", because="class Functional"),),
    custom=(CustomName(kind="layer", key="pkg>Mine"),),
    code=(CodeItem(kind="bytecode", where="lambda", detail="runs stored bytecode"),),
    remarks=(Remark(id="truncated", level=Level.PROBLEM, text="truncated: fetch it again"),),
)


def test_an_inspection_survives_json():
    assert codec.from_json(json.loads(json.dumps(codec.to_json(FULL)))) == FULL


@pytest.mark.parametrize(
    "change",
    [{"bytes": "many"}, {"format": "nonsense"}, {"remarks": 3}, {"architecture": []}, {"path": 1}],
)
def test_json_of_another_shape_is_refused(change):
    with pytest.raises((ValueError, TypeError)):
        codec.from_json({**codec.to_json(FULL), **change})


def test_people_read_the_problem_first():
    lines = list(lines_of(FULL))
    assert lines[0] == ("problem", "truncated: fetch it again")
    text = "\n".join(f"{label} {words}" for label, words in lines)
    assert "needs TensorFlow 2.3 or later (class Functional)" in text
    assert "pkg>Mine (layer)" in text
    assert "x (None, 4) float32" in text
    assert "1,234 parameters in 4 arrays" in text


def test_weights_that_are_missing_are_none():
    lines = dict(lines_of(replace(FULL, weights=Weights(present=False))))
    assert lines["weights"] == "none"
