"""What a conversion is asked for, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class NewFormat(StrEnum):
    """What the new file is."""

    KERAS = "keras"
    H5 = "h5"
    WEIGHTS_H5 = "weights-h5"
    SAVEDMODEL = "savedmodel"
    JSON = "json"  # an architecture without weights becomes one

    @property
    def suffix(self) -> str:
        """The end of the new file's name."""
        return {"weights-h5": ".weights.h5", "savedmodel": ""}.get(self.value, f".{self.value}")


class State(StrEnum):
    """How a conversion ended."""

    CONVERTED = "converted"  # and verified
    UNVERIFIED = "unverified"  # written on demand: no environment reads the original
    FAILED = "failed"


class Way(StrEnum):
    """How the new file came about."""

    AS_IS = "as-is"  # the target loads the file and saves it again
    TRANSLATED = "translated"  # configuration and weights, by rules
    GRAPH = "graph"  # a SavedModel's graph, for inference only
    DONOR = "donor"  # another environment loads it and writes HDF5, which is translated


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file to convert: ``weights`` go with an architecture."""

    path: Path
    weights: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedRule:
    """A translation rule that was used, and where."""

    rule: str
    layer: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What came of one file. ``file`` is there unless ``state`` is ``FAILED``."""

    source: Source
    target: str  # an environment's id, or an interpreter's path
    state: State
    reason: str  # one line
    way: Way | None = None
    donor: str | None = None  # the environment that wrote the file between
    file: Path | None = None
    format: NewFormat | None = None
    rules: tuple[AppliedRule, ...] = ()
    lost: tuple[str, ...] = ()
    reference: str | None = None  # the environment whose predictions the new file repeats
    difference: float | None = None  # the largest one
    load: str = ""  # the line that loads the new file
    script: str = ""  # the whole text that made the file
