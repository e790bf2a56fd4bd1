"""What ``--from`` and ``--to`` mean: an environment of the matrix, or one with other packages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.errors import ExitCode, ToolError
from runner.model.keras_identity import TENSORFLOW_PACKAGES, keras_packages
from runner.model.matrix import Backend, Environment, KerasApi

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from runner.model.matrix import IndexOptions

OURS = ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS")  # follow from the packages
BACKENDS = (Backend.JAX, Backend.TORCH, Backend.OPENVINO, Backend.THEANO)


class Named(Protocol):
    """An environment of a matrix, or of the atlas."""

    @property
    def id(self) -> str:
        """Its name."""


AnyNamed = TypeVar("AnyNamed", bound=Named)


def resolve(
    word: str,
    environments: Sequence[AnyNamed],
    preferred: Collection[str],
    where: str = "the matrix",
) -> AnyNamed:
    """Return the only environment that begins with ``word``; ``tf2.1`` is never ``tf2.15``.

    preferred: ids of the default profile, which decide where several are called so. Raises
    ToolError (2) with the candidates.
    """
    named = [item for item in environments if item.id == word]
    whole = [item for item in environments if item.id.startswith((f"{word}-", f"{word}."))]
    candidates = named or whole or [item for item in environments if item.id.startswith(word)]
    if len(candidates) > 1:
        candidates = [item for item in candidates if item.id in preferred] or candidates
    if len(candidates) == 1:
        return candidates[0]
    many = ", ".join(item.id for item in candidates or environments)
    what = (
        "begins several environments" if candidates else f"is not the beginning of an id in {where}"
    )
    raise ToolError(f"{word!r} {what}: {many}", exit_code=ExitCode.USAGE)


def is_requirement(word: str) -> bool:
    """Whether a word pins a package: ``numpy==2.0``, ``keras>=3``."""
    return re.search(r"[=<>~!]=|[<>]", word) is not None


def is_file_name(word: str) -> bool:
    """Return whether a word is meant as a requirements file, whether there is one or not."""
    return "/" in word or word.endswith((".txt", ".in"))


def requirement(word: str) -> str:
    """Return a requirement as it is, once it is known to be one. Raises ToolError (2)."""
    try:
        parsed = Requirement(word)
    except InvalidRequirement as error:
        raise ToolError(
            f"{word!r} is no requirement; write it as numpy==2.0.0", exit_code=ExitCode.USAGE
        ) from error
    if parsed.url:
        raise ToolError(
            f"{word!r} is taken from an address; name a version", exit_code=ExitCode.USAGE
        )
    return word


def with_pins(base: Sequence[str], pins: Sequence[str]) -> tuple[str, ...]:
    """Replace requirements by others of the same package; TensorFlow keeps its package name."""
    found = {_name(text): text for text in base}
    for pin in pins:
        name = _name(pin)
        variant = next((other for other in TENSORFLOW_PACKAGES if other in found), name)
        if name in TENSORFLOW_PACKAGES and name != variant and name == "tensorflow":
            pin = pin.replace(Requirement(pin).name, variant, 1)  # noqa: PLW2901 - the same pin
            name = variant
        found[name] = pin
    return tuple(found.values())


def _name(text: str) -> str:
    return canonicalize_name(Requirement(text).name)


def target(
    base: Environment,
    *,
    name: str,
    requirements: tuple[str, ...],
    python: str | None,
    index: IndexOptions,
) -> Environment:
    """Return an environment to be locked on the fly. What Keras it is, its lock will tell."""
    installation = replace(
        base.installation,
        name=name,
        requirements=requirements,
        python=python or base.installation.python,
        index=index,
    )
    return replace(base, id=name, installation=installation, position=None)


def settle(
    environment: Environment,
    packages: Mapping[str, str],
    variables: Mapping[Backend, Mapping[str, str]],
) -> Environment:
    """Return the environment as its locked packages make it: which Keras, on which backend.

    variables: what each backend of separate Keras needs. Raises ToolError where the lock has no
    Keras at all.
    """
    found = {str(canonicalize_name(name)): version for name, version in packages.items()}
    keras = keras_packages(packages)
    tensorflow = keras.tensorflow
    if tensorflow is None and keras.keras is None:
        raise ToolError(f"{environment.id}: neither Keras nor TensorFlow is among its packages")
    if environment.legacy_keras and keras.legacy is not None:
        return environment
    kept = {name: value for name, value in environment.variables if name not in OURS}
    if keras.inside_tensorflow:
        return replace(
            environment,
            api=KerasApi.TF_KERAS,
            backend=Backend.TENSORFLOW,
            legacy_keras=False,
            variables=tuple(sorted(kept.items())),
        )
    backend = _backend(environment.backend, found, tensorflow)
    kept.update(variables.get(backend, {}))
    return replace(
        environment,
        api=KerasApi.KERAS,
        backend=backend,
        legacy_keras=False,
        eager=environment.eager if backend is environment.backend else True,
        variables=tuple(sorted(kept.items())),
    )


def _backend(wanted: Backend, found: Collection[str], tensorflow: str | None) -> Backend:
    if wanted in found or (wanted is Backend.TENSORFLOW and tensorflow is not None):
        return wanted
    if tensorflow is not None:
        return Backend.TENSORFLOW
    return next((backend for backend in BACKENDS if backend in found), Backend.NUMPY)
