"""The part of a matrix that the command line selects: profile, globs, single cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.cli.options import ProjectOptions, option
from runner.config.matrix_file import select
from runner.config.problems import nearest
from runner.errors import ExitCode, ToolError
from runner.model.cell_id import CellId
from runner.model.matrix import Format, Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.matrix import Matrix, Spec


@dataclass(frozen=True, kw_only=True)
class SelectionOptions(ProjectOptions):
    """Options of commands that work on a part of the matrix."""

    profile: str | None = option("--profile", metavar="NAME", help="a profile of the matrix file")
    environments: tuple[str, ...] = option(
        "--environments", nargs="+", metavar="GLOB", help="only these environments"
    )
    models: tuple[str, ...] = option(
        "--models", nargs="+", metavar="GLOB", help="only these reference models"
    )
    formats: tuple[str, ...] = option(
        "--formats", nargs="+", metavar="GLOB", help="only these formats"
    )
    touching: tuple[str, ...] = option(
        "--touching",
        nargs="+",
        metavar="GLOB",
        help="only pairs with one of these environments as saver or loader",
    )

    @property
    def selects(self) -> bool:
        """Whether the command line selects a part of the profile."""
        return any((self.environments, self.models, self.formats, self.touching))


def selected_spec(matrix: Matrix, options: SelectionOptions) -> Spec:
    """Return the spec of a profile and the command line's globs. Raises ToolError (exit code 2)."""
    return select(
        matrix,
        profile=options.profile,
        environments=options.environments,
        recipes=options.models,
        formats=options.formats,
        touching=options.touching,
    )


def spec_of_cells(matrix: Matrix, cells: Sequence[str]) -> Spec:
    """Return the smallest spec that contains the named cells. Raises ToolError (exit code 2)."""
    parts = [_split(cell) for cell in cells]
    _check_cells(matrix, cells, parts)
    spec = select(
        matrix,
        profile=None,
        environments=tuple(name for part in parts for name in (part[0], part[3])),
        recipes=tuple(part[1] for part in parts),
        formats=tuple(part[2] for part in parts),
    )
    # A named cell is measured even if the pairs of the profile do not include it.
    return replace(spec, pairs=Pairs())


def _split(cell: str) -> tuple[str, str, str, str]:
    try:
        return CellId.parse(cell).parts
    except ValueError as error:
        raise ToolError(
            f"--cell {cell}: a cell is named saver/model/format/loader, "
            "for example tf2.10-py39/mlp_sequential/h5/tf2.15-py311",
            exit_code=ExitCode.USAGE,
        ) from error


def _check_cells(
    matrix: Matrix, cells: Sequence[str], parts: Sequence[tuple[str, str, str, str]]
) -> None:
    """Report every part of a cell's name that the matrix does not have; globs do not count."""
    environments = [item.id for item in matrix.environments]
    models = [item.name for item in matrix.recipes]
    known = (
        *((environments, "an environment"), (models, "a reference model")),
        *((list(map(str, Format)), "a format"), (environments, "an environment")),
    )
    unknown = [
        f"--cell {cell}: {word!r} is not {what}; {nearest(word, names)}"
        for cell, words in zip(cells, parts, strict=True)
        for word, (names, what) in zip(words, known, strict=True)
        if word not in names
    ]
    if unknown:
        raise ToolError("\n".join(unknown), exit_code=ExitCode.USAGE)
