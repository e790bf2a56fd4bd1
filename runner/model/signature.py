"""Failures that are known: what each looks like, where it occurs, why, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from packaging.specifiers import SpecifierSet

    from runner.model.evidence import Failure
    from runner.model.finding import Comparison, WeightsComparison

    Expressions = tuple[re.Pattern[str], ...]  # alternatives: one of them has to be found


class WeightsSign(StrEnum):
    """What became of the saver's arrays, without a look at predictions."""

    EQUAL = "equal"  # all of them there, bit for bit, and nothing else
    FLIPPED = "flipped"  # all there, some only after reversing their spatial axes
    PARTLY = "partly"  # some there, some not
    NONE = "none"  # not one
    FEWER = "fewer"  # the loaded model has fewer arrays than the saver's
    MORE = "more"  # it has more


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentVersions:
    """The saver or the loader, as far as it is known. Versions as the packages say them."""

    keras: str | None = None  # ``2.2.4-tf``, ``2.3.1``, ``3.15.1``
    tensorflow: str | None = None
    backend: str | None = None  # ``theano`` …; ``cntk`` only in files
    python: str | None = None  # ``3.9`` or ``3.9.18``
    api: str | None = None  # ``keras`` or ``tf.keras``


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptoms:
    """What is known of one load. Everything may be missing; what is missing says nothing."""

    format: str | None = None
    stage: str | None = None  # see ``runner.model.evidence.Stage``
    failure: Failure | None = None
    signal: int | None = None  # that ended the process
    stack: str | None = None  # where it stood then: Python's frames, the innermost first
    warnings: tuple[str, ...] = ()
    save_again: str | None = None  # the innermost text of what a second save raised
    saver: EnvironmentVersions | None = None
    loader: EnvironmentVersions | None = None
    saved_config: str | None = None  # JSON of the saver's ``model.get_config()``
    loaded_config: str | None = None  # JSON of the loaded model's
    outputs: Comparison | None = None  # the loader's predictions against the saver's
    random: bool | None = None  # whether two predictions of one model differ
    weights: WeightsComparison | None = None
    lost: tuple[str, ...] = ()  # what a degraded cell lost, one line each
    first_layer: str | None = None  # class of the first layer whose outputs differ
    head: str | None = None  # the file's first bytes, decoded as Latin-1
    own_file: bool | None = None  # whether the loader is the environment that saved the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Which savers, or which loaders. An empty field allows everything."""

    keras: SpecifierSet | None = None
    tensorflow: SpecifierSet | None = None
    python: SpecifierSet | None = None
    backend: tuple[str, ...] = ()
    api: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Where a failure can occur."""

    formats: tuple[str, ...] = ()
    saver: Side
    loader: Side


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """One look of a failure: everything that is named here has to be there.

    Expressions are searched for, not anchored. ``message`` looks at the innermost text alone,
    ``traceback`` at everything that was printed, ``stack`` at where a process stood that was ended,
    ``unless`` must not be found in the message.
    """

    exception: Expressions = ()  # the exception's type, with its module
    message: Expressions = ()
    traceback: Expressions = ()
    stack: Expressions = ()
    unless: Expressions = ()
    warning: Expressions = ()
    lost: Expressions = ()
    save_again: Expressions = ()
    head: Expressions = ()
    saved_config: Expressions = ()
    loaded_config: Expressions = ()
    first_layer: Expressions = ()
    stage: tuple[str, ...] = ()
    signal: tuple[int, ...] = ()
    weights: tuple[WeightsSign, ...] = ()
    drift: bool = False  # predictions differ
    below: float | None = None  # and the largest difference is smaller than this
    random: bool = False  # two predictions of one model differ
    other_python: bool = False  # saver and loader are of different Python minor versions
    own_file: bool = False  # the loader is the environment that saved the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """Something that helps. ``route``: how kmatrix tries it itself (``routes.remedy_ids``)."""

    text: str
    route: str | None = None
    pin: tuple[str, ...] = ()  # requirements, ``h5py<3``
    code: str | None = None  # what to write


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A failure that is known."""

    id: str
    code: str  # its class: ``F04`` fails, ``S02`` is silent, ``X01`` was first seen in a matrix
    title: str
    example: str  # the text that a user sees; for silent ones what the numbers say
    match: tuple[Pattern, ...]  # one of these looks
    where: Where
    cause: str
    remedies: tuple[Remedy, ...]
    links: tuple[str, ...]
    quoted: bool = False  # no sample of it was recorded; its text stems from source or reports
    in_a_log: Expressions = ()  # what a log has to show besides; not asked in a matrix
    harmless: bool = False  # predictions are the same: it does not explain a failure
    instead_of: tuple[str, ...] = ()  # signatures that match the same text and explain it less well
    general: bool = False  # its text fits many failures: it orders what remains, and names no cause
    causes: tuple[str, ...] = ()  # where the text cannot tell: what remains, the most likely first
    check: str | None = (
        None  # the one command that tells them apart; {inspect} and {doctor} are filled in
    )

    @property
    def silent(self) -> bool:
        """Whether it loads, and predicts something else."""
        return any(pattern.drift for pattern in self.match)
