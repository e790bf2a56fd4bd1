"""Recurrent layers: gates whose defaults changed, wrappers, masks."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("lstm", title="LSTM with its defaults", exposes=("F08", "S02", "S03", "F13", "F51"))
class Lstm(Recipe):
    """Its recurrent activation's default changed in Keras 2.3 and TensorFlow 2."""

    def inputs(self) -> Arrays:
        return [fill.probes("lstm", (5, 3), rows=6)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5, 3), name="source")
        value = k.layers.LSTM(4, name="lstm")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "lstm_hard_sigmoid",
    title="LSTM with an explicit hard_sigmoid",
    exposes=("S02", "F08"),
)
class LstmHardSigmoid(Recipe):
    """The function behind the name is another one since Keras 3."""

    def inputs(self) -> Arrays:
        return [fill.probes("lstm_hard_sigmoid", (5, 3), rows=6)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5, 3), name="source")
        value = k.layers.LSTM(4, recurrent_activation="hard_sigmoid", name="lstm")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe("gru", title="GRU with its defaults", exposes=("F08", "F49", "S03"))
class Gru(Recipe):
    """``reset_after`` became True by default, which changes the shape of the bias."""

    def inputs(self) -> Arrays:
        return [fill.probes("gru", (5, 3), rows=6)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5, 3), name="source")
        value = k.layers.GRU(4, name="gru")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "bidirectional",
    title="Bidirectional LSTM and GRU with TimeDistributed",
    exposes=("F14", "F40", "F72", "S03"),
)
class Bidirectional(Recipe):
    """Wrappers keep a layer's config inside their own."""

    def inputs(self) -> Arrays:
        return [fill.probes("bidirectional", (5, 3))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layers = k.layers
        source = k.Input(shape=(5, 3), name="source")
        value = layers.Bidirectional(
            layers.LSTM(3, return_sequences=True, recurrent_activation="sigmoid"), name="bi_lstm"
        )(source)
        value = layers.Bidirectional(
            layers.GRU(2, return_sequences=True, recurrent_activation="sigmoid"), name="bi_gru"
        )(value)
        return k.Model(source, layers.TimeDistributed(layers.Dense(2), name="each")(value))


@recipe(
    "encoder_decoder",
    title="LSTM that begins with the state of another, as in translation",
    exposes=("X08", "F08"),
)
class EncoderDecoder(Recipe):
    """Keras 2 lists the state among the inputs, Keras 3 names it an argument of the call."""

    def inputs(self) -> Arrays:
        return [
            fill.probes("encoder_decoder/one", (5, 3)),
            fill.probes("encoder_decoder/two", (4, 2)),
        ]

    def build(self, k: "Keras", objects: Objects) -> Any:
        lstm = k.layers.LSTM
        source = k.Input(shape=(5, 3), name="source")
        target = k.Input(shape=(4, 2), name="target")
        encoder = lstm(3, return_state=True, recurrent_activation="sigmoid", name="encoder")
        _, hidden, carry = encoder(source)
        decoder = lstm(3, return_sequences=True, recurrent_activation="sigmoid", name="decoder")
        value = decoder(target, initial_state=[hidden, carry])
        return k.Model([source, target], k.layers.Dense(2, name="out")(value))


@recipe(
    "embedding_mask",
    title="Embedding with a mask, LSTM behind it, padded input",
    exposes=("F41", "S15"),
)
class EmbeddingMask(Recipe):
    """Padding must not be read as words, wherever the mask goes."""

    def inputs(self) -> Arrays:
        rows = [[1, 5, 2, 0, 0], [7, 3, 3, 9, 1], [4, 0, 0, 0, 0], [2, 8, 6, 4, 0]]
        return [np.array(rows, dtype="int32")]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(5,), dtype="int32", name="source")
        value = k.layers.Embedding(10, 4, mask_zero=True, name="embedding")(source)
        value = k.layers.LSTM(3, recurrent_activation="sigmoid", name="lstm")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe("convlstm", title="ConvLSTM2D", exposes=("F08", "S01", "S02"))
class ConvLstm(Recipe):
    """A recurrent convolution: both histories at once."""

    def inputs(self) -> Arrays:
        return [fill.probes("convlstm", (3, 5, 5, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(3, 5, 5, 2), name="source")
        value = k.layers.ConvLSTM2D(2, 3, name="convlstm")(source)
        value = k.layers.Flatten(name="flat")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))
