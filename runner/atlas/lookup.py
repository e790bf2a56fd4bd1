"""The environment of the atlas that requirements describe. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from runner.model.keras_identity import (
    KERAS_PACKAGES,
    LEGACY_PACKAGES,
    TENSORFLOW_PACKAGES,
    TENSORFLOW_RELEASES,
    keras_packages,
    parse_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.model.atlas_data import Atlas, AtlasEnvironment

# What saved models depend on, of the packages of a lock.
PACKAGES = frozenset(
    {
        *(*TENSORFLOW_PACKAGES, *KERAS_PACKAGES, *LEGACY_PACKAGES),
        *("numpy", "h5py", "protobuf", "jax", "jaxlib", "torch", "theano", "openvino"),
    }
)
TENSORFLOW = "tensorflow"
NOTHING = Version("0")
BACKENDS = frozenset({"jax", "jaxlib", "torch", "theano", "openvino"})


def find_environment(atlas: Atlas, requirements: Iterable[str]) -> AtlasEnvironment | None:
    """Return the environment of the atlas whose packages are what the requirements ask for.

    Of several, as ranges of versions allow them, the newest. Packages that no reference model
    depends on do not matter. None where nothing fits exactly.
    """
    wanted = _specifiers(requirements)
    if not wanted.keys() & {TENSORFLOW, "keras", *LEGACY_PACKAGES}:
        return None
    fitting = [item for item in atlas.index.environments if item.eager and _fits(item, wanted)]
    return max(fitting, key=_age, default=None)


def _specifiers(requirements: Iterable[str]) -> dict[str, SpecifierSet]:
    """Return what is asked of each package; beside TensorFlow other backends do not count."""
    found: dict[str, SpecifierSet] = {}
    for text in requirements:
        parsed = Requirement(text)
        name = _name(parsed.name)
        if name in PACKAGES:
            found[name] = found.get(name, SpecifierSet()) & parsed.specifier
    if TENSORFLOW in found:
        return {name: wanted for name, wanted in found.items() if name not in BACKENDS}
    return found


def _name(text: str) -> str:
    name = str(canonicalize_name(text))
    return TENSORFLOW if name in TENSORFLOW_RELEASES else name


def _fits(environment: AtlasEnvironment, wanted: Mapping[str, SpecifierSet]) -> bool:
    has = {_name(name): version for name, version in environment.packages}
    if (TENSORFLOW in wanted) != (keras_packages(has).tensorflow is not None):
        return False
    if environment.legacy_keras != bool(wanted.keys() & set(LEGACY_PACKAGES)):
        return False
    if TENSORFLOW not in wanted and not wanted.keys() & BACKENDS & {environment.backend}:
        return False
    return all(
        name in has and specifier.contains(has[name], prereleases=True)
        for name, specifier in wanted.items()
    )


def _age(environment: AtlasEnvironment) -> tuple[Version, Version, str]:
    return (
        parse_version(environment.tensorflow) or NOTHING,
        parse_version(environment.keras) or NOTHING,
        environment.id,
    )
