"""Which Keras an environment uses: the one place that knows package names and version rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from runner.model.matrix import Backend, KerasApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.matrix import Environment

# One product under several names of packages; an environment has one of them.
TENSORFLOW_RELEASES = (
    *("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos"),
    "tensorflow-rocm",
)
TENSORFLOW_PARTS = ("tensorflow-intel", "tensorflow-macos")  # others of these install them too
TENSORFLOW_PACKAGES = (*TENSORFLOW_RELEASES, "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu")
KERAS_PACKAGES = ("keras", "keras-nightly")
LEGACY_PACKAGES = ("tf-keras", "tf-keras-nightly")

FIRST_KERAS_3 = (2, 16)  # the first TensorFlow whose ``tf.keras`` is Keras 3
# TensorFlow up to 2.5 is Keras itself, and its Keras has numbers of its own.
OLDEST_INSIDE = "2.2.4-tf"  # TensorFlow 1.13 to 2.1
INSIDE = {(2, 2): "2.3.0-tf", (2, 3): "2.4.0", (2, 4): "2.4.0"}


class KerasKind(StrEnum):
    """What a version of the package ``keras`` is."""

    MULTI_BACKEND = "multi-backend"  # Keras 2 in a package of its own, up to 2.3.1
    TENSORFLOW = "tensorflow"  # what TensorFlow 2.6 to 2.15 brings with it
    KERAS3 = "keras3"

    @property
    def separate(self) -> bool:
        """Whether it is imported as ``keras`` and has a backend of its own choice."""
        return self is not KerasKind.TENSORFLOW


class RecurrentDefaults(StrEnum):
    """Versions whose LSTM and GRU have the same default arguments; see ``worker.defaults``."""

    KERAS_2_2 = "keras-2.2"
    KERAS_2_3 = "keras-2.3"
    TF_2 = "tf-2"


def parse_version(text: str | None) -> Version | None:
    """``2.2.4-tf`` as 2.2.4; None for what is not a version, 0 included."""
    try:
        found = Version((text or "").removesuffix("-tf"))
    except InvalidVersion:
        return None
    return found if any(found.release) else None


def kind_of(keras: str) -> KerasKind:
    """Return what this version of the package ``keras`` is.

    What has no readable version is Keras 3.
    """
    version = parse_version(keras)
    if version is None or version.major >= 3:
        return KerasKind.KERAS3
    if version.release[:2] < (2, 4):
        return KerasKind.MULTI_BACKEND
    return KerasKind.TENSORFLOW


@dataclass(frozen=True, kw_only=True, slots=True)
class KerasPackages:
    """Versions of the packages that decide which Keras is used; None where one is missing."""

    keras: str | None
    legacy: str | None  # ``tf_keras``: Keras 2 for TensorFlow 2.16 and newer
    tensorflow: str | None

    @property
    def inside_tensorflow(self) -> bool:
        """Whether ``tf.keras`` is the Keras to use: up to TensorFlow 2.15, if no other is there."""
        version = parse_version(self.tensorflow)
        if self.tensorflow is None or (version and version.release[:2] >= FIRST_KERAS_3):
            return False
        return self.keras is None or not kind_of(self.keras).separate


def keras_packages(packages: Mapping[str, str]) -> KerasPackages:
    """Find Keras and TensorFlow among packages, by whichever name they were installed."""
    found = {str(canonicalize_name(name)): version for name, version in packages.items()}
    return KerasPackages(
        keras=_first(found, KERAS_PACKAGES),
        legacy=_first(found, LEGACY_PACKAGES),
        tensorflow=_first(found, TENSORFLOW_PACKAGES),
    )


def _first(found: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((found[name] for name in names if name in found), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class KerasIdentity:
    """The Keras that an environment uses."""

    version: str | None  # ``2.2.4-tf``, ``2.3.1``, ``3.15.1``; None where nothing tells it
    generation: int  # 2 or 3
    api: KerasApi
    backend: Backend
    tensorflow: str | None
    legacy: str | None = None  # of the Keras 2 that is installed beside a Keras 3

    @property
    def keras3(self) -> bool:
        """Whether it is Keras 3."""
        return self.generation == 3

    @property
    def recurrent_defaults(self) -> RecurrentDefaults:
        """Which default arguments its LSTM and GRU have."""
        keras, tensorflow = self.version or "", self.tensorflow or ""
        if keras.endswith("-tf"):
            old = tensorflow.startswith("1.")
            return RecurrentDefaults.KERAS_2_2 if old else RecurrentDefaults.TF_2
        if keras.startswith(("2.0.", "2.1.", "2.2.")):
            return RecurrentDefaults.KERAS_2_2
        return RecurrentDefaults.KERAS_2_3 if keras.startswith("2.3.") else RecurrentDefaults.TF_2

    @property
    def writes_legacy_weights(self) -> bool:
        """Whether its ``x.weights.h5`` has the layout of before Keras 2.12."""
        version = parse_version(self.version)
        return version is not None and version.release[:2] < (2, 12)


def identity_from_packages(environment: Environment, packages: Mapping[str, str]) -> KerasIdentity:
    """Return the Keras of an environment by its lock, or by what is installed in it."""
    found = keras_packages(packages)
    keras = found.legacy if environment.legacy_keras else found.keras
    return _identity(environment, keras, found.tensorflow, legacy=found.legacy)


def identity_from_modules(
    environment: Environment, versions: Mapping[str, str], packages: Mapping[str, str]
) -> KerasIdentity:
    """Return the Keras of an environment by what its worker reported of itself.

    versions: of imported modules, as the modules state them. packages: what is installed.
    """
    legacy = versions.get("tf_keras") or keras_packages(packages).legacy
    keras = legacy if environment.legacy_keras else versions.get("keras")
    return _identity(environment, keras, versions.get("tensorflow"), legacy=legacy)


def _identity(
    environment: Environment, keras: str | None, tensorflow: str | None, *, legacy: str | None
) -> KerasIdentity:
    inside = environment.api is KerasApi.TF_KERAS
    if inside and parse_version(keras) is None:
        keras = _inside(parse_version(tensorflow))
    return KerasIdentity(
        version=keras,
        generation=generation_of(environment, keras, tensorflow),
        api=environment.api,
        backend=environment.backend,
        tensorflow=tensorflow,
        legacy=legacy,
    )


def generation_of(environment: Environment, keras: str | None, tensorflow: str | None) -> int:
    """Return the generation of a Keras, 2 or 3, by its version or its TensorFlow's."""
    if environment.legacy_keras:
        return 2
    if environment.api is KerasApi.TF_KERAS:
        around = parse_version(tensorflow)
        return 3 if around is not None and around.release[:2] >= FIRST_KERAS_3 else 2
    version = parse_version(keras)
    return 2 if version is not None and version.major < 3 else 3


def _inside(tensorflow: Version | None) -> str | None:
    """Return the Keras that is part of a TensorFlow up to 2.15."""
    if tensorflow is None or tensorflow.release[:2] >= FIRST_KERAS_3:
        return None
    minor = (tensorflow.major, tensorflow.minor)
    if minor < (2, 2):
        return OLDEST_INSIDE
    return INSIDE.get(minor, f"{tensorflow.major}.{tensorflow.minor}.0")
