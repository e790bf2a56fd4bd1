"""Recipes as the host knows them: read from their source with ``ast``, never imported."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from runner.config.problems import Problems, did_you_mean
from runner.config.values import ID
from runner.config.yaml_source import read_text
from runner.errors import ToolError
from runner.model.matrix import Format, Position, RecipeInfo, Tolerance
from runner.paths import WORKER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

BUILT_IN = WORKER / "recipes"
SHARED = (BUILT_IN / "base.py", BUILT_IN / "__init__.py", WORKER / "fill.py")
CONTROL = "mlp_sequential"  # the plainest: a saver that cannot write it cannot write the format
NO_RECIPES = frozenset({"__init__.py", "base.py"})


def _is_name(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_line(value: object) -> bool:
    return isinstance(value, str) and len(value.splitlines()) == 1


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return type(value) in {int, float} and 0 <= value < float("inf")  # type: ignore[operator]


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)


def _are_formats(value: object) -> bool:
    return _are_texts(value) and set(value) <= set(Format)  # type: ignore[call-overload]


# Each argument of @recipe: whether a value is valid, and what is expected.
ARGUMENTS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "name": (_is_name, "a name of letters, digits, '.', '_', '-'"),
    "title": (_is_line, "one line of text"),
    "custom": (_is_flag, "True or False"),
    "scenarios": (_is_flag, "True or False"),
    "exposes": (_are_texts, "a tuple of texts"),
    "formats": (_are_formats, "a tuple of formats: " + ", ".join(Format)),
    "rtol": (_is_number, "a number of 0 or more"),
    "atol": (_is_number, "a number of 0 or more"),
}


@cache
def built_in_recipes() -> tuple[RecipeInfo, ...]:
    """Every recipe that comes with kmatrix."""
    paths = sorted(path for path in BUILT_IN.glob("*.py") if path.name not in NO_RECIPES)
    return tuple(recipe for path in paths for recipe in read_recipes(path))


def control_recipe() -> RecipeInfo:
    """Return the control model: every environment saves and loads it, whatever the matrix lists."""
    for recipe in built_in_recipes():
        if recipe.name == CONTROL:
            return recipe
    raise ToolError(f"the installation of kmatrix is damaged: no recipe {CONTROL}")


def read_recipes(path: Path) -> tuple[RecipeInfo, ...]:
    """Return the recipes of one file. Raises ToolError with every mistake in it."""
    problems = Problems()
    found = tuple(recipes_in(path, problems))
    problems.raise_if_any()
    return found


def recipes_in(path: Path, problems: Problems) -> Iterator[RecipeInfo]:
    """Yield the recipes of one file; mistakes are noted and their recipe left out."""
    text = read_text(path, problems)
    if text is None:
        return
    try:
        tree = ast.parse(text, filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line, column = getattr(error, "lineno", 1) or 1, getattr(error, "offset", 1) or 1
        place = Position(file=str(path), line=line, column=max(1, column))
        reason = getattr(error, "msg", None) or str(error) or "nested too deeply"
        problems.add(place, "", f"not Python: {reason}")
        return
    seen: dict[str, int] = {}
    for node in tree.body:
        decorator = _recipe_decorator(node)
        if decorator is None:
            continue
        info = _read(path, decorator, problems)
        if info is not None and info.custom:
            info = replace(info, supplies=_supplies(node, tree))
        if info is None:
            continue
        if info.name in seen:
            place = _place(path, decorator)
            problems.add(
                place, info.name, "is twice in this file", f"first on line {seen[info.name]}"
            )
            continue
        seen[info.name] = decorator.lineno
        yield info


def _supplies(node: ast.stmt, tree: ast.Module) -> bool:
    """Whether a recipe has custom objects; what comes from another file may have some."""
    if not isinstance(node, ast.ClassDef):
        return True
    if any(isinstance(one, ast.FunctionDef) and one.name == "objects" for one in node.body):
        return True
    local = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    names = [_called_name(base) for base in node.bases]
    return any(
        _supplies(local[name], tree) if name in local else name != "Recipe" for name in names
    )


def _called_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _recipe_decorator(node: ast.stmt) -> ast.Call | None:
    if not isinstance(node, ast.ClassDef):
        return None
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _called(decorator) == "recipe":
            return decorator
    return None


def _called(call: ast.Call) -> str:
    return _called_name(call.func)


def _read(path: Path, call: ast.Call, problems: Problems) -> RecipeInfo | None:
    values: dict[str, object] = {}
    before = len(problems)
    given = [("name", node) for node in call.args[:1]]
    given += [(keyword.arg or "**", keyword.value) for keyword in call.keywords]
    for name, node in given:
        if name not in ARGUMENTS:
            place = _place(path, node)
            problems.add(
                place, "recipe", f"unknown argument {name!r}", did_you_mean(name, ARGUMENTS)
            )
            continue
        try:
            values[name] = ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError):
            problems.add(
                _place(path, node),
                f"recipe.{name}",
                "is not a literal",
                "kmatrix reads recipes without running them",
            )
    for name in ("name", "title"):
        if name not in values and len(problems) == before:
            problems.add(_place(path, call), "recipe", f"the argument {name!r} is missing")
    for name, value in values.items():
        fits, expected = ARGUMENTS[name]
        if not fits(value):
            message = f"expected {expected}, found {value!r}"
            problems.add(_place(path, call), f"recipe.{name}", message)
    return None if len(problems) > before else _info(path, values)


def _info(path: Path, values: dict[str, object]) -> RecipeInfo:
    inside = path.parent == BUILT_IN
    formats = values.get("formats")
    tolerance = None
    if "rtol" in values or "atol" in values:
        default = Tolerance()
        tolerance = Tolerance(
            rtol=float(values.get("rtol", default.rtol)),  # type: ignore[arg-type]
            atol=float(values.get("atol", default.atol)),  # type: ignore[arg-type]
        )
    return RecipeInfo(
        name=str(values["name"]),
        title=str(values["title"]),
        path=path,
        module=path.stem if inside else None,
        digest=_digest(path),
        custom=bool(values.get("custom", False)),
        scenarios=bool(values.get("scenarios", False)),
        exposes=tuple(values.get("exposes") or ()),  # type: ignore[arg-type]
        tolerance=tolerance,
        formats=tuple(Format(name) for name in formats) if formats else None,  # type: ignore[attr-defined]
    )


def _digest(path: Path) -> str:
    found = hashlib.sha256(path.read_bytes())
    for shared in SHARED:
        found.update(shared.read_bytes())
    return found.hexdigest()


def _place(path: Path, node: ast.expr) -> Position:
    return Position(file=str(path), line=node.lineno, column=node.col_offset + 1)
