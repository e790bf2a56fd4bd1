"""Results of a run: what reports read. Schema 1; see docs/results.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.nouns.finding import ArtifactStatus, Comparison, Verdict, WeightsComparison

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class RunInfo:
    """One run: when, with what, and whether it came to its end."""

    id: str
    started: str  # ISO 8601, UTC
    finished: str | None
    profile: str
    matrix: str  # the file's name as the user gave it
    kmatrix: str  # version
    system: str  # ``Linux x86_64``
    complete: bool
    seconds: float
    ran: int = 0  # saves and loads that ran now
    known: int = 0  # taken from the store


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentResult:
    """An environment as it was found. ``status``: ready, unavailable or broken."""

    id: str
    status: str
    reason: str | None  # why unavailable or broken, one line
    installation: str
    builder: str
    python: str
    backend: str
    api: str
    lock: str  # digest, ``sha256:…``
    versions: tuple[tuple[str, str], ...] = ()  # python, keras, tensorflow, numpy, h5py …
    packages: tuple[tuple[str, str], ...] = ()  # of the lock
    variables: tuple[tuple[str, str], ...] = ()
    log: str | None = None  # path of the build log, relative to the build folder


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipeResult:
    """A reference model's recipe."""

    name: str
    title: str
    custom: bool
    exposes: tuple[str, ...]
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureResult:
    """An exception as reports show it."""

    type: str
    message: str
    innermost: str
    traceback: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactResult:
    """What a saver wrote, or why it did not. ``id`` is ``saver/recipe/format``."""

    id: str
    saver: str
    recipe: str
    format: str
    status: ArtifactStatus
    reason: str
    key: str  # of the save's evidence
    digest: str | None = None
    bytes: int | None = None
    files: tuple[tuple[str, int], ...] = ()  # path inside the artifact, bytes
    oracle: Comparison | None = None  # the saver's predictions against plain NumPy
    failure: FailureResult | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    log: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CellResult:
    """One question to the matrix, answered. ``id`` is ``saver/recipe/format/loader``."""

    id: str
    artifact: str
    loader: str
    verdict: Verdict
    reason: str
    route: str
    stage: str | None = None
    key: str | None = None
    failure: FailureResult | None = None
    signal: int | None = None
    outputs: Comparison | None = None
    weights: WeightsComparison | None = None
    lost: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    log: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """Everything that reports need to know."""

    run: RunInfo
    environments: tuple[EnvironmentResult, ...]
    recipes: tuple[RecipeResult, ...]
    formats: tuple[str, ...]
    artifacts: tuple[ArtifactResult, ...]
    cells: tuple[CellResult, ...] = field(default=())
