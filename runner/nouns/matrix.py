"""A whole ``matrix.yaml``: everything it declares, before a profile narrows it to a ``Spec``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runner.nouns.expectation import Expectation
    from runner.nouns.spec import Environment, Format, Limits, Pairs, RecipeInfo, Tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A named part of the matrix. Selectors are already expanded, in the matrix's order."""

    name: str = field(metadata={"keys": ()})
    environments: tuple[str, ...]  # ids
    recipes: tuple[str, ...] = field(metadata={"keys": ("models",)})  # names
    formats: tuple[Format, ...]
    pairs: Pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """What one matrix file says, with the environments of all its profiles."""

    file: Path = field(metadata={"keys": ()})
    environments: tuple[Environment, ...]
    recipes: tuple[RecipeInfo, ...] = field(metadata={"keys": ("models",)})
    formats: tuple[Format, ...]
    pairs: Pairs
    tolerance: Tolerance
    limits: Limits
    profiles: tuple[Profile, ...]  # at least the default one
    default_profile: str
    expectations: tuple[Expectation, ...] | None = None  # None: the file has none at all
