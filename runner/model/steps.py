"""What would run, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.model.cell_id import ArtifactId

if TYPE_CHECKING:
    from runner.model.matrix import Environment, Format, RecipeInfo
    from runner.model.scripts import Script
    from runner.model.user_file import FileCopy, FileInputs


AS_IS = "as-is"
SCENARIO = "scenario:"
EXPLAIN = "explain"
SAVE_AGAIN = "save-again:"  # and a format: saves an artifact again
RESAVE = "resave:"  # and ``environment:format``: an artifact that another environment saved again


class Why(StrEnum):
    """The reason a step runs, or does not."""

    KNOWN = "known"
    NEW = "new"
    SAVER_CHANGED = "the saver's lock or variables changed"
    LOADER_CHANGED = "the loader's lock or variables changed"
    RECIPE_CHANGED = "the recipe changed"
    ARTIFACT_CHANGED = "the artifact changed"
    SCRIPT_CHANGED = "the script of the route changed"
    WORKER_CHANGED = "kmatrix's worker changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class SaveStep:
    """One reference model to be saved in one format by one environment."""

    saver: Environment
    recipe: RecipeInfo
    format: Format
    key: str
    parts: tuple[tuple[str, str], ...]
    why: Why
    control: bool = False  # only planned to tell a missing writer from a failure

    @property
    def artifact_id(self) -> ArtifactId:
        """Its name in results."""
        return ArtifactId(saver=self.saver.id, recipe=self.recipe.name, format=str(self.format))

    @property
    def id(self) -> str:
        """``saver/recipe/format``."""
        return str(self.artifact_id)

    @property
    def subject(self) -> str:
        """What the store calls it."""
        return self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadStep:
    """An artifact to be loaded by one environment, in one way.

    ``way``: a route's id, ``scenario:…`` with a scenario's, ``explain``, or ``save-again:…``.
    ``resaved``: the format of an artifact that was saved again.
    """

    save: SaveStep
    loader: Environment
    artifact: str  # digest
    way: str = AS_IS
    key: str
    parts: tuple[tuple[str, str], ...]
    why: Why
    control: bool = False
    resaved: Format | None = None
    script: Script  # what the worker executes

    @property
    def format(self) -> Format:
        """Of the artifact that is read."""
        return self.resaved or self.save.format

    @property
    def id(self) -> str:
        """The cell's: ``saver/recipe/format/loader``."""
        return str(self.save.artifact_id.read_by(self.loader.id))

    @property
    def subject(self) -> str:
        """The cell's id, and the way where it is not the first."""
        return self.id if self.way == AS_IS else f"{self.id}#{self.way}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStep:
    """A user's file to be loaded by one environment, by one route.

    ``inputs``: None lets the worker make some. ``recipe`` is the control model's, and idle.
    """

    file: FileCopy
    loader: Environment
    recipe: RecipeInfo
    inputs: FileInputs | None
    way: str = AS_IS
    key: str
    parts: tuple[tuple[str, str], ...]
    script: Script

    @property
    def id(self) -> str:
        """The file, by its content, and the loader."""
        return f"file:{self.file.digest[:12]}/{self.loader.id}"

    @property
    def subject(self) -> str:
        """What the store calls it."""
        return self.id if self.way == AS_IS else f"{self.id}#{self.way}"


Step = SaveStep | LoadStep | FileStep


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All saves, and the loads of the artifacts that are known by now.

    ``later``: cells whose artifact is still to be saved, as (save, loader).
    """

    saves: tuple[SaveStep, ...]
    loads: tuple[LoadStep, ...]
    later: tuple[tuple[SaveStep, Environment], ...] = ()

    @property
    def new(self) -> int:
        """How many saves and loads are not known, those included whose artifact is not."""
        steps: tuple[SaveStep | LoadStep, ...] = (*self.saves, *self.loads)
        return sum(step.why is not Why.KNOWN for step in steps) + len(self.later)
