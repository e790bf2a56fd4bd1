"""A user's saved file: an artifact without a saver, and what its loads showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.finding import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.finding import Comparison
    from runner.model.inspection import Inspection
    from runner.model.matrix import Format


@dataclass(frozen=True, kw_only=True, slots=True)
class InputHint:
    """One input of a file that no recipe made, as far as its config tells."""

    shape: tuple[int | None, ...] | None
    dtype: str | None
    below: int | None  # it takes integers below this


@dataclass(frozen=True, kw_only=True, slots=True)
class ExternalFile:
    """How to load a file that no recipe made. Paths are relative to the artifact's folder."""

    name: str  # the file as its owner calls it
    canonical: str  # the same bytes under the name of their format
    misnamed: bool
    architecture: bool  # it holds no weights: fixed ones are filled in
    yaml: bool
    custom: str | None  # the user's own Python file
    asked: tuple[str, ...]  # names that the file asks for
    hints: tuple[InputHint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileCopy:
    """A user's file as a worker takes it: an artifact that lies outside of the store."""

    folder: Path
    digest: str
    format: Format
    external: ExternalFile
    # Of an architecture in YAML: the SHA-256 of the text, and the same as JSON, for scripts.
    yaml_as_json: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileInputs:
    """What a model predicts on, as a JSON file for the worker, and its digest."""

    path: Path
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileAttempt:
    """One route, tried in one environment."""

    route: str
    verdict: Verdict
    reason: str  # one line
    compared: bool = True  # False: it loads, and nothing was there to compare
    signatures: tuple[str, ...] = ()  # ids of known failures that it shows
    stage: str | None = None
    error: str | None = None  # the exception's type
    outputs: Comparison | None = None  # against the reference
    agrees_with: str | None = None  # the environment whose predictions are the reference
    lost: tuple[str, ...] = ()
    seconds: float = 0.0
    code: str = ""  # the script that was executed


@dataclass(frozen=True, kw_only=True, slots=True)
class FileCell:
    """One file in one environment: as is first, then what was tried after it failed."""

    environment: str
    verdict: Verdict
    route: str | None  # the one that works
    reason: str
    attempts: tuple[FileAttempt, ...] = ()
    sandbox: bool = False  # it ran in a container

    @property
    def code(self) -> str | None:
        """The script of the route that works, where it is another one than loading as is."""
        return next((one.code for one in self.attempts[1:] if one.route == self.route), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileResult:
    """One file in all environments asked, and the answer."""

    path: str
    inspection: Inspection
    answer: str
    reference: str | None  # ``expected``, or the environment that the others are compared with
    environments: tuple[FileCell, ...]

    @property
    def loads(self) -> bool:
        """Whether it loads anywhere."""
        return any(one.route is not None for one in self.environments)

    @property
    def drifts(self) -> bool:
        """Whether it predicts something else anywhere, loaded as is."""
        return any(one.verdict is Verdict.DRIFTED for one in self.environments)
