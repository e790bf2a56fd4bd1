"""What one saved file is and asks for, found without Keras and without running any of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileFormat(StrEnum):
    """What the bytes are, whatever the name says."""

    H5 = "h5"  # a whole model in HDF5
    LEGACY_WEIGHTS = "weights-h5-legacy"  # weights by layer names: Keras 1 and 2, TF to 2.11
    WEIGHTS_H5 = "weights-h5"  # weights by object paths: TF 2.12 and later, Keras 3
    KERAS = "keras"  # the zip of TF 2.12 and later, and of Keras 3
    SAVEDMODEL = "savedmodel"
    CHECKPOINT = "checkpoint"
    JSON = "json"  # an architecture
    YAML = "yaml"  # an architecture
    GRAPH = "graph"  # a frozen TensorFlow graph
    META_GRAPH = "meta-graph"  # the ``.meta`` file of a TensorFlow 1 checkpoint
    TFJS = "tfjs"
    TFLITE = "tflite"
    ONNX = "onnx"
    PICKLE = "pickle"
    TORCH = "torch"
    NUMPY = "numpy"
    HDF5 = "hdf5"  # HDF5, and nothing of Keras in it
    ARCHIVE = "archive"  # a zip, tar or gzip around something
    LFS_POINTER = "lfs-pointer"
    HTML = "html"
    EMPTY = "empty"
    FOLDER = "folder"
    TEXT = "text"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How much a remark matters."""

    PROBLEM = "problem"  # no Keras loads it as it is
    TRAP = "trap"  # some loaders refuse it, or load it and are wrong
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """Something to know about the file. ``id`` is stable; ``text`` says what, and what now."""

    id: str
    level: Level
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Saver:
    """Who wrote it, as far as the file says. Versions are written as in the file."""

    keras: str | None = None
    tensorflow: str | None = None
    tensorflow_git: str | None = None
    backend: str | None = None
    saved: str | None = None  # a date, as in the file
    generation: int | None = None  # of Keras: 0 to 3
    told_by: str | None = None  # the place in the file that says so
    python: str | None = None  # of stored bytecode: ``3.8 to 3.10``


@dataclass(frozen=True, kw_only=True, slots=True)
class Minimum:
    """The oldest release that takes this config: an older one refuses ``because``."""

    package: str  # ``keras`` or ``tensorflow``
    version: str
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorFacts:
    """An input or output. ``below``: it feeds an Embedding, which takes integers below that."""

    name: str
    shape: tuple[int | None, ...] | None = None  # batch first; None where the file does not say
    dtype: str | None = None
    below: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomName:
    """A name the file asks for and no Keras has. ``key`` is what ``custom_objects`` takes."""

    kind: str  # layer, activation, loss, …
    key: str
    module: str | None = None
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeItem:
    """Something of the file that a loader would run or fetch."""

    kind: str  # bytecode, pickle, yaml tag, graph op, path
    where: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """What the file says of training. ``state``: the optimizer's arrays are there."""

    optimizer: str | None = None
    loss: str | None = None
    metrics: tuple[str, ...] = ()
    state: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """The model, as its config describes it. Containers and wrapped layers are counted too."""

    class_name: str
    name: str | None = None
    layers: tuple[tuple[str, int], ...] = ()  # class and count, in order of appearance
    inputs: tuple[TensorFacts, ...] = ()
    outputs: tuple[TensorFacts, ...] = ()
    dtypes: tuple[str, ...] = ()  # of layers, mixed policies included


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """The arrays in the file, training state left out of ``arrays`` and ``parameters``."""

    present: bool
    arrays: int = 0
    parameters: int = 0
    dtypes: tuple[str, ...] = ()
    training_arrays: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """Everything that is known of one file or folder without loading it."""

    path: str
    format: FileFormat
    title: str  # the answer, in a line
    bytes: int
    files: int = 1
    saver: Saver = Saver()
    architecture: Architecture | None = None
    training: Training | None = None
    weights: Weights | None = None
    minimum: tuple[Minimum, ...] = ()  # the highest first
    custom: tuple[CustomName, ...] = ()
    code: tuple[CodeItem, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def problems(self) -> tuple[Remark, ...]:
        """Why no Keras loads it as it is; empty for a good file."""
        return tuple(remark for remark in self.remarks if remark.level is Level.PROBLEM)

    @property
    def runs_code(self) -> bool:
        """Whether loading it runs something that lies in the file, or that it names."""
        return bool(self.code or self.custom)
