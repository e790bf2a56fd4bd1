"""Compiled models: losses, metrics, optimizers and the state of one training step."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import NotAvailable, Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def small_model(k: "Keras", name: str) -> Any:
    """The model under all of these; only what it is compiled with differs."""
    source = k.Input(shape=(4,), name="source")
    value = k.layers.Dense(5, activation="tanh", name="hidden")(source)
    return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "compiled_string_loss",
    title="Compiled with loss='mse' and metrics=['mae']",
    exposes=("F11", "F31", "S09", "F29"),
)
class CompiledStringLoss(Recipe):
    """What most scripts do, and what no Keras 3 up to 3.15 reads back from H5."""

    trains = True

    def inputs(self) -> Arrays:
        return [fill.probes("compiled_string_loss", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        model = small_model(k, self.name)
        model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
        return model


@recipe(
    "compiled_objects",
    title="Compiled with an Adam object and a loss's full name, one step trained",
    exposes=("F29", "F30", "S09", "S17"),
)
class CompiledObjects(Recipe):
    """Training goes on only where the optimizer's arrays come back too."""

    trains = True

    def inputs(self) -> Arrays:
        return [fill.probes("compiled_objects", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        model = small_model(k, self.name)
        loss = getattr(k.losses, "MeanSquaredError", None)
        model.compile(optimizer=k.optimizers.Adam(), loss=loss() if loss else "mean_squared_error")
        return model


@recipe(
    "custom_loss_metric_activation",
    title="Custom loss, metric and activation functions",
    custom=True,
    exposes=("F04", "F05"),
)
class CustomLossMetricActivation(Recipe):
    """Functions instead of classes: a file keeps their names, and no more."""

    trains = True

    def inputs(self) -> Arrays:
        return [fill.probes("custom_loss_metric_activation", (4,))]

    def objects(self, k: "Keras") -> Objects:
        ops = k.ops
        mean, square, absolute = ops.mean, ops.square, ops.abs

        def bent(values: Any) -> Any:
            return values / (1.0 + absolute(values))

        def half_square(truth, found):
            return mean(square(found - truth), axis=-1) * 0.5

        def mean_gap(truth, found):
            return mean(absolute(found - truth), axis=-1)

        return {"bent": bent, "half_square": half_square, "mean_gap": mean_gap}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(5, activation=objects["bent"], name="hidden")(source)
        model = k.Model(source, k.layers.Dense(2, name="out")(value))
        model.compile(optimizer="sgd", loss=objects["half_square"], metrics=[objects["mean_gap"]])
        return model


@recipe(
    "mixed_precision",
    title="mixed_float16 policy",
    exposes=("F27", "S18"),
    rtol=0.02,
    atol=0.02,
)
class MixedPrecision(Recipe):
    """Half precision rounds otherwise everywhere, so it has a tolerance of its own."""

    def inputs(self) -> Arrays:
        return [fill.probes("mixed_precision", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        policy = k.policy("mixed_float16")
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(5, activation="tanh", dtype=policy, name="hidden")(source)
        return k.Model(source, k.layers.Dense(2, dtype="float32", name="out")(value))


@recipe(
    "preprocessing",
    title="Rescaling and Normalization inside the model",
    exposes=("F19", "F53"),
)
class Preprocessing(Recipe):
    """Constants live in the config here and in the weights there."""

    def inputs(self) -> Arrays:
        return [fill.probes("preprocessing", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        rescaling = k.layer("Rescaling")
        norm = k.layer("Normalization")
        source = k.Input(shape=(4,), name="source")
        value = rescaling(0.5, offset=0.25, name="rescaling")(source)
        try:
            layer = norm(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0], name="norm")
        except TypeError as error:
            k.not_available(f"Normalization takes no constant mean here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(layer(value)))

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        layer = model.layers[-1]  # the constants of Normalization stay what they are
        layer.set_weights(fill.layer_weights("Dense", layer.name, layer.get_weights(), salt))


@recipe("dropout_seeds", title="Dropout and noise layers with seeds", exposes=("S14", "F19"))
class DropoutSeeds(Recipe):
    """Seeds are numbers in the config of Keras 2, and state of a generator in Keras 3."""

    def inputs(self) -> Arrays:
        return [fill.probes("dropout_seeds", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = k.layers.Dense(8, activation="tanh", name="hidden")(source)
        value = k.layers.Dropout(0.5, seed=7, name="drop")(value)
        value = k.layers.GaussianNoise(0.1, name="noise")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "early_stopping",
    title="Trained with EarlyStopping, its best weights restored",
    exposes=("S17", "F29"),
)
class EarlyStopping(Recipe):
    """The weights that are saved are not those of the last step."""

    def inputs(self) -> Arrays:
        return [fill.probes("early_stopping", (4,))]

    def build(self, k: "Keras", objects: Objects) -> Any:
        model = small_model(k, self.name)
        model.compile(optimizer="sgd", loss="mse")
        self._callback = k.keras.callbacks.EarlyStopping
        return model

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        fill.set_weights(model, salt)
        if salt != fill.SAVED:
            return
        try:
            stop = self._callback(monitor="loss", patience=1, restore_best_weights=True)
        except TypeError as error:
            raise NotAvailable(f"EarlyStopping does not restore weights here: {error}")
        given = self.inputs()[0]
        # A target that moves away: the first epoch is the best, and the last one is not.
        model.fit(given, given[:, :2] * 100.0, epochs=3, verbose=0, callbacks=[stop])
