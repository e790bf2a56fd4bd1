"""A custom layer that lives in a module which the loader could import by itself."""

import sys
import types
from typing import TYPE_CHECKING, Any, Dict

from ..aliases import Arrays, Objects
from . import Recipe, fill, recipe

if TYPE_CHECKING:
    from ..api import Keras

MODULE = "kmatrix_reference_layers"


def make_offset(k: "Keras") -> Any:
    """The layer of ``custom_importable``, as its module holds it."""

    class Offset(k.layers.Layer):
        def __init__(self, by=1.0, **kwargs):
            super().__init__(**kwargs)
            self.by = by

        def call(self, inputs):
            return inputs + self.by

        def compute_output_shape(self, input_shape):
            return input_shape

        def get_config(self):
            config = super().get_config()
            config["by"] = self.by
            return config

    return Offset


@recipe(
    "custom_importable",
    title="An unregistered layer in a module that can be imported",
    custom=True,
    scenarios=True,
    exposes=("F44", "F05"),
)
class CustomImportable(Recipe):
    """With nothing supplied, Keras 3 to 3.8 imports it by the name in the file; 3.9 refuses to."""

    object_names = ("Offset",)

    def inputs(self) -> Arrays:
        return [fill.probes("custom_importable", (4,))]

    def objects(self, k: "Keras") -> Objects:
        layer = make_offset(k)
        # A module of this process, as one on the user's path would be: ``import`` finds it.
        module: Any = sys.modules.setdefault(MODULE, types.ModuleType(MODULE))
        layer.__module__, layer.__qualname__ = MODULE, "Offset"
        module.Offset = layer
        return {"Offset": layer}

    def build(self, k: "Keras", objects: Objects) -> Any:
        own = dict(self.objects(k), **objects)
        source = k.Input(shape=(4,), name="source")
        value = own["Offset"](0.5, name="offset")(k.layers.Dense(3, name="hidden")(source))
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        hidden = inputs[0].dot(weights["hidden"][0]) + weights["hidden"][1] + 0.5
        return [hidden.dot(weights["out"][0]) + weights["out"][1]]
