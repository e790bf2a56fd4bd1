"""The files that ``kmatrix init`` writes, as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runner.scaffold.action_source import UNKNOWN, in_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.scaffold.custom_objects import CustomLayer

RECIPES = "kmatrix_recipes.py"
WORKFLOW = ".github/workflows/kmatrix.yml"
CHECK_WORKFLOW = ".github/workflows/kmatrix-check.yml"
MATRIX = "matrix.yaml"
CHECK = "check"  # the folder of the action, in the repository of kmatrix
_TEMPLATES = Path(__file__).parent


def matrix_text(entries: Sequence[tuple[str, str]], *, recipes: bool) -> str:
    """Return a matrix file. ``entries``: lines below environments, each with the reason for it."""
    lines = [
        "# Which of these environments load each other's saved Keras models. Written by kmatrix",
        "# init; yours to change. After a change: kmatrix lock, then kmatrix run",
        "environments:",
    ]
    for line, why in entries:
        lines += [f"  # {why}", f"  - {line}"]
    lines += [
        "",
        "# Small models that come with kmatrix, each for a way in which loading has broken.",
    ]
    if recipes:
        lines += [f"# {RECIPES}: models with the layers of this repository.", "models:", "  - all"]
        lines += [f"  - {{file: {RECIPES}}}"]
    else:
        lines += ["models: [all]"]
    lines += ["formats: [h5, keras, savedmodel, weights-h5]", ""]
    return "\n".join(lines)


def workflow_text(action: str) -> str:
    """Return the workflow: one file that uses the action of kmatrix's repository."""
    return (_TEMPLATES / "workflow.yml").read_text("utf-8").replace(UNKNOWN, action)


def check_workflow_text(action: str) -> str:
    """Return the workflow that answers pull requests, with the action in the folder ``check``."""
    text = (_TEMPLATES / "check_workflow.yml").read_text("utf-8")
    return text.replace(in_folder(UNKNOWN, CHECK), in_folder(action, CHECK))


def recipes_text(layers: Sequence[CustomLayer]) -> str:
    """Return a recipe for each layer, with comments on what the user has to add."""
    head = (_TEMPLATES / "recipes_head.txt").read_text("utf-8")
    return head + "".join(_recipe(layer) for layer in layers)


def _recipe(layer: CustomLayer) -> str:
    build = []
    if layer.arguments:
        needs = ", ".join(layer.arguments)
        reason = f"{RECIPES}: say the arguments of {layer.name}: {needs}"
        build = [
            "        # Write them into the call below, then remove these two lines.",
            f'        return k.not_available("{reason}")',
        ]
    lines = [
        "",
        "",
        "@recipe(",
        f'    "{layer.recipe}",',
        f'    title="{layer.name} of {layer.path} in a small model",',
        "    custom=True,",
        ")",
        f"class {layer.name}Model(Recipe):",
        f'    """{layer.name} between an input and a Dense layer."""',
        "",
        "    def inputs(self):",
        f'        return [fill.probes("{layer.recipe}", (4,))]',
        "",
        "    def objects(self, k):",
        f'        return {{"{layer.name}": module("{layer.path}").{layer.name}}}',
        "",
        "    def build(self, k, objects):",
        *build,
        '        source = k.Input(shape=(4,), name="source")',
        f'        value = objects["{layer.name}"]()(source)',
        '        return k.Model(source, k.layers.Dense(2, name="out")(value))',
        "",
    ]
    return "\n".join(lines)
