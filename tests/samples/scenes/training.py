"""What was compiled with the model."""

import numpy
from scenes import keras, model, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3, JAX = "tf2.21-keras3.15-py312", "keras3.15-jax-py312"


class Compiled(object):
    """A compiled model, trained for one step."""

    path = "model.h5"

    def compile(self, k, found):
        found.compile(optimizer="adam", loss="mse")

    def save(self):
        k = keras()
        found = model(k)
        self.compile(k, found)
        found.fit(numpy.ones((2, 4)), numpy.ones((2, 2)), verbose=0)
        found.save(self.path)

    def load(self):
        found = keras().models.load_model(self.path)
        found.predict(numpy.ones((2, 4)))


@scene("loss-name-in-h5@itself", saver=KERAS3, loader=KERAS3, format="h5")
@scene("loss-name-in-h5@keras2", saver=TF210, loader=JAX, format="h5")
class StringLoss(Compiled):
    def compile(self, k, found):
        found.compile(optimizer="sgd", loss="mse", metrics=["mae"])


@scene("optimizer-name-custom@tensorflow1", saver=TF215, loader=TF1, format="h5")
class NewAdam(Compiled):
    def save(self):
        k = keras()
        found = k.models.Sequential([k.layers.Dense(2, input_shape=(4,))])
        found.compile(optimizer="adam", loss="mse")
        found.fit(numpy.ones((2, 4)), numpy.ones((2, 2)), verbose=0)
        found.save(self.path)


@scene("optimizer-weight-decay", saver=TF215, loader=TF210, format="h5")
class NewAdamLater(NewAdam):
    pass


@scene("optimizer-module-gone", saver=TF215, loader=KERAS3, format="keras")
class LegacyAdam(Compiled):
    path = "model.keras"

    def save(self):
        k = keras()
        found = k.models.Sequential([k.layers.Input(shape=(4,)), k.layers.Dense(2)])
        found.compile(optimizer=k.optimizers.legacy.Adam(0.01), loss="mse")
        found.save(self.path)


@scene("optimizer-module-gone@use", loader=KERAS3)
class LegacyUsed(object):
    def save(self):
        pass

    def load(self):
        keras().optimizers.legacy.Adam(0.01)


@scene("optimizer-checkpoint-legacy", saver=TF210, loader=TF215, format="checkpoint")
class LegacyCheckpoint(Compiled):
    path = "model"

    def save(self):
        k = keras()
        found = model(k)
        found.compile(optimizer="adam", loss="mse")
        found.fit(numpy.ones((2, 4)), numpy.ones((2, 2)), verbose=0)
        found.save_weights(self.path)

    def load(self):
        found = model(keras())
        found.compile(optimizer="adam", loss="mse")
        found.load_weights(self.path)
        found.fit(numpy.ones((2, 4)), numpy.ones((2, 2)), verbose=0)


@scene("optimizer-unknown", saver=TF215, loader=TF210, format="h5")
class Lion(Compiled):
    """An optimizer of one's own."""

    def compile(self, k, found):
        class Mine(k.optimizers.legacy.SGD if hasattr(k.optimizers, "legacy") else object):
            pass

        found.compile(optimizer=Mine(0.01), loss="mse")


@scene("loss-argument-fn", saver=TF215, loader=KERAS3, format="h5")
@scene("loss-reduction-auto@jax", saver=TF210, loader=JAX, format="h5")
class LossObject(Compiled):
    def compile(self, k, found):
        found.compile(optimizer="sgd", loss=k.losses.MeanSquaredError())


@scene("loss-reduction-auto", saver=TF215, loader=KERAS3, format="keras")
class LossReduction(Compiled):
    """A loss of one's own that inherits Keras 2's reduction."""

    def load(self):
        keras().losses.MeanSquaredError(reduction="auto")


@scene("steps-per-execution", saver=TF215, loader=KERAS3, format="keras")
@scene("steps-per-execution@jax", saver=TF215, loader=JAX, format="keras")
class StepsPerExecution(Compiled):
    path = "model.keras"

    def save(self):
        k = keras()
        found = k.models.Sequential([k.layers.Input(shape=(4,)), k.layers.Dense(2)])
        found.compile(optimizer="sgd", loss="mse")
        found.save(self.path)


@scene("training-config-key-missing", saver=TF210, loader=TF1, format="h5")
class TrainingConfig(Compiled):
    def compile(self, k, found):
        found.compile(optimizer="sgd", loss="mse")

    def save(self):
        k = keras()
        found = k.models.Sequential([k.layers.Dense(2, input_shape=(4,))])
        self.compile(k, found)
        found.save(self.path)
