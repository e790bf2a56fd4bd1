"""Keys of evidence: digests of everything an answer depends on."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from runner.environment_variables import QUIET_AND_SMALL, defining_variables

if TYPE_CHECKING:
    from runner.model.matrix import Environment, Format, RecipeInfo
    from runner.model.scripts import Script

Parts = tuple[tuple[str, str], ...]


def environment_digest(environment: Environment, lock: str) -> str:
    """Of an environment: its lock's digest, its Python, its builder and its variables."""
    installation = environment.installation
    image = installation.image.base_for(installation.python)
    return _digest(
        {
            "lock": lock,
            "python": installation.python,
            "builder": installation.builder,
            **({"image": image} if installation.builder == "docker" else {}),
            "variables": {**QUIET_AND_SMALL, **defining_variables(environment)},
        }
    )


def save_parts(*, saver: str, recipe: RecipeInfo, format_: Format, worker: str) -> Parts:
    """Return what a save depends on; ``saver`` is an environment digest."""
    return (
        ("format", str(format_)),
        ("recipe", recipe.digest),
        ("recipe name", recipe.name),
        ("saver", saver),
        ("worker", worker),
    )


def load_parts(
    *,
    artifact: str,
    loader: str,
    recipe: RecipeInfo,
    format_: Format,
    worker: str,
    way: str,
    script: Script,
) -> Parts:
    """Return what a load depends on; ``loader`` is an environment digest."""
    return (
        ("artifact", artifact),
        ("format", str(format_)),
        ("loader", loader),
        ("recipe", recipe.digest),
        ("recipe name", recipe.name),
        ("route", way),
        ("script", script.digest),
        ("worker", worker),
    )


def key_of(parts: Parts) -> str:
    """Return the key that the parts make."""
    return _digest(dict(parts))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
