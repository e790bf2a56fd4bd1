"""The key ``models``: built-in reference models, users' recipe files, libraries of layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from runner.config.packages import layered, read_releases, recipe_files
from runner.config.problems import nearest
from runner.config.recipe_source import built_in_recipes, recipes_in
from runner.config.settings import ALL, read_tolerance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.config.yaml_nodes import Node
    from runner.model.matrix import Environment, RecipeInfo, Tolerance

KEYS = ("file", "name", "tolerance", "package", "versions", "recipes", "environments",
        "requirements")  # fmt: skip
PACKAGE_ONLY = KEYS[4:]


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """What ``models`` says: recipes, and the environments in which there is something to do."""

    recipes: tuple[RecipeInfo, ...]
    environments: tuple[Environment, ...]


def read_models(
    node: Node | None, *, folder: Path, default: Tolerance, environments: Sequence[Environment]
) -> Models:
    """Every recipe that the list names, each once. Without a list: all built-in ones.

    A library of layers adds environments of its own, each a base with one release. Where all
    recipes are made of such libraries the bases have nothing to do, and are left out.
    """
    if node is None:
        return Models(recipes=built_in_recipes(), environments=tuple(environments))
    built_in = {recipe.name: recipe for recipe in built_in_recipes()}
    found: dict[str, RecipeInfo] = {}
    added: list[Environment] = []
    for item in node.one_or_more():
        if item.is_mapping and "package" in (item.mapping() or {}):
            recipes, more = _from_package(item, folder, default, environments)
            _add(added, more, item)
        else:
            recipes = _plain(item, built_in, folder, default)
        for recipe in recipes:
            if recipe.name in found and found[recipe.name].path != recipe.path:
                item.problem(f"a second recipe is called {recipe.name!r}", "rename one of them")
            found[recipe.name] = recipe
    bases = environments if any(one.package is None for one in found.values()) else ()
    return Models(recipes=tuple(found.values()), environments=(*bases, *added))


def _plain(
    item: Node, built_in: dict[str, RecipeInfo], folder: Path, default: Tolerance
) -> list[RecipeInfo]:
    if item.is_mapping:
        return _from_mapping(item, built_in, folder, default)
    return _by_glob(item, built_in)


def _add(added: list[Environment], more: Sequence[Environment], item: Node) -> None:
    taken = {one.id: one for one in added}
    for environment in more:
        if environment.id in taken:
            item.problem(
                f"a second environment is called {environment.id!r}", "name each release once"
            )
        else:
            added.append(environment)
            taken[environment.id] = environment


def _from_package(
    item: Node, folder: Path, default: Tolerance, environments: Sequence[Environment]
) -> tuple[list[RecipeInfo], list[Environment]]:
    """Return the recipes of a library of layers, and its environments."""
    fields = item.fields(KEYS)
    for key in ("file", "name"):
        if key in fields:
            fields[key].key_problem("cannot be combined with `package`", "make two entries of it")
    releases = read_releases(fields, folder)
    if "recipes" not in fields:
        item.problem("the key 'recipes' is missing", "name a file with recipes of its layers")
        return [], []
    files = list(recipe_files(fields["recipes"], folder, releases))
    found = [recipe for path in files for recipe in recipes_in(path, item.problems)]
    if files and not found:
        fields["recipes"].problem("has no recipe", "decorate a class with @recipe(...)")
    name = releases[0].package.name if releases else None
    tolerance = read_tolerance(fields["tolerance"], default) if "tolerance" in fields else None
    recipes = [
        replace(recipe, package=name, tolerance=tolerance or recipe.tolerance) for recipe in found
    ]
    return recipes, list(layered(environments, releases, fields.get("environments")))


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
    fields = item.fields(KEYS)
    for key in PACKAGE_ONLY:
        if key in fields:
            fields[key].key_problem("belongs to a package", "add package: NAME, or leave it out")
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
            fields["file"].problem(f"{text} has no recipe", "decorate a class with @recipe(...)")
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
    """Return what paths in a matrix file are relative to."""
    return Path(path).resolve().parent
