"""Configurations between Keras 2 and 3: what is dropped, renamed, inserted, and what never is."""

import copy

import pytest

from runner.worker.calls import Untranslatable
from runner.worker.translate import from_keras3, translate
from tests.unit.worker.configs import KERAS3, first, layer, sequential


def keras3_layer(name, /, **config):
    return {
        "module": "keras.layers",
        "registered_name": None,
        "build_config": {"input_shape": [None, 4]},
        **layer(name, **config),
    }


def test_the_source_stays_as_it_was():
    source = sequential(layer("LSTM", time_major=False, batch_input_shape=[None, 3, 4]))
    before = copy.deepcopy(source)
    translate(source, True, KERAS3)
    assert source == before


def test_a_keras_3_file_is_known_by_batch_shape():
    assert from_keras3(sequential(layer("InputLayer", batch_shape=[None, 4])))
    assert not from_keras3(sequential(layer("InputLayer", batch_input_shape=[None, 4])))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("LSTM", "time_major", False),
        ("DepthwiseConv2D", "groups", 1),
        ("Conv2DTranspose", "groups", 1),
        ("Embedding", "input_length", 5),
        ("GlorotUniform", "dtype", "float32"),
    ],
)
def test_a_key_that_keras_3_lacks_is_dropped_at_its_default(name, key, value):
    source = sequential(layer("InputLayer"), layer(name, **{key: value}))
    assert key not in first(translate(source, True, KERAS3), 1)["config"]


@pytest.mark.parametrize(
    ("name", "key", "value"), [("LSTM", "time_major", True), ("DepthwiseConv2D", "groups", 2)]
)
def test_a_key_that_means_something_is_never_dropped(name, key, value):
    with pytest.raises(Untranslatable, match=key):
        translate(sequential(layer("InputLayer"), layer(name, **{key: value})), True, KERAS3)


def test_the_first_layers_shape_becomes_an_input_layer():
    found = translate(sequential(layer("Dense", batch_input_shape=[None, 4])), True, KERAS3)
    assert first(found)["class_name"] == "InputLayer"
    assert first(found)["config"]["batch_input_shape"] == [None, 4]
    assert "batch_input_shape" not in first(found, 1)["config"]


def test_a_policy_becomes_its_name():
    policy = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    found = translate(sequential(layer("InputLayer"), layer("Dense", dtype=policy)), True, KERAS3)
    assert first(found, 1)["config"]["dtype"] == "mixed_float16"


def test_one_axis_in_a_list_is_taken_out():
    source = sequential(layer("InputLayer"), layer("BatchNormalization", axis=[3]))
    assert first(translate(source, True, KERAS3), 1)["config"]["axis"] == 3


def test_the_layer_inside_a_wrapper_learns_where_it_is_from():
    source = sequential(layer("InputLayer"), layer("Bidirectional", layer=layer("LSTM")))
    inner = first(translate(source, True, KERAS3), 1)["config"]["layer"]
    assert inner["module"] == "keras.layers"


def test_keras_3_keys_are_dropped_and_renamed_for_keras_2():
    source = sequential(
        keras3_layer("InputLayer", batch_shape=[None, 4], optional=False, ragged=False),
        keras3_layer("Dense", quantization_config=None, dtype=policy("float32")),
        keras3_layer("LeakyReLU", negative_slope=0.2),
    )
    found = translate(source, False, (2, 15, 0))
    assert first(found)["config"] == {"name": "inputlayer", "batch_input_shape": [None, 4]}
    assert first(found, 1)["config"] == {"name": "dense", "dtype": "float32"}
    assert first(found, 2)["config"]["alpha"] == 0.2
    assert set(first(found, 1)) == {"class_name", "config"}


def policy(name):
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": name},
        "registered_name": None,
    }


def tensor(name):
    config = {"shape": [None, 4], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def functional():
    source = {**keras3_layer("InputLayer", batch_shape=[None, 4]), "inbound_nodes": []}
    dense = keras3_layer("Dense")
    dense["inbound_nodes"] = [{"args": [tensor("inputlayer")], "kwargs": {}}]
    add = keras3_layer("Add")
    add["inbound_nodes"] = [{"args": [[tensor("dense"), tensor("inputlayer")]], "kwargs": {}}]
    config = {
        "name": "model",
        "layers": [source, dense, add],
        "input_layers": ["inputlayer", 0, 0],
        "output_layers": ["add", 0, 0],
    }
    return {"class_name": "Functional", "config": config}


def test_calls_become_lists_for_keras_2():
    found = translate(functional(), False, (2, 15, 0))["config"]
    assert found["layers"][1]["inbound_nodes"] == [[["inputlayer", 0, 0, {}]]]
    assert found["layers"][2]["inbound_nodes"] == [[["dense", 0, 0, {}], ["inputlayer", 0, 0, {}]]]
    assert found["input_layers"] == [["inputlayer", 0, 0]]


def test_functional_is_called_model_before_2_4():
    assert translate(functional(), False, (2, 3, 1))["class_name"] == "Model"
    assert translate(functional(), False, (2, 10, 0))["class_name"] == "Functional"


def test_a_call_with_more_than_tensors_is_not_translated():
    source = functional()
    source["config"]["layers"][1]["inbound_nodes"][0]["args"].append(7)
    with pytest.raises(Untranslatable, match="besides tensors"):
        translate(source, False, (2, 15, 0))


def test_a_newer_keras_3_is_translated_for_an_older_one():
    uniform = {"class_name": "GlorotUniform", "config": {"seed": None, "input_axes": [0]}}
    source = sequential(
        keras3_layer("InputLayer", batch_shape=[None, 4]),
        keras3_layer("Dense", quantization_config=None, kernel_initializer=uniform),
        keras3_layer("BatchNormalization", renorm=False, renorm_momentum=0.99),
    )
    found = translate(source, True, (3, 3, 3))
    assert first(found, 1)["config"]["kernel_initializer"]["config"] == {"seed": None}
    assert "quantization_config" not in first(found, 1)["config"]
    assert "renorm" not in first(found, 2)["config"]


def test_a_renormalising_layer_is_not_translated_for_an_older_keras_3():
    source = sequential(
        keras3_layer("InputLayer", batch_shape=[None, 4]),
        keras3_layer("BatchNormalization", renorm=True),
    )
    with pytest.raises(Untranslatable, match="renorm"):
        translate(source, True, (3, 3, 3))


def test_ragged_and_groups_are_dropped_for_keras_before_them():
    source = sequential(
        layer("InputLayer", batch_input_shape=[None, 4], ragged=False),
        layer("Conv2D", groups=1),
    )
    found = translate(source, False, (2, 2, 4))
    assert "ragged" not in first(found)["config"]
    assert "groups" not in first(found, 1)["config"]


# A model inside a model, called twice


def nested(tower, *, calls):
    """Two inputs through one tower, then added; ``calls``: the numbers of the tower's calls."""
    inner = {"name": "tower", "layers": [keras3_layer("InputLayer", batch_shape=[None, 4])]}
    sources = [keras3_layer("InputLayer", batch_shape=[None, 4]) for _ in range(2)]
    for name, source in zip("ab", sources, strict=True):
        source["config"]["name"] = name
        source["inbound_nodes"] = []
    shared = {"class_name": tower, "config": inner}
    shared["inbound_nodes"] = [{"args": [tensor(name)], "kwargs": {}} for name in "ab"]
    add = keras3_layer("Add")
    results = [tensor("tower") for _ in calls]
    for result, call in zip(results, calls, strict=True):
        result["config"]["keras_history"] = ["tower", call, 0]
    add["inbound_nodes"] = [{"args": [results], "kwargs": {}}]
    config = {
        "name": "model",
        "layers": [*sources, shared, add],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": ["add", 0, 0],
    }
    return {"class_name": "Functional", "config": config}


@pytest.mark.parametrize("tower", ["Sequential", "Functional"])
def test_keras_2_counts_the_calls_of_a_nested_model_from_1(tower):
    found = translate(nested(tower, calls=(0, 1)), False, (2, 15, 0))["config"]
    assert found["layers"][3]["inbound_nodes"] == [[["tower", 1, 0, {}], ["tower", 2, 0, {}]]]


def test_a_call_that_nobody_makes_is_said_and_not_waited_for():
    with pytest.raises(Untranslatable, match="no call 3 of tower"):
        translate(nested("Sequential", calls=(0, 2)), False, (2, 15, 0))


def test_keras_3_counts_the_calls_of_a_nested_sequential_from_0():
    there = translate(nested("Sequential", calls=(0, 1)), False, (2, 15, 0))
    for each in there["config"]["layers"]:
        each["config"].pop("batch_shape", None)
    back = translate(there, True, (3, 15, 0))["config"]
    assert [link[1] for link in back["layers"][3]["inbound_nodes"][0]] == [0, 1]


def test_a_bidirectional_sets_what_its_layers_do_under_a_mask_by_itself():
    policy = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    inner = keras3_layer("LSTM", zero_output_for_mask=True, dtype=policy)
    source = keras3_layer("Bidirectional", layer=inner)
    found = translate(source, False, (2, 10, 0))
    assert "zero_output_for_mask" not in found["config"]["layer"]["config"]
    with pytest.raises(Untranslatable, match="zero_output_for_mask"):
        translate(inner, False, (2, 10, 0))


def test_before_2_4_initializers_are_scalings_and_inputs_are_not_ragged():
    kernel = {"class_name": "GlorotUniform", "config": {"seed": None}}
    dense = {"class_name": "Dense", "config": {"name": "d", "kernel_initializer": kernel}}
    found = translate(dense, False, (2, 3, 1))["config"]["kernel_initializer"]
    assert found["class_name"] == "VarianceScaling"
    assert found["config"]["mode"] == "fan_avg"
    source = {"class_name": "InputLayer", "config": {"name": "i", "ragged": False}}
    assert "ragged" not in translate(source, False, (2, 3, 1))["config"]
    assert "ragged" in translate(source, False, (2, 10, 0))["config"]


def test_a_shape_behind_an_input_layer_goes():
    shape = [None, 4]
    layers = layer("InputLayer", batch_input_shape=shape), layer("Dense", batch_input_shape=shape)
    found = translate(sequential(*layers), True, KERAS3)
    assert first(found)["config"]["batch_input_shape"] == shape
    assert "batch_input_shape" not in first(found, 1)["config"]


def test_named_inputs_and_outputs_stay_named_and_their_calls_are_counted():
    tower = keras3_layer("Sequential", name="tower", layers=[layer("InputLayer", batch_shape=[4])])
    tower["inbound_nodes"] = [
        {
            "args": [
                {
                    "class_name": "__keras_tensor__",
                    "config": {"shape": [None, 4], "keras_history": ["alpha", 0, 0]},
                }
            ],
            "kwargs": {},
        }
    ]
    source = keras3_layer("InputLayer", name="alpha", batch_shape=[None, 4])
    source["inbound_nodes"] = []
    functional = {
        "class_name": "Functional",
        "config": {
            "name": "m",
            "layers": [source, tower],
            "input_layers": {"a": ["alpha", 0, 0]},
            "output_layers": {"y": ["tower", 0, 0]},
        },
    }
    found = translate(functional, False, (2, 15))["config"]
    assert found["input_layers"] == {"a": ["alpha", 0, 0]}
    assert found["output_layers"] == {"y": ["tower", 1, 0]}
