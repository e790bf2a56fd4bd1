"""What a matrix asks for: environments, recipes, formats, pairs, profiles, limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.expectation import Expectation

BUILDERS = ("nox", "docker")


class Format(StrEnum):
    """A way of writing a model to disk. The order is the order of columns in reports."""

    H5 = "h5"
    KERAS = "keras"
    SAVEDMODEL = "savedmodel"
    WEIGHTS_H5 = "weights-h5"
    CHECKPOINT = "checkpoint"
    JSON = "json"
    EXPORT = "export"

    @property
    def whole(self) -> bool:
        """Whether it holds the configuration, the weights and the training state."""
        return self in {Format.H5, Format.KERAS, Format.SAVEDMODEL}

    @property
    def predictions_only(self) -> bool:
        """Whether it predicts and is not a Keras model any more."""
        return self is Format.EXPORT

    @property
    def takes_custom_objects(self) -> bool:
        """Whether one file asks for custom objects by name: the other ways to supply them count."""
        return self in {Format.H5, Format.KERAS}


class Backend(StrEnum):
    """What does the arithmetic under Keras."""

    TENSORFLOW = "tensorflow"
    THEANO = "theano"
    JAX = "jax"
    TORCH = "torch"
    NUMPY = "numpy"
    OPENVINO = "openvino"


class KerasApi(StrEnum):
    """Which module of an environment is Keras: ``import keras`` or ``tensorflow.keras``."""

    KERAS = "keras"
    TF_KERAS = "tf.keras"


class PairRule(StrEnum):
    """Which saver meets which loader."""

    ALL = "all"
    ADJACENT = "adjacent"  # neighbours in the order of matrix.yaml, and the diagonal


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A place in a file, for messages: ``matrix.yaml:12:5``. Line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexOptions:
    """How the resolver is to look for packages; addresses never appear here."""

    prerelease: bool = False
    exclude_newer: str | None = None  # a date, ``2022-12-16``
    find_links: tuple[str, ...] = ()  # folders, relative to the matrix file


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageOptions:
    """How the builder ``docker`` makes an installation's image. Credentials never appear here."""

    base: str = "python:{python}-slim"  # ``{python}`` is replaced by the installation's Python
    mirror: str | None = None  # goes before the base: ``registry.example/mirror``
    digests: tuple[tuple[str, str], ...] = ()  # Python and the digest its base is pinned to
    registry: str | None = None  # images are pulled from and pushed to here

    def base_for(self, python: str) -> str:
        """Return the whole reference of the base image for a Python ``3.12``."""
        name = self.base.replace("{python}", python)
        digest = dict(self.digests).get(python)
        return (f"{self.mirror}/" if self.mirror else "") + name + (f"@{digest}" if digest else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A library of layers at one release, on top of an installation. Paths are absolute."""

    name: str  # ``keras-tcn``, normalised
    requirement: str | None = None  # ``keras-tcn==3.1.2``: a release from the index
    path: Path | None = None  # a folder with sources, or a wheel
    requirements: tuple[str, ...] = ()  # what it needs in addition to the base


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """What is locked once and built once: a Python and its packages.

    Environments that differ only in variables (backend, legacy Keras, eager) share one.
    """

    name: str  # ``keras3.15-py312``; names the lock and the folder
    python: str  # ``3.12``, never a path
    requirements: tuple[str, ...]  # PEP 508, the catalogue's pins included
    overrides: tuple[str, ...] = ()  # uv overrides, e.g. ``tensorflow ; sys_platform == 'never'``
    index: IndexOptions = IndexOptions()
    builder: str = "nox"
    image: ImageOptions = ImageOptions()  # for the builder ``docker``
    package: Package | None = None
    base: Installation | None = None  # what the package is installed on; its versions do not change


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """One pinned set of Python + Keras + backend, with its variables: a saver and a loader."""

    id: str  # ``tf2.10-py39``, stable
    installation: Installation
    api: KerasApi
    backend: Backend
    eager: bool = True
    legacy_keras: bool = False
    variables: tuple[tuple[str, str], ...] = ()  # sorted; KERAS_BACKEND and the like included
    position: Position | None = None

    @property
    def package(self) -> str | None:
        """The name of the library of layers that is tested in it, if any."""
        return self.installation.package.name if self.installation.package else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """``|loaded - saved| <= atol + rtol * |saved|``, element by element, as in NumPy."""

    rtol: float = 1e-4
    atol: float = 1e-5


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Wall-clock limits in seconds, and the memory one cell may take on top of its import."""

    build_seconds: float = field(default=1200.0, metadata={"keys": ("build",)})
    start_seconds: float = field(default=180.0, metadata={"keys": ("start",)})
    cell_seconds: float = field(default=120.0, metadata={"keys": ("cell",)})
    memory_mb: int = field(default=4096, metadata={"keys": ("memory",)})


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipeInfo:
    """A recipe as the host knows it: read from its source, never imported."""

    name: str
    title: str
    path: Path  # the Python file that holds it
    module: str | None  # ``dense`` for ``kmatrix_worker.recipes.dense``; None for a user's file
    digest: str  # sha256 of the file and of what all recipes share
    custom: bool = False  # it needs custom objects
    supplies: bool = False  # its author has some to pass; a Lambda layer is custom without any
    scenarios: bool = False  # its custom objects are supplied in other ways as well
    exposes: tuple[str, ...] = ()  # failure classes it was chosen to reach
    tolerance: Tolerance | None = None
    formats: tuple[Format, ...] | None = None  # None: all of the matrix
    package: str | None = None  # the library of layers it is made of; it needs environments with it


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Which savers meet which loaders."""

    rule: PairRule = PairRule.ALL
    touching: tuple[str, ...] = ()  # environment ids: only pairs with one of them on a side
    # Environment ids: with the rule ``adjacent`` each of them meets every environment as well.
    everywhere: tuple[str, ...] = ()
    only: frozenset[tuple[str, str]] | None = None  # saver and loader ids: a shard's pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """One run, completely described: ``matrix.yaml`` with a profile and selections applied."""

    file: Path
    profile: str
    environments: tuple[Environment, ...]
    recipes: tuple[RecipeInfo, ...]
    formats: tuple[Format, ...]
    pairs: Pairs = field(default_factory=Pairs)
    tolerance: Tolerance = field(default_factory=Tolerance)
    limits: Limits = field(default_factory=Limits)
    expectations: tuple[Expectation, ...] | None = None  # None: nothing is gated


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
