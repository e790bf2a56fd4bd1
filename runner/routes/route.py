"""What a route, a patch and a scenario are, and what is known when one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runner.nouns.finding import Verdict  # noqa: TC001 - fields of the values below
from runner.nouns.spec import Backend, Format


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
    def between_theano_and_another(self) -> bool:
        """Whether exactly one of saver and loader runs on Theano."""
        backends = {self.saver_backend, self.loader_backend}
        return Backend.THEANO in backends and len(backends) > 1


Applies = Callable[[Situation], bool]


def always(_: Situation) -> bool:
    """For every load of a format that the route reads."""
    return True


def never(_: Situation) -> bool:
    """Only where somebody asks for it by name."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteText:
    """What people read of a way of loading. ``code`` is what a user writes."""

    id: str
    title: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario(RouteText):
    """Custom objects supplied in another way than the right one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route(RouteText):
    """One way of loading, tried where loading as is fails. Its verdict is evidence, not belief."""

    cost: int  # for a user, in the order: an argument, a scope, a rename, an edit, the model's code
    formats: tuple[Format, ...]
    suits: str  # what it is for, as docs/routes.md says it
    needs_code: bool = False  # of the model, which a file from outside does not bring
    corrects_drift: bool = False  # tried before cheaper ones where the model predicts another thing
    applies: Applies = always


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch(RouteText):
    """A correction of a model that loads and predicts something else: ``route+patch``."""

    suits: str
    applies: Applies
