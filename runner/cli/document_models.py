"""Writes docs/models.md from the recipes: ``python -m runner.cli.document_models``.

With --check it writes nothing and ends with 1 where the file is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.config.recipe_source import built_in_recipes
from runner.display_text import escape_pipes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.matrix import RecipeInfo

PATH = Path(__file__).parents[2] / "docs" / "models.md"
HEAD = """\
# Reference models

<!-- Written by `python -m runner.cli.document_models`; do not edit. -->

Small models with fixed weights and inputs, each in the set because it shows a break that the
others do not. The recipes are in `runner/worker/recipes/`; CONTRIBUTING.md says how to add one.

- *exposes*: the failures it was chosen to reach. `F` refuses or fails, `S` loads and is wrong.
  An empty field is a control: it should load everywhere.
- *custom*: it needs custom objects, or runs code from its file, and is loaded in a process of its
  own. *scenarios*: its custom objects are also supplied in other ways: not at all, registered,
  changed, missing from their module.

"""


def document(recipes: Iterable[RecipeInfo]) -> str:
    """Return the whole page; reference models by file, then in the order of the file."""
    found = tuple(recipes)
    lines = [f"{len(found)} reference models:", ""]
    lines += ["| name | title | exposes | custom objects | file |", "|---|---|---|---|---|"]
    lines += [_row(recipe) for recipe in found]
    return HEAD + "\n".join(lines) + "\n"


def _row(recipe: RecipeInfo) -> str:
    custom = "scenarios" if recipe.scenarios else "custom" if recipe.custom else ""
    cells = (
        f"`{recipe.name}`",
        escape_pipes(recipe.title),
        " ".join(recipe.exposes),
        custom,
        f"`{recipe.path.name}`",
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it."""
    text = document(built_in_recipes())
    if "--check" not in arguments:
        PATH.write_text(text, "utf-8")
        return 0
    if PATH.is_file() and PATH.read_text("utf-8") == text:
        return 0
    print(f"{PATH} is out of date; write it: python -m runner.cli.document_models", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
