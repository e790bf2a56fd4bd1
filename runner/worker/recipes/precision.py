"""Numbers of other types than float32, and weights that are not trained as they are."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import NotAvailable, Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


@recipe("bfloat16", title="mixed_bfloat16 policy", exposes=("F27", "S18"), rtol=0.1, atol=0.1)
class BFloat16(Recipe):
    """Eight bits of mantissa: a tolerance of its own, and a type that NumPy does not have."""

    def inputs(self) -> Arrays:
        return [fill.probes("bfloat16", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        policy = k.policy("mixed_bfloat16")
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(5, activation="tanh", dtype=policy, name="hidden")(source)
        model = k.Model(source, k.layers.Dense(2, dtype="float32", name="out")(value))
        return self.running(k, model, "bfloat16")


@recipe(
    "autocast_off",
    title="A layer of half precision with autocast=False",
    exposes=("F19", "F27"),
    rtol=0.02,
    atol=0.02,
)
class AutocastOff(Recipe):
    """The argument is in no config of Keras 2, and in some of Keras 3."""

    def inputs(self) -> Arrays:
        return [fill.probes("autocast_off", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        try:
            hidden = k.layers.Dense(5, activation="tanh", autocast=False, name="hidden")
        except (TypeError, ValueError) as error:
            k.not_available(f"layers take no autocast here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(hidden(source)))


class Quantized(Recipe):
    """Dense layers whose kernels are integers with a scale."""

    mode = "int8"

    def inputs(self) -> Arrays:
        return [fill.probes("quantized", (16,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(16,), name="source")
        value = k.layers.Dense(8, activation="relu", name="hidden")(source)
        model = k.Model(source, k.layers.Dense(2, name="out")(value))
        if not hasattr(model, "quantize"):
            k.not_available("models have no quantize() here")
        return model

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        """Quantize what was filled: integers come from the numbers, and are not made up."""
        fill.set_weights(model, salt)
        try:
            model.quantize(self.mode)
        except ValueError as error:
            raise NotAvailable(f"{self.mode} is not a way to quantize here: {error}")


@recipe(
    "quantized_int8",
    title="Dense layers quantized to int8",
    exposes=("F19", "S18"),
    rtol=0.02,
    atol=0.02,
)
class QuantizedInt8(Quantized):
    """Kernels and scales are other arrays than before, under other names."""


@recipe(
    "quantized_int4",
    title="Dense layers quantized to int4",
    exposes=("F19", "S18"),
    rtol=0.05,
    atol=0.05,
)
class QuantizedInt4(Quantized):
    """Two numbers in a byte; since Keras 3.11."""

    mode = "int4"


@recipe("lora", title="A Dense layer with LoRA enabled", exposes=("F19", "S05"))
class Lora(Recipe):
    """Two more arrays for each layer; the file may hold them, their sum, or neither."""

    def inputs(self) -> Arrays:
        return [fill.probes("lora", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        hidden = k.layers.Dense(5, activation="tanh", name="hidden")
        if not hasattr(hidden, "enable_lora"):
            k.not_available("layers have no enable_lora() here")
        model = k.Model(source, k.layers.Dense(2, name="out")(hidden(source)))
        hidden.enable_lora(2)
        return model
