"""What really happened in a worker: stages, exceptions, warnings, numbers. No opinions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]

# What faulthandler prints of a process that a signal ends, the innermost frame first.
STACK = re.compile(r"\(most recent call first\):\n((?: *File .+\n?)+)")
FRAME = re.compile(r'File "(?:.*[/\\])?(.+?)", line (\d+) in (\S+)')


class Stage(StrEnum):
    """How far a save or a load came, in order."""

    IMPORT = "import"
    BUILD = "build"
    TRAIN = "train"
    PREDICT = "predict"
    SAVE = "save"
    READ = "read"
    WEIGHTS = "weights"
    COMPARE = "compare"
    TRAIN_STATE = "train state"
    SAVE_AGAIN = "save again"
    DONE = "done"


class Ending(StrEnum):
    """How the process that did the work ended."""

    DONE = "done"
    CRASHED = "crashed"  # a signal, or an exit without evidence
    HUNG = "hung"  # over its wall-clock limit, killed
    MEMORY = "memory"  # over its memory limit, killed


class MalformedEvidenceError(ValueError):
    """Evidence that is not what a worker writes: cut short, damaged, or made by somebody else.

    ``key``: under which the store keeps it, if it does.
    """

    def __init__(self, reason: str, key: str | None = None) -> None:
        super().__init__(reason)
        self.key = key


def stack_in(log: str) -> str | None:
    """Return the last stack that faulthandler printed."""
    found = STACK.findall(log)
    return found[-1] if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An exception: the type's full name, the whole text, and the chained traceback."""

    type: str
    message: str
    traceback: str
    innermost: str = ""  # the text of the innermost cause, wrappers cut

    @property
    def short_type(self) -> str:
        """The type's name without its module."""
        return self.type.rsplit(".", 1)[-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One array of a model's weights. ``flipped`` is the digest with spatial axes reversed."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    sha256: str
    flipped: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerSummary:
    """One layer as the loaded (or saved) model holds it."""

    name: str
    layer_class: str
    trainable: bool
    weights: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainState:
    """What training would go on with."""

    compiled: bool
    optimizer: str | None = None
    loss: str | None = None
    iterations: int | None = None
    slots: tuple[str, ...] = ()  # digests of the optimizer's arrays, sorted


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerOutput:
    """The beginning of what one layer put out, flat."""

    name: str
    layer_class: str
    values: Array


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a model is like to use. What was not asked, or not answered, is None."""

    nested: tuple[tuple[str, str], ...] = ()  # ``model.input`` … to ``*``, ``[*]``, ``{age: *}``
    trainable: int | None = None  # arrays that training would change
    training_random: bool | None = None  # ``model(x, training=True)`` is another one each time
    training: tuple[Array, ...] | None = None  # what it answers where it is not
    metrics: tuple[tuple[str, float], ...] | None = None  # loss and metrics by name


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondTrip:
    """A loaded model that its own saver saved and loaded once more."""

    failure: Failure | None = None
    weights: bool = True  # all arrays are what they were after the first load
    config: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What a model did in front of us: outputs and weights."""

    outputs: tuple[Array, ...] = ()  # of ``predict``
    again: tuple[Array, ...] | None = None  # of ``predict``, a second time
    called: tuple[Array, ...] | None = None  # of ``model(x, training=False)``
    variables: tuple[Variable, ...] = ()
    layers: tuple[LayerSummary, ...] = ()
    config: str | None = None  # JSON of ``get_config()``
    layer_outputs: tuple[LayerOutput, ...] = ()  # of savers, and of loads that were to explain
    train_state: TrainState | None = None
    usage: Usage | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What one save or one load left behind."""

    kind: str  # ``save`` or ``load``
    ending: Ending
    stage: Stage  # reached, and where it failed if it failed
    seconds: float
    failure: Failure | None = None
    signal: int | None = None
    not_available: str | None = None  # the recipe's own words, where the environment lacks it
    warnings: tuple[str, ...] = ()
    observation: Observation | None = None
    expected: tuple[Array, ...] | None = None  # save only: plain NumPy's answer
    log: str = ""  # the tail of what the process printed
    isolated: bool = True  # False: shared a process with other cells
    save_again: Failure | None = None  # it loads, and cannot be saved
    second_trip: SecondTrip | None = None
    loaded: bool = False  # load only: the load itself is done, whatever failed later
    # False: what loaded has no weights yet (a Sequential saved before it saw an input); None: that
    # was not asked.
    built: bool | None = None
    no_inputs: str | None = None  # it loads, and nothing was predicted: why

    @property
    def stack(self) -> str | None:
        """Where a process that was ended stood: Python's frames, the innermost first."""
        return None if self.ending is Ending.DONE else stack_in(self.log)

    @property
    def stood_in(self) -> str:
        """The innermost of them in a few words, ready to stand behind a stage; or nothing."""
        frame = FRAME.search(self.stack or "")
        return f", in {frame[3]} ({frame[1]}:{frame[2]})" if frame else ""
