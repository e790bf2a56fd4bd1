"""Custom objects supplied in other ways than the right one: what a user's project may look like.

Ids are the host's, ``SCENARIOS`` in ``runner/model/routes.py``.
"""

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Optional

from .aliases import Objects
from .recipes.base import NotAvailable, Recipe

if TYPE_CHECKING:
    from .api import Keras

CHANGED = ("renamed-argument", "changed-default", "changed-weight-shape", "changed-maths")


def objects(k: "Keras", recipe: Recipe, scenario: str, scratch: str) -> Objects:
    """What goes in as ``custom_objects``, registrations done. ``scratch``: a folder to write to."""
    if scenario == "nothing-supplied":
        return {}
    if scenario in CHANGED:
        return recipe.changed(k, scenario)
    if scenario == "registered":
        return _registered(k, recipe, None)
    if scenario == "registered-elsewhere":
        return _registered(k, recipe, "somewhere_else")
    if scenario in ("definition-missing", "import-fails"):
        return _from_module(recipe, scenario, scratch)
    raise NotAvailable(f"no scenario is called {scenario}")


def _registered(k: "Keras", recipe: Recipe, package: Optional[str]) -> Objects:
    """Known by ``register_keras_serializable`` alone, as the documentation recommends."""
    found = recipe.unregistered(k)
    if not found:
        raise NotAvailable("this reference model has no custom objects to register")
    for value in found.values():
        k.register(package=package or recipe.package)(value)
    return {}


def _from_module(recipe: Recipe, scenario: str, scratch: str) -> Objects:
    """``from my_layers import Name`` where the module lacks it, or does not import itself."""
    names = sorted(recipe.object_names)
    if not names:
        raise NotAvailable("this reference model has no custom objects to import")
    lines = {
        "definition-missing": "# the layers moved elsewhere\n",
        "import-fails": "import a_package_that_is_not_installed\n",
    }
    folder = os.path.join(scratch, "project")
    os.makedirs(folder)
    with open(os.path.join(folder, "my_layers.py"), "w", encoding="utf-8") as stream:
        stream.write(lines[scenario])
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module("my_layers")
    finally:
        sys.path.remove(folder)
        sys.modules.pop("my_layers", None)
    return {name: _attribute(module, name) for name in names}


def _attribute(module: Any, name: str) -> Any:
    """What ``from my_layers import name`` does."""
    if not hasattr(module, name):
        raise ImportError(f"cannot import name {name!r} from 'my_layers'")
    return getattr(module, name)
