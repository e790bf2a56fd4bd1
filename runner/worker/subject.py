"""What is known of a model besides its file: inputs, custom objects, and its code if there is any.

A reference model knows all of it from its recipe; a file from outside see in ``foreign``.
"""

import json
from typing import TYPE_CHECKING, Any, Optional

from . import codec, fill, nesting, scenarios
from . import recipes as recipe_files
from .aliases import Arrays, Json, Objects
from .recipes.base import NotAvailable, Recipe

if TYPE_CHECKING:
    from .api import Keras


class Subject:
    """The model that a task is about."""

    def __init__(self, inputs_file: Optional[str]) -> None:
        self._inputs_file = inputs_file
        self._objects: Optional[Objects] = None

    def given(self) -> Optional[Arrays]:
        """The inputs that the host hands over, flat; None without."""
        if not self._inputs_file:
            return None
        with open(self._inputs_file, encoding="utf-8") as stream:
            return [codec.decode(item) for item in json.load(stream)]

    def objects(self, k: "Keras") -> Objects:
        """The custom objects for the Keras of this process, made once."""
        if self._objects is None:
            self._objects = self.objects_for(k)
        return self._objects

    def objects_for(self, k: "Keras") -> Objects:
        """The custom objects for a Keras."""
        raise NotImplementedError

    def inputs(self) -> Any:
        """What to predict on: arrays in a list or in a dict, as the model takes them."""
        raise NotImplementedError

    def build_blank(self, k: "Keras") -> Any:
        """The model from its code, with weights that no artifact holds."""
        raise NotImplementedError


class Reference(Subject):
    """A reference model, by its recipe."""

    def __init__(self, recipe: Json, inputs_file: Optional[str]) -> None:
        super().__init__(inputs_file)
        self._source = recipe
        self._recipe: Optional[Recipe] = None
        self.scenario: Optional[str] = None  # how the custom objects are supplied
        self.scratch = ""

    @property
    def recipe(self) -> Recipe:
        """The recipe, loaded when it is first asked for."""
        if self._recipe is None:
            source = self._source
            self._recipe = recipe_files.load(
                source["name"], source.get("module"), source.get("path")
            )
        return self._recipe

    def objects_for(self, k: "Keras") -> Objects:
        """The recipe's own, or what the scenario makes of them."""
        if self.scenario is not None:
            return scenarios.objects(k, self.recipe, self.scenario, self.scratch)
        return self.recipe.objects(k)

    def inputs(self) -> Any:
        """The saver's own inputs where it left them, else the recipe's; nested as in the recipe."""
        own, given = self.recipe.inputs(), self.given()
        return own if given is None else nesting.packed(own, given)

    def build_blank(self, k: "Keras") -> Any:
        """See ``Subject``: a weight that a load does not reach stays visibly wrong."""
        model = self.recipe.build(k, self.objects(k))
        self.recipe.fill(model, fill.BLANK, fill)
        return model


class NoInputs(NotAvailable):
    """It loads, and nothing can be predicted; the message says why."""
