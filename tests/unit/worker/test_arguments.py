"""What a layer is called with, in the words of either Keras."""

from runner.worker.translate import translate
from tests.unit.worker.configs import KERAS3, first, layer


def recurrent(decoder_node, layer_class="LSTM"):
    """An encoder that hands its state to a decoder."""
    layers = [
        dict(layer("InputLayer", batch_input_shape=[None, 4, 2]), inbound_nodes=[]),
        dict(layer(layer_class), inbound_nodes=[decoder_node]),
    ]
    for each in layers:
        each["name"] = each["config"]["name"]
    inputs, outputs = [["inputlayer", 0, 0]], [["lstm", 0, 0]]
    config = {"layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": dict(config, name="model")}


STATES = ["state_h", 0, 1], ["state_h", 0, 2]


def test_a_state_among_the_inputs_becomes_an_argument_for_keras_3():
    links = [["inputlayer", 0, 0, {"training": True}], *([*state, {}] for state in STATES)]
    node = first(translate(recurrent(links), True, KERAS3), 1)["inbound_nodes"][0]
    assert node["args"][0]["config"]["keras_history"] == ["inputlayer", 0, 0]
    states = node["kwargs"]["initial_state"]
    assert [state["config"]["keras_history"] for state in states] == [list(s) for s in STATES]
    assert node["kwargs"]["training"] is True


def test_a_state_becomes_one_of_the_inputs_for_keras_2():
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": history}}
        for history in (["inputlayer", 0, 0], ["inputlayer", 0, 0], ["inputlayer", 0, 0])
    ]
    kwargs = {"initial_state": tensors[1:], "training": False, "mask": None}
    source = recurrent({"args": tensors[:1], "kwargs": kwargs})
    first(source)["config"] = {"name": "inputlayer", "batch_shape": [None, 4, 2]}
    node = first(translate(source, False, (2, 15, 0)), 1)["inbound_nodes"][0]
    assert node == [["inputlayer", 0, 0, {"training": False}], *[["inputlayer", 0, 0, {}]] * 2]


def test_a_tensor_that_is_an_argument_by_name_is_one_for_keras_3():
    links = [["inputlayer", 0, 0, {"value": ["inputlayer", 0, 0]}]]
    source = recurrent(links, "MultiHeadAttention")
    node = first(translate(source, True, KERAS3), 1)["inbound_nodes"][0]
    assert node["kwargs"]["value"]["config"]["keras_history"] == ["inputlayer", 0, 0]


def test_a_tensor_by_its_place_is_an_argument_by_name_for_keras_2():
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["inputlayer", 0, 0]}}
    source = recurrent({"args": [tensor, tensor], "kwargs": {}}, "MultiHeadAttention")
    first(source)["config"] = {"name": "inputlayer", "batch_shape": [None, 4, 2]}
    shapes = {"shapes_dict": {"query_shape": [None, 4, 2], "value_shape": [None, 5, 2]}}
    first(source, 1)["build_config"] = shapes
    found = first(translate(source, False, (2, 15, 0)), 1)
    assert found["inbound_nodes"] == [[["inputlayer", 0, 0, {"value": ["inputlayer", 0, 0]}]]]
    assert found["config"]["query_shape"] == [None, 4, 2]
    assert found["config"]["key_shape"] == [None, 5, 2]
    assert "query_shape" not in first(translate(source, False, (2, 4, 0)), 1)["config"]


def test_several_inputs_stay_a_list():
    links = [["inputlayer", 0, 0, {}], ["inputlayer", 0, 0, {}]]
    source = recurrent(links, "Add")
    assert first(translate(source, True, KERAS3), 1)["inbound_nodes"] == [links]
