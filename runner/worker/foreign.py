"""A file from outside, without a recipe: loaded by any route, fed with inputs of its own shapes."""

import importlib.util
import os
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any, Iterator, Optional

from . import fill, nesting, observe, probing, script_run
from .aliases import Json, Objects
from .load_context import Load, LoadedModel
from .recipes.base import NotAvailable
from .subject import NoInputs, Subject

if TYPE_CHECKING:
    from .api import Keras

UNBUILT = "it was saved before it saw an input, and has no weights"


class ForeignFile(Subject):
    """What the host found in the file, and what its owner gave along with it."""

    def __init__(self, about: Json, folder: str, inputs_file: Optional[str]) -> None:
        super().__init__(inputs_file)
        self._folder = folder
        self.architecture: bool = about["architecture"]
        self._custom: Optional[str] = about["custom"]
        self._asked = about["asked"]
        self._hints = about["hints"]

    def custom_module(self) -> Optional[types.ModuleType]:
        """The user's file, imported; None where none was given."""
        if self._custom is None:
            return None
        return _module(os.path.join(self._folder, self._custom))

    def objects_for(self, k: "Keras") -> Objects:
        """Classes and functions of the user's file, by the names that the saved file asks for."""
        module = self.custom_module()
        if module is None:
            return {}
        found = dict(getattr(module, "CUSTOM_OBJECTS", {}))
        for name, value in sorted(vars(module).items()):
            own = getattr(value, "__module__", None) == module.__name__
            if own and isinstance(value, (type, types.FunctionType)):
                found.setdefault(name, value)
        for asked in self._asked:
            bare = asked.rpartition(">")[2]
            if asked not in found and bare in found:
                found[asked] = found[bare]
        return found

    def inputs(self) -> Any:
        """See ``Subject``: the user's, or the first that the file's hints suggest."""
        return next(self.candidates(None))

    def candidates(self, model: Any) -> Iterator[Any]:
        """Inputs to try; only those that were given, where some were. Raises NoInputs."""
        given = self.given()
        if given is None:
            return probing.wanted(model, self._hints).candidates()
        try:
            structure = probing.wanted(model, self._hints).structure
            return iter([nesting.packed(structure, given)])
        except (NoInputs, ValueError):
            return iter([given])

    def build_blank(self, k: "Keras") -> Any:
        """See ``Subject``. The code of the model is with its owner."""
        raise NotAvailable("the code of the model is not in the file")


def _module(path: str) -> types.ModuleType:
    """The user's file under its own name, imported once."""
    name = os.path.splitext(os.path.basename(path))[0]
    if name not in sys.modules:
        sys.path.insert(0, os.path.dirname(path))  # what it imports may lie beside it
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def run(load: Load, file: ForeignFile) -> LoadedModel:
    """Load the file by the route that was asked for."""
    try:
        file.custom_module()  # its import may register operations, which a graph needs
    except Exception as error:  # a graph may do without it; scripts that need it raise it again
        warnings.warn(f"the module of custom objects was not imported: {error!r}", stacklevel=1)
    loaded = script_run.run(load)
    if file.architecture:
        load.mark("weights")
        _fill(load, loaded.model)
    elif loaded.call is None and not hasattr(loaded.model, "get_weights"):
        # TensorFlow 2 hands out a plain object for a SavedModel that holds no Keras model.
        kind = type(loaded.model).__name__
        raise NotAvailable(f"load_model returned a {kind}, no Keras model")
    return loaded


def _fill(load: Load, model: Any) -> None:
    """Set fixed weights by layer name: an architecture that loads can be compared as well."""
    if not observe.is_built(model):
        try:
            observe.predict(load.k, model, load.subject.inputs())
        except NoInputs:
            return  # nothing says its shapes: it stays as it is
    fill.set_weights(model)
