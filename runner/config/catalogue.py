"""The catalogue of version facts: typed, with the rules for pins and nearest versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.specifiers import SpecifierSet

    from runner.model.keras_identity import KerasKind
    from runner.model.matrix import Backend


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorflowFacts:
    """A minor version of TensorFlow."""

    newest: str
    package: str  # ``tensorflow`` or ``tensorflow-cpu``
    python: str
    pythons: SpecifierSet
    keras: str | None  # the Keras 3 it gets when none is named; None: Keras 2 is inside
    accepts_keras: SpecifierSet
    tf_keras: str | None  # its legacy Keras 2
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KerasFacts:
    """A minor version of the package ``keras``."""

    newest: str
    kind: KerasKind
    python: str
    pythons: SpecifierSet | None
    tensorflow: str | None  # the TensorFlow its backend gets when none is named
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BackendFacts:
    """What a backend needs in addition to Keras."""

    keras: SpecifierSet  # the versions that have it
    packages: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known about one installation when pins are looked up."""

    tensorflow: str | None
    keras: str | None  # None too where Keras is part of TensorFlow
    python: str
    backends: tuple[Backend, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PinCondition:
    """What an installation must have for a pin; None: anything."""

    tensorflow: SpecifierSet | None
    keras: SpecifierSet | None
    python: SpecifierSet | None
    backend: Backend | None

    def holds(self, facts: Facts) -> bool:
        """Whether all parts hold; a part about a package that is not installed does not."""
        return (
            _holds(self.tensorflow, facts.tensorflow)
            and _holds(self.keras, facts.keras)
            and _holds(self.python, facts.python)
            and (self.backend is None or self.backend in facts.backends)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PinRule:
    """Pins for all installations for which the condition holds."""

    when: PinCondition
    pins: tuple[str, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyFacts:
    """How ``tf.keras`` becomes Keras 2 in TensorFlow 2.16 and newer."""

    variables: tuple[tuple[str, str], ...]
    overrides: tuple[str, ...]  # needed with tensorflow-cpu only
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NightlyFacts:
    """What ``nightly: true`` installs."""

    packages: tuple[str, ...]
    python: str
    prerelease: bool
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Everything that kmatrix knows about versions. Keys are minor versions, ``2.10``."""

    tensorflow: Mapping[str, TensorflowFacts]
    keras: Mapping[str, KerasFacts]
    backends: Mapping[Backend, BackendFacts]
    pins: tuple[PinRule, ...]
    legacy: LegacyFacts = field(metadata={"keys": ("legacy-keras",)})
    nightly: NightlyFacts

    def pins_for(self, facts: Facts) -> tuple[str, ...]:
        """All pins whose rule applies, in the catalogue's order, each once."""
        found = [pin for rule in self.pins if rule.when.holds(facts) for pin in rule.pins]
        return tuple(dict.fromkeys(found))


def neighbours(version: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the known minor versions just below and just above this one."""
    wanted = Version(version)
    ordered = sorted(known, key=Version)
    below = [each for each in ordered if Version(each) < wanted]
    above = [each for each in ordered if Version(each) > wanted]
    return tuple(below[-1:] + above[:1])


def _holds(condition: SpecifierSet | None, version: str | None) -> bool:
    if condition is None:
        return True
    return version is not None and condition.contains(version, prereleases=True)
