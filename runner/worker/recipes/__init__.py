"""Reference models: recipes that build the same small model on every Keras."""

import importlib
import importlib.util
import sys
import zlib

from .. import fill  # noqa: F401 - users' recipe files take it from here
from .base import REGISTRY, NotAvailable, Recipe, recipe  # noqa: F401


def module_name(path):
    """A module name for a user's recipe file: of its content, since the place differs from run
    to run, and Keras writes the name into what it saves."""
    with open(path, "rb") as stream:
        return "kmatrix_user_recipes_%08x" % (zlib.crc32(stream.read()) & 0xFFFFFFFF)


def load(name, module, path):
    """The recipe ``name``: of ``kmatrix_worker.recipes.<module>``, or of a user's file."""
    if module:
        importlib.import_module("%s.%s" % (__name__, module))
    else:
        unique = module_name(path)
        spec = importlib.util.spec_from_file_location(unique, path)
        found = importlib.util.module_from_spec(spec)
        sys.modules[unique] = found
        spec.loader.exec_module(found)
    return REGISTRY[name]()
