"""From options to a Spec: the matrix file, its profile, and the command line's selections."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.options import MATRIX_FILE
from runner.config.matrix_file import load_matrix, select
from runner.config.problems import nearest
from runner.config.recipe_source import built_in_recipes
from runner.errors import ExitCode, ToolError
from runner.model.matrix import Format, Pairs
from runner.paths import MATRIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.matrix import Environment, Installation, Matrix, RecipeInfo, Spec

CONTROL = "mlp_sequential"  # the plainest model: who cannot write it, does not write the format


def build_folder(options: Namespace) -> Path:
    """Where this matrix keeps environments, evidence and reports."""
    if options.build_dir is not None:
        return Path(options.build_dir)
    named = os.environ.get("KMATRIX_BUILD_DIR")
    return Path(named) if named else Path(options.matrix).parent / "build"


def matrix_of(options: Namespace) -> Matrix:
    """The matrix file, all of it with the builder of the command line if that names one.

    Raises ToolError with all mistakes in it.
    """
    matrix = load_matrix(options.matrix)
    builder = getattr(options, "builder", None)
    if builder is None:
        return matrix
    return replace(
        matrix,
        environments=tuple(
            replace(item, installation=replace(item.installation, builder=builder))
            for item in matrix.environments
        ),
    )


def matrix_or_own(options: Namespace) -> tuple[Matrix, bool]:
    """As ``matrix_of``; kmatrix's own where none was named and none is in the current folder.

    The second says whether it is kmatrix's own.
    """
    own = options.matrix == MATRIX_FILE and not options.matrix.exists()
    if own:
        options = Namespace(**{**vars(options), "matrix": MATRIX})
    return matrix_of(options), own


def load_spec(options: Namespace) -> tuple[Spec, frozenset[str] | None]:
    """The spec that the options select, and the cell ids if single cells were asked for."""
    matrix = matrix_of(options)
    named = getattr(options, "cell", [])
    if named:
        parts = [_split(cell) for cell in named]
        _check_cells(matrix, named, parts)
        spec = select(
            matrix,
            profile=None,
            environments=tuple(name for part in parts for name in (part[0], part[3])),
            recipes=tuple(part[1] for part in parts),
            formats=tuple(part[2] for part in parts),
        )
        # A cell that is named is asked, whatever pairs the profile keeps to.
        return replace(spec, pairs=Pairs()), frozenset(named)
    spec = select(
        matrix,
        profile=options.profile,
        environments=tuple(options.environments),
        recipes=tuple(options.models),
        formats=tuple(options.formats),
        touching=tuple(options.touching),
    )
    return spec, None


def selects(options: Namespace) -> bool:
    """Whether the command line chooses a part of the profile."""
    return any((options.environments, options.models, options.formats, options.touching))


def _split(cell: str) -> tuple[str, str, str, str]:
    parts = cell.split("/")
    if len(parts) != 4 or not all(parts):
        raise ToolError(
            f"--cell {cell}: a cell is named saver/model/format/loader, "
            "for example tf2.10-py39/mlp_sequential/h5/tf2.15-py311",
            exit_code=ExitCode.USAGE,
        )
    return parts[0], parts[1], parts[2], parts[3]


def _check_cells(
    matrix: Matrix, cells: Sequence[str], parts: Sequence[tuple[str, str, str, str]]
) -> None:
    """Every part of a cell's name is one that is there; no globs."""
    environments = [item.id for item in matrix.environments]
    models = [item.name for item in matrix.recipes]
    known = (
        *((environments, "environment"), (models, "reference model")),
        *((list(map(str, Format)), "format"), (environments, "environment")),
    )
    lost = [
        f"--cell {cell}: {word!r} is no {what}; {nearest(word, names)}"
        for cell, words in zip(cells, parts, strict=True)
        for word, (names, what) in zip(words, known, strict=True)
        if word not in names
    ]
    if lost:
        raise ToolError("\n".join(lost), exit_code=ExitCode.USAGE)


def chosen_environments(options: Namespace) -> tuple[Matrix, tuple[Environment, ...]]:
    """The environments that globs on the command line name; all of the file without any."""
    matrix = matrix_of(options)
    globs = tuple(getattr(options, "environments", ()))
    if not globs:
        return matrix, matrix.environments
    return matrix, select(matrix, profile=None, environments=globs).environments


def installations_of(environments: Sequence[Environment]) -> tuple[Installation, ...]:
    """The distinct installations, in order."""
    return tuple({item.installation.name: item.installation for item in environments}.values())


def control_recipe() -> RecipeInfo:
    """The control model, whether the matrix asks for it or not."""
    for recipe in built_in_recipes():
        if recipe.name == CONTROL:
            return recipe
    raise ToolError(f"the installation of kmatrix is damaged: no recipe {CONTROL}")
