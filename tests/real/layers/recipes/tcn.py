"""Models made of keras-tcn's layers, for every release of it."""

from kmatrix_worker import fill
from kmatrix_worker.recipes.base import Recipe, recipe


@recipe("tcn_sequence", title="A temporal convolutional network over a sequence", custom=True)
class TcnSequence(Recipe):
    """The layer by the arguments that both releases have."""

    def inputs(self):
        return [fill.probes("tcn_sequence", (12, 3))]

    def objects(self, k):
        from tcn import TCN

        return {"TCN": TCN}

    def build(self, k, objects):
        source = k.Input(shape=(12, 3), name="source")
        tcn = objects["TCN"](
            nb_filters=4, kernel_size=2, dilations=(1, 2, 4), use_skip_connections=True, name="tcn"
        )
        return k.Model(source, k.layers.Dense(2, name="out")(tcn(source)))
