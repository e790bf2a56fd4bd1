"""Results of a run: what reports read. Schema 1; see docs/results.md."""

from __future__ import annotations

from dataclasses import dataclass

from runner.model.cell_id import ArtifactId, CellId

# The types of fields, at run time too: the JSON converter and the JSON Schema read them.
from runner.model.evidence import Stage  # noqa: TC001
from runner.model.expectation import ExpectationState  # noqa: TC001
from runner.model.finding import (  # noqa: TC001
    ArtifactStatus,
    Comparison,
    EnvironmentStatus,
    FindingCode,
    Verdict,
    WeightsComparison,
)

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
    shard: str | None = None  # ``2/5``: only a part of the matrix
    missing_shards: tuple[str, ...] = ()  # of a merge that could not find them


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentResult:
    """An environment as it was found."""

    id: str
    status: EnvironmentStatus
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

    @property
    def name(self) -> ArtifactId:
        """The parts of ``id``."""
        return ArtifactId.parse(self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptResult:
    """One more way of loading a cell's artifact, tried in that very loader.

    ``route`` is a route's id, or a scenario's where the attempt is one of custom objects.
    """

    route: str
    verdict: Verdict
    reason: str
    key: str | None = None  # of its evidence; without evidence nothing is verified
    error: str | None = None  # the exception's type and innermost text, where it failed
    max_abs: float | None = None  # largest difference of predictions, where there are any
    seconds: float = 0.0
    scripts: tuple[str, ...] = ()  # ids of what was executed; of two, the first ran elsewhere

    @property
    def verified(self) -> bool:
        """Whether it ran, and its predictions matched the saver's."""
        return self.key is not None and self.verdict.safe


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectationResult:
    """What the owner of the matrix says a cell should be, and whether it is."""

    verdicts: tuple[Verdict, ...]
    reason: str
    link: str | None
    expires: str | None  # a date, the last day it holds
    met: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CellResult:
    """One question to the matrix, answered. ``id`` is ``saver/recipe/format/loader``."""

    id: str
    artifact: str
    loader: str
    verdict: Verdict
    reason: str
    route: str  # as-is, or the remedy's where the verdict is ``remedied``
    code: FindingCode | None = None  # the rule behind the reason; results of old have none
    as_is: Verdict | None = None  # the verdict of loading as a user would first try it
    signatures: tuple[str, ...] = ()  # ids, the most telling first
    attempts: tuple[AttemptResult, ...] = ()  # in the order in which they were made
    remedy: str | None = None  # the cheapest route that was verified
    scenarios: tuple[AttemptResult, ...] = ()  # custom objects supplied in other ways
    expectation: ExpectationResult | None = None
    stage: Stage | None = None  # reached, and where it failed if it failed
    key: str | None = None
    failure: FailureResult | None = None
    signal: int | None = None
    outputs: Comparison | None = None
    weights: WeightsComparison | None = None
    lost: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    log: str = ""

    @property
    def name(self) -> CellId:
        """The parts of ``id``."""
        return CellId.parse(self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemedyResult:
    """What helps against a signature. ``route``: how kmatrix itself tries it, where it can."""

    text: str
    route: str | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureResult:
    """A failure that is known."""

    id: str
    title: str
    cause: str
    silent: bool = False  # it loads, and predicts something else
    remedies: tuple[RemedyResult, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteResult:
    """A way of loading. ``code``: of a scenario, what stands for a user's own code."""

    id: str
    title: str
    code: str = ""  # a route's is in ``scripts``, as it was executed


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptResult:
    """A script that was executed. ``files``: modules that it imports, by name and id."""

    id: str
    code: str
    files: tuple[tuple[str, str], ...] = ()
    needs_author: bool = False  # it needs code that only the model's author has


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectationStatus:
    """One expectation of the matrix, and what the run found of its cells."""

    pattern: str
    verdicts: tuple[Verdict, ...]
    reason: str
    link: str | None
    expires: str | None
    position: str
    state: ExpectationState
    cells: int  # that it decides: later entries win


@dataclass(frozen=True, kw_only=True, slots=True)
class ShardResult:
    """One part of a split matrix. ``pairs``: a saver, and the loaders that meet it there."""

    name: str  # ``2/5``
    pairs: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitResult:
    """The whole matrix that a shard is a part of, so that a merge sees what is missing."""

    environments: tuple[EnvironmentResult, ...]  # all, as far as the locks tell, in their order
    shards: tuple[ShardResult, ...]  # those that have something to do


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """Everything that reports need to know."""

    run: RunInfo
    environments: tuple[EnvironmentResult, ...]
    recipes: tuple[RecipeResult, ...]
    formats: tuple[str, ...]
    artifacts: tuple[ArtifactResult, ...]
    cells: tuple[CellResult, ...] = ()
    signatures: tuple[SignatureResult, ...] = ()  # those that a cell shows
    routes: tuple[RouteResult, ...] = ()  # those that a cell tried
    scripts: tuple[ScriptResult, ...] = ()  # each text once
    scenarios: tuple[RouteResult, ...] = ()
    expectations: tuple[ExpectationStatus, ...] = ()
    split: SplitResult | None = None  # of a shard, or of shards that were merged
