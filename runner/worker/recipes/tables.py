"""State that is no float weight: vocabularies, and constants in the config."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Array, Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("integer_lookup", title="IntegerLookup in front of an Embedding", exposes=("F19", "F65"))
class IntegerLookup(Recipe):
    """The vocabulary lies in the config, in a table or in a file, depending on the version."""

    filled = ("embedding", "out")

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


@recipe(
    "normalization_scalar",
    title="Normalization by one constant mean and variance",
    exposes=("F53", "F65"),
)
class NormalizationScalar(Recipe):
    """One number for all features; Keras before 3.8 does not read it back."""

    filled = ("out",)

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

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        return [((inputs[0] - 0.5) / 2.0).dot(weights["out"][0]) + weights["out"][1]]


class AdaptedNormalization(Recipe):
    """Normalization with the mean and variance of each feature, taken from data."""

    filled = ("out",)
    invert = False

    def inputs(self) -> Arrays:
        return [fill.probes("normalization_adapted", (3,))]

    def data(self) -> Array:
        """What the layer is adapted to: features of other means and spreads."""
        values = fill.noise("normalization/data", (16, 3))
        return np.asarray(
            values * np.array([1.0, 4.0, 0.5]) + np.array([2.0, -1.0, 0.0]), "float32"
        )

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(3,), name="source")
        options = {"invert": True} if self.invert else {}
        try:
            norm = k.layer("Normalization")(axis=-1, name="norm", **options)
        except TypeError as error:
            k.not_available(f"Normalization has no invert here: {error}")
        norm.adapt(self.data())
        return k.Model(source, k.layers.Dense(2, name="out")(norm(source)))


@recipe(
    "normalization_adapted",
    title="Normalization adapted to data",
    exposes=("F53", "S14"),
)
class NormalizationAdapted(AdaptedNormalization):
    """Mean, variance and a count are weights that nobody trained."""

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = (inputs[0] - self.data().mean(axis=0)) / self.data().std(axis=0)
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]


@recipe(
    "normalization_invert",
    title="Normalization that undoes itself, adapted to data",
    exposes=("F53", "S14"),
)
class NormalizationInvert(AdaptedNormalization):
    """TensorFlow 2.12 loses ``invert`` when it saves, and predicts something else everywhere.

    TensorFlow 2.10 computes something else than its documentation says.
    """

    invert = True


@recipe(
    "rescaling_array",
    title="Rescaling by an array, a number for each channel",
    exposes=("F19",),
)
class RescalingArray(Recipe):
    """An array in the config, where most have a number."""

    def inputs(self) -> Arrays:
        return [fill.probes("rescaling_array", (3,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(3,), name="source")
        scale, offset = np.array([0.5, 2.0, -1.0]), np.array([0.0, 1.0, 0.25])
        value = k.layer("Rescaling")(scale, offset, name="scale")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = inputs[0] * np.array([0.5, 2.0, -1.0]) + np.array([0.0, 1.0, 0.25])
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]


@recipe("feature_space", title="FeatureSpace in front of a Dense layer", exposes=("F19", "F65"))
class FeatureSpace(Recipe):
    """Several preprocessing layers and crosses of them, made and adapted by one object."""

    filled = ("out",)

    def inputs(self) -> Any:
        return {
            "age": np.array([[20.0], [35.0], [50.0], [80.0]], dtype="float32"),
            "rooms": np.array([[1], [2], [3], [9]], dtype="int64"),
        }

    def build(self, k: "Keras", objects: Objects) -> Any:
        made = getattr(k.keras.utils, "FeatureSpace", None)
        if made is None or k.tf is None:
            k.not_available("there is no FeatureSpace here, or no tf.data to adapt it to")
        space = made(
            features={
                "age": made.float_normalized(),
                "rooms": made.integer_categorical(num_oov_indices=1),
            },
            output_mode="concat",
        )
        data = {
            "age": np.array([25.0, 35.0, 45.0, 60.0], dtype="float32"),
            "rooms": np.array([1, 2, 3, 2], dtype="int64"),
        }
        space.adapt(k.tf.data.Dataset.from_tensor_slices(data))
        encoded = k.layers.Dense(2, name="out")(space.get_encoded_features())
        return k.Model(space.get_inputs(), encoded)
