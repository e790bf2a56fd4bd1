"""Each rule on small configurations and arrays, without a Keras."""

import json

import h5py
import numpy as np
import pytest

from runner.convert.script.keras1_names import layer_of_keras1, sequential_of_keras0
from runner.convert.script.layer_rules import _only_accepted
from runner.convert.script.model_graph import Graph, Layer, Ref, _call, graph_of
from runner.convert.script.rebuild import snake_case
from runner.convert.script.saved_files import Saved, arrays_below, read_saved
from runner.convert.script.tfjs_files import read_tfjs
from runner.convert.script.translation_rules import CannotTranslateError, Notes
from runner.convert.script.weight_forms import converted, scale_of
from runner.convert.script.weight_order import _groups_of, _places, _stacked, add_vocabularies


class Target:
    """What the rules ask of a target."""

    def __init__(self, *, is3, backend="tensorflow"):
        self.is3 = is3
        self.backend = backend


KERAS2, KERAS3 = Target(is3=False), Target(is3=True)


@pytest.fixture
def notes():
    return Notes()


def rules(notes):
    return {one["rule"] for one in notes.applied}


def layer(kind, **config):
    return Layer(config.get("name", kind.lower()), kind, config)


def test_a_convolution_of_keras_1_gets_the_names_of_keras_2(notes):
    old = {
        "class_name": "Convolution2D",
        "config": {
            "name": "c",
            "nb_filter": 8,
            "nb_row": 3,
            "nb_col": 5,
            "subsample": [2, 2],
            "border_mode": "same",
            "dim_ordering": "tf",
            "init": "glorot_uniform",
            "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
            "bias": True,
        },
    }
    new = layer_of_keras1(old, notes)
    assert new["class_name"] == "Conv2D"
    assert new["config"]["kernel_size"] == [3, 5]
    assert new["config"]["data_format"] == "channels_last"
    assert new["config"]["kernel_regularizer"]["config"] == {"l1": 0.0, "l2": 0.5}
    assert not {"nb_filter", "subsample", "border_mode", "init", "bias"} & set(new["config"])
    assert rules(notes) == {"keras1-arguments"}


def test_a_merge_becomes_the_layer_of_its_mode(notes):
    old = {"class_name": "Merge", "config": {"name": "m", "mode": "concat", "concat_axis": 1}}
    assert layer_of_keras1(old, notes)["config"]["axis"] == 1
    old = {"class_name": "Merge", "config": {"name": "m", "mode": "sum"}}
    assert layer_of_keras1(old, notes)["class_name"] == "Add"


def test_dropout_of_an_embedding_is_lost_and_that_is_said(notes):
    old = {"class_name": "Embedding", "config": {"name": "e", "output_dim": 3, "dropout": 0.2}}
    assert layer_of_keras1(old, notes)["config"]["output_dim"] == 3
    assert notes.lost


def test_a_sequential_of_keras_0_has_flat_layers(notes):
    old = {"name": "Sequential", "layers": [{"name": "Dense", "output_dim": 2, "input_shape": [4]}]}
    new = sequential_of_keras0(old, notes)
    assert new["config"][0]["config"]["batch_input_shape"] == [None, 4]


def test_twelve_arrays_of_an_lstm_become_three_in_the_order_of_keras_2(notes):
    arrays = [np.full((1, 1), number, "float32") for number in range(12)]
    made = converted(layer("LSTM", activation="tanh"), arrays, Saved({}, "1.2.2"), KERAS2, notes)
    assert made[0].tolist() == [[0.0, 6.0, 3.0, 9.0]]  # input, forget, cell, output
    assert rules(notes) == {"keras1-recurrent-weights"}


def test_kernels_of_theano_are_turned_and_dense_ones_are_not(notes):
    kernel = np.arange(6, dtype="float32").reshape(3, 2, 1)
    saved = Saved({}, "2.1.3", "theano")
    assert converted(layer("Conv1D"), [kernel], saved, KERAS3, notes)[0][0].tolist() == [[4], [5]]
    dense = np.arange(4, dtype="float32").reshape(2, 2)
    assert (converted(layer("Dense"), [dense], saved, KERAS3, notes)[0] == dense).all()
    assert rules(notes) == {"theano-kernels"}


def hard_sigmoid_2(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def hard_sigmoid_3(x):
    return np.clip(x + 3, 0, 6) / 6


def test_the_scale_of_hard_sigmoid_gives_the_same_numbers_on_both_sides():
    x = np.linspace(-9, 9, 1001)
    up = scale_of(Saved({}, "2.9.0"), KERAS3)
    down = scale_of(Saved({}, "3.5.0"), KERAS2)
    np.testing.assert_allclose(hard_sigmoid_3(up * x), hard_sigmoid_2(x), atol=1e-12)
    np.testing.assert_allclose(hard_sigmoid_2(down * x), hard_sigmoid_3(x), atol=1e-12)
    assert scale_of(Saved({}, "2.9.0"), KERAS2) is None


def test_only_the_gates_of_an_lstm_are_scaled(notes):
    lstm = layer("LSTM", activation="tanh", recurrent_activation="hard_sigmoid")
    made = converted(lstm, [np.ones((1, 4), "float32")], Saved({}, "2.4.0"), KERAS3, notes)
    np.testing.assert_allclose(made[0], [[1.2, 1.2, 1.0, 1.2]])


def test_an_lstm_with_sigmoid_keeps_its_arrays(notes):
    lstm = layer("LSTM", activation="tanh", recurrent_activation="sigmoid")
    made = converted(lstm, [np.ones((1, 4), "float32")], Saved({}, "2.4.0"), KERAS3, notes)
    assert (made[0] == 1).all()
    assert not notes.applied


def test_hard_sigmoid_for_the_state_has_no_translation(notes):
    lstm = layer("LSTM", activation="hard_sigmoid", recurrent_activation="hard_sigmoid")
    with pytest.raises(CannotTranslateError):
        converted(lstm, [np.ones((1, 4), "float32")], Saved({}, "2.4.0"), KERAS3, notes)


def test_an_argument_is_dropped_only_where_it_says_nothing(notes):
    config = {"units": 3, "time_major": False}
    _only_accepted(layer("LSTM"), config, {"units"}, notes)
    assert config == {"units": 3}
    with pytest.raises(CannotTranslateError, match="time_major=True"):
        _only_accepted(layer("LSTM"), {"time_major": True}, set(), notes)


def nested(first):
    inner = {"name": "inner", "layers": [{"class_name": "Dense", "config": {"name": "d"}}]}
    return {
        "class_name": "Functional",
        "config": {
            "name": "outer",
            "layers": [
                {"class_name": "InputLayer", "name": "i", "config": {"name": "i"}},
                {
                    "class_name": "Sequential",
                    "name": "inner",
                    "config": inner,
                    "inbound_nodes": [[["i", 0, 0, {}]]],
                },
            ],
            "input_layers": [["i", 0, 0]],
            "output_layers": [["inner", first, 0]],
        },
    }


@pytest.mark.parametrize("first", [0, 1])
def test_calls_of_an_inner_model_are_counted_from_zero(first, notes):
    graph = graph_of(nested(first), Saved({}, "2.4.0"), notes)
    assert graph.outputs == [Ref("inner", 0, 0)]


def test_a_list_of_layers_is_a_sequential_model(notes):
    config = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {}}]}
    assert graph_of(config, Saved(config, "2.1.3"), notes).sequential
    assert rules(notes) == {"sequential-list"}


def test_a_class_of_its_author_has_no_graph(notes):
    with pytest.raises(CannotTranslateError, match="its class is needed"):
        graph_of({"class_name": "Mine", "config": {"units": 3}}, Saved({}, "3.5.0"), notes)


def test_an_inner_model_lists_what_is_trained_first():
    assert _places([(2, 0), (2, 2), (1, 0)]) == [[0, 1], [2, 3, 5, 6], [4]]


def test_keras_2_13_leaves_gaps_in_its_numbers():
    group = {"dense": 1, "dense_4": 3, "dense_2": 2, "dropout": {}}
    assert _groups_of(group, "dense", [1, 2, 3]) == [1, 2, 3]


def test_variables_are_read_in_the_order_of_their_numbers():
    node = {
        "cell": {"vars": {str(one): np.array(one) for one in range(11)}},
        "seed_generator": {"vars": {"0": np.array(99)}},
    }
    assert [int(one) for one in arrays_below(node)] == list(range(11))


def test_names_of_classes_are_those_of_the_v3_layout():
    assert snake_case("Conv2DTranspose") == "conv2d_transpose"
    assert snake_case("LSTM") == "lstm"
    assert snake_case("BatchNormalization") == "batch_normalization"


def test_weights_alone_have_no_configuration(tmp_path):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as stream:
        stream.attrs["layer_names"] = [b"dense"]
        stream.create_group("dense").attrs["weight_names"] = []
    assert read_saved(str(path)).config is None


def test_an_operation_may_begin_with_a_constant(notes):
    node = ["_CONSTANT_VALUE", -1, 1.0, {"y": ["dense", 0, 0], "name": None}]
    assert _call(node) == ([1.0], {"y": Ref("dense", 0, 0), "name": None})


def test_cells_of_a_stack_are_taken_in_the_order_of_the_configuration():
    cells = [{"class_name": "LSTMCell"}, {"class_name": "GRUCell"}, {"class_name": "LSTMCell"}]
    stack = layer("RNN", cell={"class_name": "StackedRNNCells", "config": {"cells": cells}})
    group = {
        name: {"vars": {"0": value}}
        for name, value in (("gru_cell", 2), ("lstm_cell", 1), ("lstm_cell_1", 3))
    }
    assert _stacked(stack, {"cell": {"cells": group}}) == [1, 2, 3]


def test_vocabularies_in_an_archive_become_arguments():
    saved = Saved({}, "2.15.0")
    saved.assets = {"layers/string_lookup_1/vocabulary.txt": b"[UNK]\nred"}
    first, second = layer("StringLookup", name="a"), layer("StringLookup", name="b")
    add_vocabularies(saved, Graph("m", [first, second], True))
    assert (first.config.get("vocabulary"), second.config["vocabulary"]) == (None, ["[UNK]", "red"])


def test_shards_of_tensorflow_js_are_cut_into_arrays(tmp_path):
    weights = [
        {"name": "d/kernel", "shape": [2, 1], "dtype": "float32"},
        {
            "name": "d/bias",
            "shape": [1],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0},
        },
    ]
    data = np.array([3, 4], "<f4").tobytes() + bytes([4])
    (tmp_path / "a.bin").write_bytes(data[:3])
    (tmp_path / "b.bin").write_bytes(data[3:])
    found = {
        "modelTopology": {"model_config": {"class_name": "Sequential", "config": []}},
        "weightsManifest": [{"paths": ["a.bin", "b.bin"], "weights": weights}],
    }
    config, _, layers = read_tfjs(str(tmp_path / "model.json"), found)
    assert config["class_name"] == "Sequential"
    assert [(name, one.tolist()) for name, one in layers["d"]] == [
        ("kernel", [[3.0], [4.0]]),
        ("bias", [1.0]),
    ]


def test_an_architecture_as_a_json_string_is_read(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(json.dumps({"class_name": "Sequential", "config": []})))
    assert read_saved(str(path)).config["class_name"] == "Sequential"


def test_a_text_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_text("<html>")
    with pytest.raises(CannotTranslateError, match="neither JSON"):
        read_saved(str(path))
