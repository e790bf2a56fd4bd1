"""Reference models: recipes that build the same small model on every Keras."""

import importlib
import importlib.util
import sys

from .. import fill  # noqa: F401 - users' recipe files take it from here
from .base import REGISTRY, NotAvailable, Recipe, recipe  # noqa: F401


def load(name, module, path):
    """The recipe ``name``: of ``kmatrix_worker.recipes.<module>``, or of a user's file."""
    if module:
        importlib.import_module("%s.%s" % (__name__, module))
    else:
        unique = "kmatrix_user_recipes_%d" % (abs(hash(path)) % 10**8)
        spec = importlib.util.spec_from_file_location(unique, path)
        found = importlib.util.module_from_spec(spec)
        sys.modules[unique] = found
        spec.loader.exec_module(found)
    return REGISTRY[name]()
