"""Find custom objects in the source of Python files, without importing them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KERAS = re.compile(r"^\s*(?:import|from)\s+(?:keras|tensorflow|tf_keras)\b", re.MULTILINE)
MOST = 8  # layers that a stub is written for


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomLayer:
    """A class that derives from ``Layer``. ``arguments``: those its ``__init__`` must be given."""

    name: str
    path: str  # in the repository
    arguments: tuple[str, ...]

    @property
    def recipe(self) -> str:
        """Its reference model's name, never a built-in's: ``own_attention_pool``."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name)
        return f"own_{words.lower().lstrip('_')}"


def find_layers(files: Mapping[str, str]) -> tuple[CustomLayer, ...]:
    """Return custom layers by file and line, each name once."""
    found: dict[str, CustomLayer] = {}
    for path, text in files.items():
        if KERAS.search(text):
            for layer in _layers(path, text):
                found.setdefault(layer.recipe, layer)
    return tuple(found.values())


def _layers(path: str, text: str) -> Iterator[CustomLayer]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_last(base) == "Layer" for base in node.bases):
            yield CustomLayer(name=node.name, path=path, arguments=tuple(_required(node)))


def _last(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _required(node: ast.ClassDef) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            given = child.args
            positional = [*given.posonlyargs, *given.args]
            needed = positional[1 : len(positional) - len(given.defaults)]
            yield from (one.arg for one in needed)
            for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
                if default is None:
                    yield one.arg
