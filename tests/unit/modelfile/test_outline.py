import pytest

from runner.modelfile.architecture.outline import outline
from runner.modelfile.architecture.output_shapes import output_shape


def layer(name, config=None, **more):
    return {"class_name": name, "config": config or {}, **more}


def shapes(facts):
    return [one.shape for one in facts]


@pytest.mark.parametrize(
    ("name", "config", "source", "expected"),
    [
        ("Dense", {"units": 3}, (None, 8), (None, 3)),
        ("Dense", {"output_dim": 3}, (None, 8), (None, 3)),
        ("Flatten", {}, (None, 2, 3, 4), (None, 24)),
        ("Flatten", {}, (None, None, 3), (None, None)),
        ("Conv2D", {"filters": 8, "kernel_size": [3, 3], "padding": "valid"}, (None, 28, 28, 1),
         (None, 26, 26, 8)),
        ("Conv2D", {"filters": 8, "kernel_size": [3, 3], "padding": "same", "strides": [2, 2]},
         (None, 29, 29, 1), (None, 15, 15, 8)),
        ("Conv2D", {"filters": 8, "kernel_size": [3, 3], "data_format": "channels_first"},
         (None, 1, 28, 28), (None, 8, 26, 26)),
        ("Convolution2D", {"nb_filter": 4, "nb_row": 5, "nb_col": 3, "dim_ordering": "tf",
         "border_mode": "valid"}, (None, 28, 28, 1), (None, 24, 26, 4)),
        ("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2, "padding": "same"},
         (None, 8, 8, 3), (None, 8, 8, 6)),
        ("MaxPooling2D", {"pool_size": [2, 2]}, (None, 7, 7, 3), (None, 3, 3, 3)),
        ("GlobalAveragePooling2D", {}, (None, 7, 7, 3), (None, 3)),
        ("UpSampling2D", {"size": [2, 2]}, (None, 7, 7, 3), (None, 14, 14, 3)),
        ("ZeroPadding2D", {"padding": [[1, 2], [3, 4]]}, (None, 7, 7, 3), (None, 10, 14, 3)),
        ("ZeroPadding2D", {"padding": [1, 1]}, (None, 7, 7, 3), (None, 9, 9, 3)),
        ("Embedding", {"output_dim": 6, "input_dim": 9}, (None, 5), (None, 5, 6)),
        ("LSTM", {"units": 4, "return_sequences": True}, (None, 5, 6), (None, 5, 4)),
        ("LSTM", {"units": 4}, (None, 5, 6), (None, 4)),
        ("LSTM", {"units": 4, "return_state": True}, (None, 5, 6), None),
        ("Reshape", {"target_shape": [-1, 3]}, (None, 12), (None, 4, 3)),
        ("Unknown", {}, (None, 12), None),
    ],
)  # fmt: skip
def test_shapes_of_common_layers(name, config, source, expected):
    assert output_shape(name, config, [source]) == expected


def test_a_graph_with_two_inputs_and_an_embedding():
    layers = [
        layer("InputLayer", {"batch_input_shape": [None, 5], "name": "words"}, inbound_nodes=[]),
        layer("InputLayer", {"batch_input_shape": [None, 2], "name": "more"}, inbound_nodes=[]),
        layer("Embedding", {"input_dim": 9, "output_dim": 3, "name": "e"},
              inbound_nodes=[[["words", 0, 0, {}]]]),
        layer("Flatten", {"name": "f"}, inbound_nodes=[[["e", 0, 0, {}]]]),
        layer("Concatenate", {"name": "c", "axis": -1},
              inbound_nodes=[[["f", 0, 0, {}], ["more", 0, 0, {}]]]),
    ]  # fmt: skip
    config = {
        "layers": layers,
        "input_layers": [["words", 0, 0], ["more", 0, 0]],
        "output_layers": [["c", 0, 0]],
    }
    inputs, outputs = outline(layer("Functional", config))
    assert [(one.name, one.shape, one.below) for one in inputs] == [
        ("words", (None, 5), 9),
        ("more", (None, 2), None),
    ]
    assert shapes(outputs) == [(None, 17)]


def test_keras_3_names_its_sources_in_tensors():
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 5], "dtype": "float32", "keras_history": ["source", 0, 0]},
    }
    config = {
        "layers": [
            layer("InputLayer", {"batch_shape": [None, 5], "name": "source"}, inbound_nodes=[]),
            layer("Dense", {"units": 2, "name": "out"},
                  inbound_nodes=[{"args": [tensor], "kwargs": {}}]),
        ],
        "input_layers": ["source", 0, 0],
        "output_layers": ["out", 0, 0],
    }  # fmt: skip
    inputs, outputs = outline(layer("Functional", config))
    assert (shapes(inputs), shapes(outputs)) == ([(None, 5)], [(None, 2)])


def test_a_sequential_without_an_input_layer_and_a_wrapper_in_front():
    inner = layer("LSTM", {"units": 4, "return_sequences": True, "batch_input_shape": [None, 5, 6]})
    config = [layer("Bidirectional", {"layer": inner, "merge_mode": "concat", "name": "both"})]
    inputs, outputs = outline({"class_name": "Sequential", "config": config})
    assert (shapes(inputs), shapes(outputs)) == ([(None, 5, 6)], [(None, 5, 8)])


def test_a_model_built_by_code_tells_the_shape_it_was_built_with():
    mine = layer("Mine", {"name": "m"}, build_config={"input_shape": [2, 4]})
    assert shapes(outline(mine)[0]) == [(2, 4)]


@pytest.mark.parametrize(
    "config",
    [
        {"layers": 3}, {"layers": [1, None, {}]}, {"input_layers": {"a": 1}}, [[]],
        {"layers": [{"class_name": 3, "config": []}], "output_layers": [[1, 2]]},
        {"layers": [{"class_name": "Dense", "config": {"units": "x"}, "inbound_nodes": 4}]},
        {"layers": [{"class_name": "Concatenate", "config": {"axis": 99, "name": "c"},
                     "inbound_nodes": [[["c", 0, 0]]]}], "output_layers": [["c", 0, 0]]},
    ],
)  # fmt: skip
def test_nonsense_is_no_reason_to_fail(config):
    for name in ("Functional", "Sequential", "Mine"):
        outline({"class_name": name, "config": config})
