"""Which route comes next for a cell that fails as is: the cheapest first that can apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.finding import Verdict
from runner.model.matrix import Backend, Format
from runner.model.steps import AS_IS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SESSION = "saved-model-session"  # after what gives a whole Keras model
# In the order of what they cost a user: an argument, a scope, a rename, an edit, the model's code.
BASES = {
    Format.H5: (
        *("compile-false", "custom-object-scope", "safe-mode-off", "legacy-keras", "edited-copy"),
        *("rebuild-weights", "rebuild-weights-by-name", "copied-weights"),
    ),
    Format.KERAS: (
        *("compile-false", "custom-object-scope", "safe-mode-off", "legacy-keras", "edited-copy"),
        *("rebuild-weights", "copied-weights"),
    ),
    Format.SAVEDMODEL: (
        *("compile-false", "legacy-keras", "tfsm-layer", "saved-model-graph"),
        *("checkpoint-variables", SESSION),
    ),
    Format.WEIGHTS_H5: ("renamed-file", "rebuild-weights-by-name", "copied-weights"),
    Format.CHECKPOINT: ("checkpoint-variables",),
    Format.JSON: ("edited-copy", "rebuild-weights", "copied-weights"),
    Format.EXPORT: ("tfsm-layer", "saved-model-graph", SESSION),
}


DEFAULTS = "defaults-of-"  # and a generation of Keras: arguments as its layers had them


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is known about a failing cell before another route is tried."""

    format: Format
    as_is: Verdict
    custom: bool  # the model has custom objects
    runs_code: bool  # the file holds a Lambda
    compiled: bool
    hard_sigmoid: bool  # somewhere in the saver's configuration
    convolution: bool
    saver_backend: Backend
    loader_backend: Backend
    saver_keras3: bool
    loader_keras3: bool
    loader_tensorflow: bool
    tf_keras: bool = False  # Keras 2 is installed in the loader, beside its Keras 3
    legacy_weights: bool = False  # the saver writes the layout of old into ``.weights.h5``
    saver_defaults: str | None = None  # of its recurrent layers, where the loader has others
    suggested: tuple[str, ...] = ()  # by what is known of the failure

    @property
    def patches(self) -> str:
        """What mends silent differences here, ready to stand behind a route's id."""
        found = ""
        theano = {self.saver_backend, self.loader_backend} & {Backend.THEANO}
        if theano and self.saver_backend is not self.loader_backend and self.convolution:
            found += "+flipped-kernels"
        if self.hard_sigmoid and self.saver_keras3 is not self.loader_keras3:
            found += "+old-hard-sigmoid" if self.loader_keras3 else "+new-hard-sigmoid"
        return found


def next_route(situation: Situation, tried: Mapping[str, Verdict]) -> str | None:
    """The route to try after those tried, None where none is left or one of them worked.

    tried: route to the verdict of its attempt, in order.
    """
    if any(verdict.safe for verdict in tried.values()):
        return None
    for route in _ladder(situation, tried):
        if route not in tried:
            return route
    return None


def _ladder(situation: Situation, tried: Mapping[str, Verdict]) -> Iterator[str]:
    patches = situation.patches
    if situation.as_is is Verdict.DRIFTED and patches:
        yield AS_IS + patches
    applying = [base for base in BASES[situation.format] if _applies(base, situation)]
    if situation.saver_defaults is not None:
        applying.append(DEFAULTS + situation.saver_defaults)
        applying.sort(key=lambda base: base == SESSION)
    # Both parts in the order of cost; a route that is known to help spares the cheaper guesses.
    for base in sorted(applying, key=lambda base: not _known_to_help(base, situation)):
        yield base
        if patches and tried.get(base) is Verdict.DRIFTED:
            yield base + patches


def _known_to_help(base: str, situation: Situation) -> bool:
    drifts = base.startswith(DEFAULTS) and situation.as_is is Verdict.DRIFTED
    return drifts or base in situation.suggested


def _applies(base: str, situation: Situation) -> bool:
    match base:
        case "compile-false":
            return situation.compiled
        case "custom-object-scope":
            return situation.custom and not situation.runs_code
        case "safe-mode-off":
            return situation.runs_code
        case "legacy-keras":
            return situation.tf_keras and not situation.saver_keras3
        case "tfsm-layer":
            return situation.loader_keras3 and situation.loader_backend is Backend.TENSORFLOW
        case "saved-model-graph" | "saved-model-session" | "checkpoint-variables":
            return situation.loader_tensorflow
        case "renamed-file":
            return situation.legacy_weights
        case "edited-copy":
            return situation.as_is is not Verdict.DRIFTED
        case "rebuild-weights-by-name":
            # By name helps where the order differs; Keras 3 reads by name from HDF5 alone.
            return situation.as_is is Verdict.DRIFTED
        case _:
            return True
