"""What one Keras has and another does not: removed layers, late layers, late arguments."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("thresholded_relu", title="ThresholdedReLU, which Keras 3 removed", exposes=("F46",))
class ThresholdedRelu(Recipe):
    """Its replacement is ``ReLU(threshold=theta)``."""

    def inputs(self) -> Arrays:
        return [fill.probes("thresholded_relu", (4,), rows=6)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layer = k.layer("ThresholdedReLU")
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(6, name="hidden")(source)
        value = layer(theta=0.25, name="threshold")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1]
        hidden = hidden * (hidden > 0.25)
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]


@recipe("locally_connected", title="LocallyConnected1D, which Keras 3 removed", exposes=("F46",))
class LocallyConnected(Recipe):
    """A kernel for every place; nothing in Keras 3 stands for it."""

    def inputs(self) -> Arrays:
        return [fill.probes("locally_connected", (6, 2))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layer = k.layer("LocallyConnected1D")
        source = k.Input(shape=(6, 2), name="source")
        return k.Model(source, layer(3, 2, name="local")(source))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        kernel, bias = weights["local"]
        values = inputs[0]
        parts = [
            values[:, place : place + 2].reshape(len(values), -1).dot(kernel[place])
            for place in range(kernel.shape[0])
        ]
        return [np.stack(parts, axis=1) + bias]


@recipe(
    "batch_norm_renorm",
    title="Batch normalisation with renorm",
    exposes=("F68", "F19"),
)
class BatchNormRenorm(Recipe):
    """In Keras 2 from TensorFlow, not in Keras 3.0 to 3.13, and there again since."""

    def inputs(self) -> Arrays:
        return [fill.probes("batch_norm_renorm", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        try:
            norm = k.layers.BatchNormalization(renorm=True, name="norm")
        except (TypeError, ValueError) as error:
            k.not_available(f"BatchNormalization knows no renorm here: {error}")
        source = k.Input(shape=(4,), name="source")
        return k.Model(source, k.layers.Dense(2, name="out")(norm(source)))

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        fill.set_weights(model, salt)
        for layer in model.layers:
            if layer.name == "norm":
                # Every kind of statistic stands behind gamma and beta; deviations are positive.
                values = layer.get_weights()
                layer.set_weights(values[:2] + [np.abs(item) + 0.5 for item in values[2:]])


@recipe(
    "group_query_attention",
    title="Grouped-query attention",
    exposes=("F19",),
)
class GroupQueryAttention(Recipe):
    """Keras 3 alone has it, and its config grew three times."""

    def inputs(self) -> Arrays:
        return [fill.probes("group_query_attention", (4, 6))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        layer = k.layer("GroupQueryAttention")
        source = k.Input(shape=(4, 6), name="source")
        value = layer(
            head_dim=3, num_query_heads=4, num_key_value_heads=2, use_bias=False, name="attention"
        )(source, source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))
