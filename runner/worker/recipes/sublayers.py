"""Custom layers that hold other layers: how they hold them decides whether weights are saved."""

from typing import TYPE_CHECKING, Any

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras


def make_block(k: "Keras", hold: Any) -> Any:
    """A layer ``Block`` of three Dense layers in a row. ``hold(block, steps)`` keeps them on it."""

    class Block(k.layers.Layer):
        def __init__(self, units=4, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            hold(self, [k.layers.Dense(units, activation="tanh", name=name) for name in "abc"])

        def build(self, input_shape):
            shape = tuple(input_shape)
            for step in self.steps():
                with k.name_scope(step.name):
                    step.build(shape)
                    step.built = True
                shape = shape[:-1] + (self.units,)
            if not self.trainable_weights:  # Keras 2.3 finds those in ``_layers`` itself
                k.adopt(self, self.steps())
            super().build(input_shape)

        def call(self, inputs):
            for step in self.steps():
                inputs = step(inputs)
            return inputs

        def steps(self):
            return hold(self, None)

        def compute_output_shape(self, input_shape):
            return tuple(input_shape[:-1]) + (self.units,)

        def get_config(self):
            config = super().get_config()
            config["units"] = self.units
            return config

    return Block


def in_private_layers(block: Any, steps: Any) -> Any:
    """Keep ``steps`` in ``block._layers``; give them back where there are none to keep."""
    if steps is not None:
        block._layers = steps
    return list(block._layers)


def in_nested_list(block: Any, steps: Any) -> Any:
    """Keep ``steps`` in a list of lists; give them back where there are none to keep."""
    if steps is not None:
        block.rows = [steps[:2], steps[2:]]
    # No comprehension: TensorFlow 1.15 rewrites this function, and gets nested ones wrong.
    return list(block.rows[0]) + list(block.rows[1])


class BlockRecipe(Recipe):
    """A model around the block; how it holds its layers is what differs."""

    hold: Any = None

    def inputs(self) -> Arrays:
        return [fill.probes(self.name, (4,))]

    object_names = ("Block",)

    def objects(self, k: "Keras") -> Objects:
        return {"Block": make_block(k, type(self).hold)}

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(4,), name="source")
        value = objects["Block"](4, name="block")(source)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "custom_private_layers",
    title="A custom layer that holds sublayers in self._layers",
    custom=True,
    exposes=("S05",),
)
class CustomPrivateLayers(BlockRecipe):
    """An attribute that Keras uses itself: it does not write what hangs there."""

    hold = staticmethod(in_private_layers)


@recipe(
    "custom_nested_list",
    title="A custom layer that holds sublayers in a list of lists",
    custom=True,
    exposes=("S06", "F67"),
)
class CustomNestedList(BlockRecipe):
    """Keras 3.0 to 3.14 walk lists one level deep when they save, and say nothing."""

    hold = staticmethod(in_nested_list)
