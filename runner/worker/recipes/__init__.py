"""Reference models: recipes that build the same small model on every Keras."""

import importlib
import importlib.util
import os
import re
import sys

from .. import fill  # noqa: F401 - users' recipe files take it from here
from .base import REGISTRY, NotAvailable, Recipe, recipe  # noqa: F401


def load(name, module, path):
    """The recipe ``name``: of ``kmatrix_worker.recipes.<module>``, or of a user's file."""
    if module:
        importlib.import_module(f"{__name__}.{module}")
    else:
        _run(path)
    return REGISTRY[name]()


def module_name(path):
    """The name under which a user's recipe file is imported.

    Keras 3 writes it into the file beside the name of each custom class: it depends on the name
    of the recipe file alone, so that the same recipe is saved as the same bytes everywhere.
    """
    stem = os.path.splitext(os.path.basename(path))[0]
    return "kmatrix_user_recipes_" + re.sub(r"\W", "_", stem)


def _run(path):
    name = module_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
