"""Reference models: recipes that build the same small model on every Keras."""

import importlib
import importlib.util
import sys
import zlib
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
    """A module name for a user's recipe file, of its content.

    Its place differs from run to run, and Keras 3 writes the name into what it saves.
    """
    with open(path, "rb") as stream:
        return f"kmatrix_user_recipes_{zlib.crc32(stream.read()) & 0xFFFFFFFF:08x}"


def _run(path: str) -> None:
    name = module_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
