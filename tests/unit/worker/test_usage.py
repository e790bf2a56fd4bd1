"""How a value is nested, and what a model that does not answer leaves out."""

from types import SimpleNamespace

import numpy as np
import pytest

from runner.worker.usage import lasting, nested, structure, trainable

ONE = np.zeros(2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ONE, "*"),
        ([ONE], "[*]"),
        ((ONE, ONE), "[*, *]"),
        ({"b": ONE, "a": [ONE, {"c": ONE}]}, "{a: [*, {c: *}], b: *}"),
    ],
)
def test_a_structure_is_told_from_any_other(value, text):
    assert structure(value) == text


class Sequential:
    """As Keras 3 answers for a Sequential that was loaded."""

    @property
    def input(self):
        raise AttributeError("The layer sequential has never been called")

    @property
    def trainable_weights(self):
        raise ValueError("not built")


def test_what_a_model_does_not_answer_is_left_out():
    assert nested(Sequential(), ONE, None) == {"predict()": "*"}
    assert trainable(Sequential()) is None


def test_input_output_and_answers_are_named_as_a_user_writes_them():
    model = SimpleNamespace(input={"a": ONE}, output=[ONE], trainable_weights=[1, 2])
    assert nested(model, [ONE], ONE) == {
        "predict()": "[*]",
        "model(x)": "*",
        "model.input": "{a: *}",
        "model.output": "[*]",
    }
    assert trainable(model) == 2


def test_what_each_load_counts_or_compiles_anew_is_no_part_of_what_lasts():
    def config(calls, code, units=4):
        return {
            "layers": [
                {"config": {"units": units}, "inbound_nodes": calls},
                {"config": {"function": [code, None]}},
            ],
            "input_layers": (calls,),
        }

    assert lasting(config(["a", 0], "c1")) == lasting(config(["a", 1], "c2"))
    assert lasting(config([], "c")) != lasting(config([], "c", units=5))


def test_objects_in_a_configuration_are_told_by_their_class():
    assert lasting({"a": (object(), 1)}) == lasting({"a": [object(), 1]})
