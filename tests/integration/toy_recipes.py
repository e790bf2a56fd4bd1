"""Reference models that the toy Keras can build; one has a custom layer."""

from kmatrix_worker import fill
from kmatrix_worker.recipes import Recipe, recipe


class Base(Recipe):
    units = 2

    def inputs(self):
        return [fill.probes(self.name, (3,))]

    def layer(self, k):
        return k.layers.Dense

    def build(self, k, objects):
        layer = (objects or {}).get("Doubled", k.layers.Dense)
        return k.Sequential([k.layers.InputLayer(input_shape=(3,)), layer(self.units, name="only")])


@recipe("narrow", title="one unit")
class Narrow(Base):
    units = 1


@recipe("wide", title="seven units")
class Wide(Base):
    units = 7


@recipe("medium", title="four units")
class Medium(Base):
    units = 4


@recipe("special", title="a layer of its own", custom=True)
class Special(Base):
    def objects(self, k):
        class Doubled(k.layers.Dense):
            def __call__(self, values):
                return 2 * super().__call__(values)

        return {"Doubled": Doubled}
