"""State that is no float weight: vocabularies, and constants in the config."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("integer_lookup", title="IntegerLookup in front of an Embedding", exposes=("F19", "F65"))
class IntegerLookup(Recipe):
    """The vocabulary lies in the config, in a table or in a file, depending on the version."""

    def inputs(self) -> Arrays:
        return [np.array([[10, 20, 30], [40, 99, 10], [20, 20, 7]], dtype="int64")]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layer = k.layer("IntegerLookup")
        source = k.Input(shape=(3,), dtype="int64", name="source")
        try:
            value = layer(vocabulary=[10, 20, 30, 40], name="lookup")(source)
        except ImportError as error:
            k.not_available(f"IntegerLookup needs TensorFlow: {error}")
        value = k.layers.Embedding(8, 3, name="embedding")(value)
        value = k.layers.Flatten(name="flat")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        for layer in model.layers:
            if layer.name in ("embedding", "out"):  # a vocabulary is no number to make up
                values = layer.get_weights()
                layer.set_weights(
                    fill.layer_weights(type(layer).__name__, layer.name, values, salt)
                )


@recipe(
    "normalization_scalar",
    title="Normalization by one constant mean and variance",
    exposes=("F53", "F65"),
)
class NormalizationScalar(Recipe):
    """One number for all features; Keras before 3.8 does not read it back."""

    def inputs(self) -> Arrays:
        return [fill.probes("normalization_scalar", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        norm = k.layer("Normalization")
        source = k.Input(shape=(4,), name="source")
        try:
            value = norm(axis=None, mean=0.5, variance=4.0, name="norm")(source)
        except TypeError as error:
            k.not_available(f"Normalization takes no constant mean here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        layer = model.layers[-1]  # the constants of Normalization stay what they are
        layer.set_weights(fill.layer_weights("Dense", layer.name, layer.get_weights(), salt))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        return [((inputs[0] - 0.5) / 2.0).dot(weights["out"][0]) + weights["out"][1]]
