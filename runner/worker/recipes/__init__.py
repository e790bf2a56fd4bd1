"""Reference models: recipes that build the same small model on every Keras."""

import importlib
import importlib.util
import os
import re
import sys
from typing import Optional

from .. import fill  # noqa: F401 - users' recipe files take it from here
from .base import REGISTRY, NotAvailable, Recipe, recipe

__all__ = ["NotAvailable", "Recipe", "fill", "load", "recipe"]


def load(name: str, module: Optional[str], path: Optional[str]) -> Recipe:
    """The recipe ``name``: of ``kmatrix_worker.recipes.<module>``, or of a user's file."""
    if path is None:
        importlib.import_module(f"{__name__}.{module}")
    else:
        _run(path)
    return REGISTRY[name]()


def module_name(path: str) -> str:
    """The name under which a user's recipe file is imported.

    Keras 3 writes it into the file beside the name of each custom class: it depends on the name
    of the recipe file alone, so that the same recipe is saved as the same bytes everywhere.
    """
    stem = os.path.splitext(os.path.basename(path))[0]
    return "kmatrix_user_recipes_" + re.sub(r"\W", "_", stem)


def _run(path: str) -> None:
    name = module_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
