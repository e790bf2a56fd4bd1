"""Routes, patches and scenarios: what each is, and where it applies.

``runner/route_scripts`` has the script of each, which a worker executes and a user is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runner.model.finding import Verdict
from runner.model.matrix import Backend, Format
from runner.model.steps import AS_IS, RESAVE


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
    """What people read of a way of loading."""

    id: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario(RouteText):
    """Custom objects supplied in another way than the right one. ``code`` stands for a user's."""

    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Route(RouteText):
    """One way of loading, tried where loading as is fails. Its verdict is evidence, not belief."""

    cost: int  # for a user, in the order: an argument, a scope, a rename, an edit, the model's code
    formats: tuple[Format, ...]
    suits: str  # what it is for, as docs/routes.md says it
    needs_code: bool = False  # of the model, which a file from outside does not bring
    graph_only: bool = False  # what it gives predicts, and is not a Keras model: no patch fits
    corrects_drift: bool = False  # tried before cheaper ones where the model predicts another thing
    applies: Applies = always


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch(RouteText):
    """A correction of a model that loads and predicts something else: ``route+patch``."""

    suits: str
    applies: Applies


WHOLE = tuple(format_ for format_ in Format if format_.whole)
ONE_FILE = (Format.H5, Format.KERAS)
ROUTES: tuple[Route, ...] = (
    Route(
        id=AS_IS,
        title="as a user would first try it",
        cost=0,
        formats=tuple(Format),
        suits="every file",
    ),
    Route(
        id="compile-false",
        title="without optimizer, loss and metrics",
        cost=10,
        formats=WHOLE,
        suits="models that were compiled",
        applies=lambda load: load.compiled,
    ),
    Route(
        id="custom-object-scope",
        title="with the custom objects in a scope",
        cost=20,
        formats=ONE_FILE,
        suits="custom objects",
        applies=lambda load: load.custom and not load.runs_code,
    ),
    Route(
        id="safe-mode-off",
        title="with code from the file allowed to run; for files you trust",
        cost=30,
        formats=ONE_FILE,
        suits="Lambda layers; files you trust",
        applies=lambda load: load.runs_code,
    ),
    Route(
        id="legacy-keras",
        title="with tf_keras, the Keras 2 beside this Keras 3",
        cost=40,
        formats=WHOLE,
        suits="files of Keras 2, where `tf-keras` is in the loader's lock",
        applies=lambda load: load.tf_keras and not load.saver_keras3,
    ),
    Route(
        id="renamed-file",
        title="under the name that says what the file is",
        cost=50,
        formats=(Format.WEIGHTS_H5,),
        suits="`.weights.h5` of Keras before 2.12",
        applies=lambda load: load.legacy_weights,
    ),
    Route(
        id="edited-copy",
        title="translated for this Keras into a new file",
        cost=60,
        formats=(*ONE_FILE, Format.JSON),
        suits="H5, `.keras`, JSON",
        applies=lambda load: load.as_is is not Verdict.DRIFTED,
    ),
    Route(
        id="rebuild-weights",
        title="the model from its code, the file for its weights",
        cost=90,
        formats=(*ONE_FILE, Format.JSON),
        suits="H5, `.keras`, JSON",
        needs_code=True,
    ),
    Route(
        id="rebuild-weights-by-name",
        title="the model from its code, weights matched by layer name",
        cost=100,
        formats=(Format.H5, Format.WEIGHTS_H5),
        suits="the legacy layout of weights in HDF5",
        needs_code=True,
        # By name helps where the order differs; Keras 3 reads by name from HDF5 alone.
        applies=lambda load: load.as_is is Verdict.DRIFTED,
    ),
    Route(
        id="copied-weights",
        title="the model from its code, arrays read with h5py and set",
        cost=110,
        formats=(*ONE_FILE, Format.WEIGHTS_H5, Format.JSON),
        suits="every HDF5",
        needs_code=True,
    ),
    Route(
        id="checkpoint-variables",
        title="the model from its code, variables read with tf.train.load_checkpoint and set",
        cost=120,
        formats=(Format.SAVEDMODEL, Format.CHECKPOINT),
        suits="TensorFlow checkpoints, and the one inside a SavedModel",
        needs_code=True,
        applies=lambda load: load.loader_tensorflow,
    ),
    Route(
        id="defaults-of-keras-2.2",
        title="the model from its code with the arguments that Keras 2.2 and TensorFlow 1 had by "
        "default, then its weights",
        cost=130,
        formats=tuple(Format),
        suits="recurrent layers, between generations",
        needs_code=True,
        corrects_drift=True,
        applies=lambda load: load.saver_defaults == "keras-2.2",
    ),
    Route(
        id="defaults-of-keras-2.3",
        title="the model from its code with the arguments that Keras 2.3 had by default, then its "
        "weights",
        cost=131,
        formats=tuple(Format),
        suits="recurrent layers, between generations",
        needs_code=True,
        corrects_drift=True,
        applies=lambda load: load.saver_defaults == "keras-2.3",
    ),
    Route(
        id="defaults-of-tf-2",
        title="the model from its code with the arguments that TensorFlow 2 and Keras 3 have by "
        "default, then its weights",
        cost=132,
        formats=tuple(Format),
        suits="recurrent layers, between generations",
        needs_code=True,
        corrects_drift=True,
        applies=lambda load: load.saver_defaults == "tf-2",
    ),
    Route(
        id="tfsm-layer",
        title="the SavedModel as a layer, for predictions only",
        cost=70,
        formats=(Format.SAVEDMODEL, Format.EXPORT),
        suits="SavedModels in Keras 3",
        graph_only=True,
        applies=lambda load: load.loader_keras3 and load.loader_backend is Backend.TENSORFLOW,
    ),
    Route(
        id="saved-model-graph",
        title="the SavedModel's graph without Keras, for predictions only",
        cost=80,
        formats=(Format.SAVEDMODEL, Format.EXPORT),
        suits="SavedModels wherever TensorFlow is eager",
        graph_only=True,
        applies=lambda load: load.loader_tensorflow,
    ),
    Route(
        id="saved-model-session",
        title="the SavedModel's graph in a session of TensorFlow 1's kind, for predictions only",
        cost=140,
        formats=(Format.SAVEDMODEL, Format.EXPORT),
        suits="SavedModels in TensorFlow 1 and graph mode, graphs of TensorFlow 1",
        graph_only=True,
        applies=lambda load: load.loader_tensorflow,
    ),
)
PATCHES: tuple[Patch, ...] = (
    Patch(
        id="flipped-kernels",
        title="convolution kernels turned around, as Theano means them",
        suits="convolutions between Theano and another backend",
        applies=lambda load: load.convolution and load.between_theano_and_another,
    ),
    Patch(
        id="old-hard-sigmoid",
        title="hard_sigmoid as Keras 2 defined it",
        suits="a Keras 3 that reads a file of Keras 2",
        applies=lambda load: load.hard_sigmoid and load.loader_keras3 and not load.saver_keras3,
    ),
    Patch(
        id="new-hard-sigmoid",
        title="hard_sigmoid as Keras 3 defines it",
        suits="a Keras 2 that reads a file of Keras 3",
        applies=lambda load: load.hard_sigmoid and load.saver_keras3 and not load.loader_keras3,
    ),
    Patch(
        id="steps-per-execution",
        title="steps_per_execution set before the first predict()",
        suits="a `.keras` of Keras 2 whose `predict()` fails",
        applies=never,
    ),
)
SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        id="nothing-supplied",
        title="no custom objects supplied",
        code="load_model(FILE)",
    ),
    Scenario(
        id="registered",
        title="registered under the package it was saved with, not passed",
        code="@register_keras_serializable(package=...)\nclass ...\nload_model(FILE)",
    ),
    Scenario(
        id="registered-elsewhere",
        title="registered under another package, not passed",
        code='@register_keras_serializable(package="somewhere_else")\nclass ...\nload_model(FILE)',
    ),
    Scenario(
        id="renamed-argument",
        title="an argument of __init__ renamed since",
        code="load_model(FILE, custom_objects={...: the renamed one})",
    ),
    Scenario(
        id="changed-default",
        title="the default of an argument changed since",
        code="load_model(FILE, custom_objects={...: the changed one})",
    ),
    Scenario(
        id="changed-weight-shape",
        title="the shape of a weight changed since",
        code="load_model(FILE, custom_objects={...: the changed one})",
    ),
    Scenario(
        id="changed-maths",
        title="call() computes something else since",
        code="load_model(FILE, custom_objects={...: the changed one})",
    ),
    Scenario(
        id="definition-missing",
        title="the module no longer has the definition",
        code="from my_layers import ...  # fails",
    ),
    Scenario(
        id="import-fails",
        title="the module of the definition does not import",
        code="import my_layers  # fails",
    ),
)
_KNOWN: dict[str, RouteText] = {route.id: route for route in (*ROUTES, *PATCHES)}
# What a remedy may name besides: other ways than a route to have the model back.
OTHER_REMEDIES = ("custom-objects", "json-and-weights", RESAVE.removesuffix(":"))


def remedy_ids() -> tuple[str, ...]:
    """Everything that a signature's remedy may name as ``route``."""
    return (*(id_ for id_ in _KNOWN if id_ != AS_IS), *OTHER_REMEDIES)


def routes_for(format_: Format) -> tuple[Route, ...]:
    """Return the routes that read a format, the cheapest first, after loading as is."""
    fitting = [route for route in ROUTES if format_ in route.formats and route.id != AS_IS]
    return tuple(sorted(fitting, key=lambda route: route.cost))


def find_route(id_: str) -> RouteText:
    """Return a route by id; a base with patches is put together from its parts."""
    if id_ in _KNOWN:
        return _KNOWN[id_]
    if id_.startswith(RESAVE):
        return _resave(*id_.removeprefix(RESAVE).rsplit(":", 1))
    parts = [_KNOWN[part] for part in id_.split("+")]
    return RouteText(id=id_, title="; ".join(part.title for part in parts))


# Formats of a resave, in the order in which they are tried: whole models need no code in the
# loader.
RESAVED = (Format.H5, Format.KERAS, Format.SAVEDMODEL, Format.WEIGHTS_H5, Format.JSON)


def _resave(environment: str, format_: str) -> RouteText:
    return RouteText(
        id=f"{RESAVE}{environment}:{format_}",
        title=f"saved again by {environment} as {format_}, then loaded as is",
    )
