"""The atlas: what pinned releases did with each other's files, kept as data. See docs/atlas.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from runner.model.cell_id import SEPARATOR, CellId

# The types of fields, at run time too: the JSON converter and the JSON Schema read them.
from runner.model.finding import ArtifactStatus, FindingCode, Verdict  # noqa: TC001
from runner.model.results import ScriptResult  # noqa: TC001
from runner.model.steps import AS_IS

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasEnvironment:
    """An environment as it was when its cells were measured."""

    id: str
    digest: str  # of the lock, Python, builder and variables: what evidence depends on
    lock: str  # digest, ``sha256:…``
    installation: str
    python: str
    backend: str
    api: str
    generation: int  # of its Keras, 2 or 3
    keras: str | None = None
    tensorflow: str | None = None
    legacy_keras: bool = False
    eager: bool = True
    packages: tuple[tuple[str, str], ...] = ()  # of the lock, those that saved models depend on
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One update of the atlas: when, and with what."""

    id: str  # the date, and the first digits of a digest of the rest
    date: str
    kmatrix: str
    system: str
    worker: str  # digest of the worker's code
    environments: tuple[tuple[str, str], ...]  # id and digest
    recipes: tuple[tuple[str, str], ...]  # name and digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Which measurement the cells of one saver and one loader are from."""

    saver: str
    loader: str
    by: str
    but: tuple[tuple[str, str], ...] = ()  # reference models with another measurement

    def of(self, recipe: str) -> str:
        """Return the id of the measurement of one reference model."""
        return dict(self.but).get(recipe, self.by)


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasCell:
    """One cell, as a line of its saver's file."""

    cell: str  # ``recipe/format/loader``
    verdict: Verdict
    as_is: Verdict | None = None  # where it is not the verdict
    code: FindingCode | None = None
    route: str = AS_IS
    remedy: str | None = None  # where it is not the route
    scripts: tuple[str, ...] = ()  # ids of what the remedy executed
    helped: Verdict | None = None  # the verdict of the remedy, where it is not identical
    signatures: tuple[str, ...] = ()
    max_abs: float | None = None  # largest difference of predictions, two digits
    lost: tuple[str, ...] = ()
    reason: str = ""  # one line, where no signature says it

    def named(self, saver: str) -> CellId:
        """Return the whole name of the cell."""
        return CellId.parse(SEPARATOR.join((saver, self.cell)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsaved:
    """An artifact that its saver did not write, so that it has no cells of other loaders."""

    artifact: str  # ``saver/recipe/format``
    status: ArtifactStatus
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasRecipe:
    """A reference model of the atlas."""

    name: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasIndex:
    """All of the atlas but its cells."""

    environments: tuple[AtlasEnvironment, ...] = ()  # in the order of the matrix
    recipes: tuple[AtlasRecipe, ...] = ()
    formats: tuple[str, ...] = ()
    everywhere: tuple[str, ...] = ()  # ids of the environments that meet every other
    measurements: tuple[Measurement, ...] = ()
    signatures: tuple[tuple[str, str], ...] = ()  # id and title of those that a cell shows


@dataclass(frozen=True, kw_only=True)
class Atlas:
    """The index, and as many cells as were read. Cells are by their saver."""

    index: AtlasIndex = field(default_factory=AtlasIndex)
    cells: dict[str, tuple[AtlasCell, ...]] = field(default_factory=dict)
    provenance: tuple[Provenance, ...] = ()
    unsaved: tuple[Unsaved, ...] = ()
    scripts: tuple[ScriptResult, ...] = ()  # that cells name, and the modules that they import

    @cached_property
    def environments(self) -> dict[str, AtlasEnvironment]:
        """Environments by their id."""
        return {item.id: item for item in self.index.environments}

    @cached_property
    def _sources(self) -> dict[tuple[str, str], Provenance]:
        return {(item.saver, item.loader): item for item in self.provenance}

    @cached_property
    def _measurements(self) -> dict[str, Measurement]:
        return {item.id: item for item in self.index.measurements}

    def measured(self, saver: str, loader: str) -> Provenance | None:
        """Return where the cells of a pair are from; None if it was never measured."""
        return self._sources.get((saver, loader))

    def measurement(self, saver: str, loader: str, recipe: str) -> Measurement | None:
        """Return the measurement of one reference model of a pair; None if there is none."""
        source = self.measured(saver, loader)
        found = self._measurements.get(source.of(recipe)) if source is not None else None
        return found if found is not None and recipe in dict(found.recipes) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Environments of one line of releases, from the first to the last."""

    line: str  # ``TensorFlow``: its own Keras 2; ``Keras 3 on jax``: the releases of Keras
    first: str  # a release, ``2.10.0``
    last: str
    environments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasRange:
    """A failure of one reference model and format over a range of releases."""

    model: str
    format: str
    signature: str
    files_of: Span
    loaders: Span
    verdicts: tuple[Verdict, ...]  # of loading as a user would first try it
    remedies: tuple[str, ...]  # ways of loading that were verified in one of the cells
    cells: tuple[str, ...]  # that show it
    other: tuple[str, ...] = ()  # cells of the same releases that do not show it
    before: str | None = None  # the release before the range that was measured and does not show it
    after: str | None = None
    not_measured: tuple[str, ...] = ()  # releases in the range, or between it and before and after
