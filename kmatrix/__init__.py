"""kmatrix: measures which Keras and TensorFlow versions load each other's saved models."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kmatrix._version import __version__

if TYPE_CHECKING:
    from kmatrix.library import convert

__all__ = ["__version__", "convert"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any attribute of a module
    """``kmatrix.convert``, imported when it is first used: every command imports ``kmatrix``."""
    if name == "convert":
        return import_module("kmatrix.library").convert
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
