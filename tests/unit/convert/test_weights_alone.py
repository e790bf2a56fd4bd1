"""Which layers files of weights alone have, by names and shapes; no Keras."""

import numpy as np
import pytest

from runner.convert.script.saved_files import Saved
from runner.convert.script.translation_rules import CannotTranslateError
from runner.convert.script.weights_alone import _layer_spec, _own_name


def spec(name, shapes, version="2.4.0"):
    saved = Saved(None, version)
    arrays = [np.zeros(shape, "float32") for shape in shapes.values()]
    return _layer_spec(saved, name, [_own_name(one, name) for one in shapes], arrays)


@pytest.mark.parametrize(
    ("shapes", "kind", "config"),
    [
        ({"d/kernel:0": (4, 3), "d/bias:0": (3,)}, "Dense", {"units": 3, "use_bias": True}),
        ({"d/kernel:0": (4, 3)}, "Dense", {"units": 3, "use_bias": False}),
        ({"d/kernel:0": (3, 5, 2, 8), "d/bias:0": (8,)}, "Conv2D", {"filters": 8}),
        ({"d/kernel:0": (3, 3, 8, 2), "d/bias:0": (8,)}, "Conv2DTranspose", {"filters": 8}),
        ({"d/depthwise_kernel:0": (3, 3, 2, 1)}, "DepthwiseConv2D", {"depth_multiplier": 1}),
        ({"d/embeddings:0": (50, 4)}, "Embedding", {"input_dim": 50, "output_dim": 4}),
        (
            {"d/beta:0": (4,), "d/moving_mean:0": (4,), "d/moving_variance:0": (4,)},
            "BatchNormalization",
            {"scale": False, "center": True},
        ),
        ({"d/gamma:0": (4,), "d/beta:0": (4,)}, "LayerNormalization", {}),
        ({"d/alpha:0": (1, 1, 6)}, "PReLU", {"shared_axes": [1, 2]}),
        (
            {"d/kernel:0": (2, 20), "d/recurrent_kernel:0": (5, 20), "d/bias:0": (20,)},
            "LSTM",
            {"units": 5},
        ),
        (
            {"d/kernel:0": (2, 15), "d/recurrent_kernel:0": (5, 15), "d/bias:0": (2, 15)},
            "GRU",
            {"units": 5, "reset_after": True},
        ),
        (
            {"d/kernel:0": (2, 5), "d/recurrent_kernel:0": (5, 5), "d/bias:0": (5,)},
            "SimpleRNN",
            {"units": 5},
        ),
    ],
)
def test_names_and_shapes_tell_the_layer(shapes, kind, config):
    found = spec("d", shapes)
    assert found["kind"] == kind
    assert {key: found["config"][key] for key in config} == config


def test_two_biases_in_a_row_are_those_of_cudnn():
    shapes = {"d/kernel:0": (2, 20), "d/recurrent_kernel:0": (5, 20), "d/bias:0": (40,)}
    assert spec("d", shapes)["source"] == "CuDNNLSTM"


def test_directions_make_a_bidirectional_layer():
    shapes = {
        f"b/{side}_lstm/{name}:0": shape
        for side in ("forward", "backward")
        for name, shape in (("kernel", (2, 20)), ("recurrent_kernel", (5, 20)), ("bias", (20,)))
    }
    found = spec("b", shapes)
    assert (found["kind"], found["inner"]["kind"]) == ("Bidirectional", "LSTM")


def test_keras_1_kept_the_channels_of_theano_first():
    found = spec("c", {"c_W": (4, 1, 3, 3), "c_b": (4,)}, "1.0.0")
    assert found["config"]["filters"] == 4
    assert found["original"] == {"data_format": "channels_first"}


def test_weights_of_no_layer_of_keras_name_their_layer():
    with pytest.raises(CannotTranslateError, match="q_dense has the weights kernel, scale"):
        spec("q_dense", {"q_dense/kernel:0": (4, 3), "q_dense/scale:0": (3,)})


def test_axes_with_two_meanings_are_refused():
    with pytest.raises(CannotTranslateError, match="two meanings"):
        spec("c", {"c_W": (3, 3, 3, 3)}, "1.0.0")
