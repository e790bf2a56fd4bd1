"""Recurrent layers with every argument stated, so that plain NumPy can follow; state; masks."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def sigmoid(values: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-values))


@recipe("simple_rnn", title="SimpleRNN", exposes=("F08", "F51"))
class SimpleRnn(Recipe):
    """The smallest recurrent layer: what fails here is not about gates."""

    def inputs(self) -> Arrays:
        return [fill.probes("simple_rnn", (4, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4, 3), name="source")
        return k.Model(source, k.layers.SimpleRNN(5, name="rnn")(source))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, recurrent, bias = weights["rnn"]
        state = np.zeros((len(inputs[0]), 5), dtype="float32")
        for step in range(inputs[0].shape[1]):
            state = np.tanh(inputs[0][:, step].dot(kernel) + state.dot(recurrent) + bias)
        return [state]


@recipe(
    "gru_reset_after_false",
    title="GRU with reset_after=False, as before TensorFlow 2",
    exposes=("F08", "F49"),
)
class GruResetAfterFalse(Recipe):
    """One bias instead of two, and another place for the reset gate."""

    def inputs(self) -> Arrays:
        return [fill.probes("gru_reset_after_false", (4, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4, 3), name="source")
        layer = k.layers.GRU(5, reset_after=False, recurrent_activation="sigmoid", name="gru")
        return k.Model(source, layer(source))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, recurrent, bias = weights["gru"]
        state = np.zeros((len(inputs[0]), 5), dtype="float32")
        for step in range(inputs[0].shape[1]):
            given = inputs[0][:, step].dot(kernel) + bias
            update = sigmoid(given[:, :5] + state.dot(recurrent[:, :5]))
            reset = sigmoid(given[:, 5:10] + state.dot(recurrent[:, 5:10]))
            fresh = np.tanh(given[:, 10:] + (reset * state).dot(recurrent[:, 10:]))
            state = update * state + (1.0 - update) * fresh
        return [state]


@recipe("stateful_rnn", title="A stateful LSTM with a fixed batch", exposes=("S21", "F14", "F48"))
class StatefulRnn(Recipe):
    """Its state is a weight in Keras 3 and none before; H5 does not keep it."""

    def inputs(self) -> Arrays:
        return [fill.probes("stateful_rnn", (4, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(batch_shape=(4, 4, 3), name="source")
        value = k.layers.LSTM(4, stateful=True, recurrent_activation="sigmoid", name="lstm")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe("stacked_cells", title="RNN around two LSTM cells", exposes=("F08", "F72"))
class StackedCells(Recipe):
    """Cells keep their config inside the wrapper's, two levels deep."""

    def inputs(self) -> Arrays:
        return [fill.probes("stacked_cells", (4, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4, 3), name="source")
        cells = [
            k.layers.LSTMCell(units, recurrent_activation="sigmoid", name=f"cell_{units}")
            for units in (4, 3)
        ]
        value = k.layers.RNN(cells, name="rnn")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe("masking", title="Masking in front of an LSTM, padded input", exposes=("S15", "F08"))
class Masking(Recipe):
    """Padded steps must leave the state alone, whoever carries the mask."""

    def inputs(self) -> Arrays:
        values = fill.probes("masking", (5, 3))
        values[0, 3:] = values[2, 1:] = 0.0
        return [values]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5, 3), name="source")
        value = k.layers.Masking(0.0, name="mask")(source)
        value = k.layers.LSTM(4, recurrent_activation="sigmoid", name="lstm")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))
