"""Optimizers with arguments and state, and custom objects that act in training only."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe
from .training import small_model

if TYPE_CHECKING:
    from ..api import Keras


class Compiled(Recipe):
    """The small model, compiled with what ``optimizer(k, objects)`` makes; one step trained."""

    trains = True

    def inputs(self) -> Arrays:
        return [fill.probes(self.name, (4,))]

    def optimizer(self, k: "Keras", objects: Objects) -> Any:
        raise NotImplementedError

    def build(self, k: "Keras", objects: Objects) -> Any:
        model = small_model(k, self.name)
        model.compile(optimizer=self.optimizer(k, objects), loss="mean_squared_error")
        return model


@recipe(
    "compiled_momentum",
    title="Compiled with SGD, momentum and Nesterov",
    exposes=("F29", "F31", "S09"),
)
class CompiledMomentum(Compiled):
    """One array of state for each weight; written by both kinds of optimizer."""

    def optimizer(self, k: "Keras", objects: Objects) -> Any:
        return k.optimizers.SGD(momentum=0.9, nesterov=True)


@recipe(
    "compiled_decay",
    title="Compiled with an SGD that decays",
    exposes=("F29", "S17"),
)
class CompiledDecay(Compiled):
    """TensorFlow 2.11 refuses ``decay``; Keras 3 ignores it with a warning."""

    def optimizer(self, k: "Keras", objects: Objects) -> Any:
        try:
            return k.optimizers.SGD(momentum=0.5, decay=0.01)
        except (TypeError, ValueError) as error:
            k.not_available(f"SGD takes no decay here: {error}")


@recipe(
    "compiled_custom_optimizer",
    title="Compiled with an optimizer class of one's own",
    custom=True,
    scenarios=True,
    exposes=("F04", "F05", "F29"),
)
class CompiledCustomOptimizer(Compiled):
    """Not needed for predictions, but a load without it fails."""

    object_names = ("OwnSGD",)

    def objects(self, k: "Keras") -> Objects:
        class OwnSGD(k.optimizers.SGD):
            pass

        return {"OwnSGD": OwnSGD}

    def optimizer(self, k: "Keras", objects: Objects) -> Any:
        own = objects.get("OwnSGD") or self.objects(k)["OwnSGD"]
        return own(momentum=0.9)


@recipe(
    "custom_regularizer",
    title="Custom initializer, regularizer and constraint",
    custom=True,
    exposes=("F04", "F05", "F44"),
)
class CustomRegularizer(Recipe):
    """They matter in training only, and yet a load asks for each of them."""

    object_names = ("Halves", "WeakDecay", "Upwards")

    def inputs(self) -> Arrays:
        return [fill.probes("custom_regularizer", (4,))]

    def objects(self, k: "Keras") -> Objects:
        class Halves(k.keras.initializers.Constant):
            def __init__(self):
                super().__init__(0.5)

            def get_config(self):
                return {}

        class WeakDecay(k.keras.regularizers.L1L2):
            def __init__(self, rate=0.01):
                super().__init__(l2=rate)
                self.rate = rate

            def get_config(self):
                return {"rate": self.rate}

        class Upwards(k.keras.constraints.NonNeg):
            pass

        return {"Halves": Halves, "WeakDecay": WeakDecay, "Upwards": Upwards}

    def build(self, k: "Keras", objects: Objects) -> Any:
        own = dict(self.objects(k), **objects)
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(
            5,
            activation="tanh",
            kernel_initializer=own["Halves"](),
            kernel_regularizer=own["WeakDecay"](0.02),
            kernel_constraint=own["Upwards"](),
            name="hidden",
        )(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))
