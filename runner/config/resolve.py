"""Resolve a short entry with the catalogue: releases, Python, backends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from packaging.version import InvalidVersion, Version

from runner.config.catalogue import KerasFacts, TensorflowFacts, neighbours
from runner.model.axes import RUNTIME_AXES, AxisFacts
from runner.model.keras_identity import KerasKind
from runner.model.matrix import Backend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.config.catalogue import Catalogue
    from runner.config.entry import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """What a short entry means. ``keras`` is None where TensorFlow's own Keras 2 is used."""

    tensorflow: Release[TensorflowFacts] | None
    tensorflow_stated: bool
    keras: Release[KerasFacts] | None
    backends: tuple[Backend, ...]
    python: str

    @property
    def separate_keras(self) -> bool:
        """Whether Keras is a package of its own and not TensorFlow's."""
        return self.keras is not None and self.keras.facts.kind.separate


def resolve(entry: Entry, catalogue: Catalogue) -> Resolved | None:
    """Add the catalogue's facts to a short entry; None after noting what does not fit."""
    before = len(entry.node.problems)
    tensorflow = tensorflow_release(entry, catalogue, entry.tensorflow)
    keras = keras_release(entry, catalogue, entry.keras or _inner_keras(entry, tensorflow))
    if len(entry.node.problems) > before:
        return None
    backends = _backends(entry, keras)
    _check_backends(entry, catalogue, keras, backends)
    if len(entry.node.problems) > before:
        return None
    stated = tensorflow is not None
    if tensorflow is None and Backend.TENSORFLOW in backends and keras is not None:
        tensorflow = _default_tensorflow(entry, catalogue, keras)
    _check_pair(entry, tensorflow, keras)
    python = _python(entry, tensorflow if stated else None, keras)
    _check_python(entry, python, tensorflow, keras)
    _check_legacy(entry, tensorflow, backends)
    _check_runtime(entry, tensorflow, backends)
    if len(entry.node.problems) > before:
        return None
    return Resolved(
        tensorflow=tensorflow,
        tensorflow_stated=stated,
        keras=keras,
        backends=backends,
        python=python,
    )


def _inner_keras(entry: Entry, tensorflow: Release[TensorflowFacts] | None) -> str | None:
    """Return the Keras 3 that TensorFlow 2.16 and newer gets.

    None where only legacy Keras is used.
    """
    return tensorflow.facts.keras if tensorflow and entry.legacy != (True,) else None


def _backends(entry: Entry, keras: Release[KerasFacts] | None) -> tuple[Backend, ...]:
    if entry.backends:
        return entry.backends
    if entry.tensorflow is not None:
        return (Backend.TENSORFLOW,)
    if keras is not None and keras.facts.kind.separate:
        entry.problem(
            "keras",
            f"Keras {keras.version} needs a backend",
            "add backend: jax, or tensorflow: with a version"
            if keras.facts.kind is KerasKind.KERAS3
            else "add backend: theano, or tensorflow: with a version",
        )
    return ()


def _check_backends(
    entry: Entry,
    catalogue: Catalogue,
    keras: Release[KerasFacts] | None,
    backends: tuple[Backend, ...],
) -> None:
    if keras is not None and keras.facts.kind is KerasKind.TENSORFLOW and entry.tensorflow is None:
        entry.problem(
            "keras",
            f"Keras {keras.version} is part of TensorFlow",
            f"write tensorflow: '{keras.minor}'",
        )
        return
    own = keras is None or keras.facts.kind is KerasKind.TENSORFLOW
    for backend in backends:
        facts = catalogue.backends.get(backend)
        if own and backend is not Backend.TENSORFLOW:
            what = f"TensorFlow {entry.tensorflow}"
            entry.problem("backend", f"the Keras inside {what} has no backend {backend}")
        elif keras is not None and not own and not (facts and facts.keras.contains(keras.version)):
            has = f"Keras {facts.keras} has it" if facts else "the catalogue does not know it"
            entry.problem("backend", f"Keras {keras.version} has no backend {backend}", has)


def _default_tensorflow(
    entry: Entry, catalogue: Catalogue, keras: Release[KerasFacts]
) -> Release[TensorflowFacts] | None:
    if keras.facts.tensorflow is None:
        entry.problem(
            "backend",
            f"Keras {keras.version} with the tensorflow backend needs a TensorFlow version",
            "add tensorflow: '1.15', for example",
        )
        return None
    return tensorflow_release(entry, catalogue, keras.facts.tensorflow)


def _check_pair(
    entry: Entry,
    tensorflow: Release[TensorflowFacts] | None,
    keras: Release[KerasFacts] | None,
) -> None:
    if tensorflow is None or keras is None or entry.keras is None:
        return
    accepted = tensorflow.facts.accepts_keras
    if not accepted.contains(keras.version):
        entry.problem(
            "keras",
            f"TensorFlow {tensorflow.version} does not go with Keras {keras.version}",
            f"it takes keras{accepted}",
        )


def _python(
    entry: Entry,
    tensorflow: Release[TensorflowFacts] | None,
    keras: Release[KerasFacts] | None,
) -> str:
    if entry.python is not None:
        return entry.python
    if tensorflow is not None:
        return tensorflow.facts.python
    return keras.facts.python if keras is not None else ""


def _check_python(
    entry: Entry,
    python: str,
    tensorflow: Release[TensorflowFacts] | None,
    keras: Release[KerasFacts] | None,
) -> None:
    for product, release in (("TensorFlow", tensorflow), ("Keras", keras)):
        pythons = release.facts.pythons if release else None
        if release and pythons and python and not pythons.contains(python):
            entry.problem(
                "python",
                f"{product} {release.version} cannot be installed on Python {python}",
                f"it takes Python {pythons}",
            )


def _check_legacy(
    entry: Entry, tensorflow: Release[TensorflowFacts] | None, backends: tuple[Backend, ...]
) -> None:
    """Legacy Keras needs TensorFlow 2.16 or newer."""
    if True in entry.legacy and (tensorflow is None or tensorflow.facts.tf_keras is None):
        entry.problem(
            "legacy-keras",
            f"TensorFlow {tensorflow.version} already uses Keras 2"
            if tensorflow
            else "legacy Keras needs TensorFlow 2.16 or newer",
            "leave legacy-keras out" if tensorflow else "add tensorflow: '2.16' or newer",
        )
    elif True in entry.legacy and Backend.TENSORFLOW not in backends:
        entry.problem("legacy-keras", "legacy Keras runs on TensorFlow only")


def _check_runtime(
    entry: Entry, tensorflow: Release[TensorflowFacts] | None, backends: tuple[Backend, ...]
) -> None:
    facts = AxisFacts(
        backends=backends,
        tensorflow=tensorflow.version if tensorflow else None,
        keras3=tensorflow is not None and tensorflow.facts.keras is not None,
        legacy=True in entry.legacy,
    )
    for axis, values in zip(RUNTIME_AXES, entry.runtime, strict=True):
        why_not = axis.why_not(facts) if (not axis.default) in values else None
        if why_not is not None:
            entry.problem(axis.key, *why_not)


FactsT = TypeVar("FactsT", TensorflowFacts, KerasFacts)
_FULL_FORM = "for a release that kmatrix does not know, write python and requirements yourself"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release(Generic[FactsT]):
    """A release: its minor version, the version to install, and what is known about it."""

    minor: str  # ``2.10``
    version: str  # ``2.10.1``
    exact: bool  # the patch was stated
    facts: FactsT


def tensorflow_release(
    entry: Entry, catalogue: Catalogue, version: str | None
) -> Release[TensorflowFacts] | None:
    """Return the TensorFlow release of an entry.

    None if it states none, or after noting a problem.
    """
    return _release(entry, "tensorflow", version, catalogue.tensorflow)


def keras_release(
    entry: Entry, catalogue: Catalogue, version: str | None
) -> Release[KerasFacts] | None:
    """Return the Keras release of an entry; None if it states none, or after noting a problem."""
    return _release(entry, "keras", version, catalogue.keras)


def _release(
    entry: Entry, key: str, text: str | None, known: Mapping[str, FactsT]
) -> Release[FactsT] | None:
    if text is None:
        return None
    version = _version(entry, key, text)
    if version is None:
        return None
    minor = f"{version.major}.{version.minor}"
    if minor not in known:
        near = " and ".join(f"'{each}'" for each in neighbours(minor, known))
        entry.problem(key, f"version {text!r} is not known", f"nearest known: {near}; {_FULL_FORM}")
        return None
    facts = known[minor]
    exact = len(version.release) > 2
    if exact and version > Version(facts.newest):
        entry.problem(
            key,
            f"version {text!r} is not known",
            f"newest known of {minor}: '{facts.newest}'; {_FULL_FORM}",
        )
        return None
    return Release(minor=minor, version=text if exact else facts.newest, exact=exact, facts=facts)


def _version(entry: Entry, key: str, text: str) -> Version | None:
    try:
        version = Version(text)
    except InvalidVersion:
        entry.problem(key, f"{text!r} is not a version", "write it as '2.10' or '2.10.1'")
        return None
    if version != Version(version.base_version) or version.epoch:
        entry.problem(
            key,
            f"{text!r} is not a release",
            f"write {'.'.join(map(str, version.release))!r}; {_FULL_FORM}",
        )
        return None
    if len(version.release) < 2:
        entry.problem(key, f"{text!r} has no minor version", f"write it as '{text}.10'")
        return None
    return version
