"""The key ``models``: built-in reference models, users' recipe files, tolerances of their own."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from runner.spec.problems import nearest
from runner.spec.recipes import built_in_recipes, recipes_in
from runner.spec.settings import ALL, read_tolerance

if TYPE_CHECKING:
    from runner.nouns.spec import RecipeInfo, Tolerance
    from runner.spec.nodes import Node


def read_models(node: Node | None, *, folder: Path, default: Tolerance) -> tuple[RecipeInfo, ...]:
    """Every recipe that the list names, each once. Without a list: all built-in ones."""
    if node is None:
        return built_in_recipes()
    built_in = {recipe.name: recipe for recipe in built_in_recipes()}
    found: dict[str, RecipeInfo] = {}
    for item in node.one_or_more():
        recipes = (
            _from_mapping(item, built_in, folder, default)
            if item.is_mapping
            else _by_glob(item, built_in)
        )
        for recipe in recipes:
            if recipe.name in found and found[recipe.name].path != recipe.path:
                item.problem(f"a second recipe is called {recipe.name!r}", "rename one of them")
            found[recipe.name] = recipe
    return tuple(found.values())


def _by_glob(item: Node, built_in: dict[str, RecipeInfo]) -> list[RecipeInfo]:
    glob = item.text("a reference model")
    if glob is None:
        return []
    found = [recipe for name, recipe in built_in.items() if glob == ALL or fnmatchcase(name, glob)]
    if not found:
        item.problem(f"{glob!r} matches no reference model", nearest(glob, built_in))
    return found


def _from_mapping(
    item: Node, built_in: dict[str, RecipeInfo], folder: Path, default: Tolerance
) -> list[RecipeInfo]:
    fields = item.fields(("file", "name", "tolerance"))
    if "file" in fields:
        text = fields["file"].text("a Python file")
        if text is None:
            return []
        path = folder / text
        if not path.is_file():
            fields["file"].problem(f"{text}: no such file", "paths are relative to the matrix file")
            return []
        found = list(recipes_in(path, item.problems))
        if not found:
            fields["file"].problem(f"{text} holds no recipe", "decorate a class with @recipe(...)")
    elif "name" in fields:
        found = _by_glob(fields["name"], built_in)
    else:
        item.problem("names no reference model", "write name: mlp_* or file: recipes/mine.py")
        return []
    if "tolerance" not in fields:
        return found
    return [
        replace(recipe, tolerance=read_tolerance(fields["tolerance"], recipe.tolerance or default))
        for recipe in found
    ]


def recipe_folder(path: Path) -> Path:
    """What paths in a matrix file are relative to."""
    return Path(path).resolve().parent
