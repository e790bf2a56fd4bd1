"""Which environments most likely load a file, by what inspection found. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner.model.inspection import FileFormat
from runner.model.keras_identity import generation_of, identity_from_packages
from runner.model.matrix import Backend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.model.builds import Lock
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment

# The TensorFlow that a version of Keras 2 came out with, where it does not carry the number.
ERA = {"0": "1.12", "1": "1.12", "2.0": "1.12", "2.1": "1.12", "2.2": "1.14", "2.3": "1.15"}
FAR = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An environment and the versions in its lock."""

    environment: Environment
    keras: str | None
    tensorflow: str | None

    @property
    def generation(self) -> int:
        """Of its Keras: 2 or 3."""
        return generation_of(self.environment, self.keras, self.tensorflow)


def candidates(
    environments: Iterable[Environment], locks: Mapping[str, Lock]
) -> tuple[Candidate, ...]:
    """Environments with their versions."""
    found = []
    for environment in environments:
        packages = dict(locks[environment.installation.name].packages)
        identity = identity_from_packages(environment, packages)
        found.append(
            Candidate(
                environment=environment, keras=identity.version, tensorflow=identity.tensorflow
            )
        )
    return tuple(found)


def version(text: str | None) -> Version | None:
    """Return a version as files have it.

    None where it is none. ``2.1 to 2.3`` counts as its begin.
    """
    if not text:
        return None
    try:
        return Version(text.split(" ")[0].split("-")[0])
    except InvalidVersion:
        return None


def by_likelihood(inspection: Inspection, known: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the nearest to the saver first; the matrix's order decides between equals."""
    return tuple(sorted(known, key=lambda one: distance(inspection, one)))


def distance(inspection: Inspection, candidate: Candidate) -> float:
    """How far an environment is from the one that wrote the file, and from reading it at all."""
    saver = inspection.saver
    generation = saver.generation if saver.generation is not None else 2
    far = FAR if min(candidate.generation, 3) != max(2, generation) else 0.0
    if inspection.format is FileFormat.SAVEDMODEL and candidate.tensorflow is None:
        far += 2 * FAR
    if saver.backend == "theano":
        far += 0.0 if candidate.environment.backend is Backend.THEANO else 5.0
    elif candidate.environment.backend is not Backend.TENSORFLOW:
        far += 5.0
    if generation == 3:
        return far + _steps(version(saver.keras), version(candidate.keras), older=4.0)
    told = version(saver.tensorflow) or version(_era(saver.keras))
    era = version(candidate.tensorflow) or version(_era(candidate.keras))
    return far + _steps(told, era, older=2.0)


def _era(keras: str | None) -> str | None:
    if keras is None:
        return None
    return next((era for begin, era in ERA.items() if keras.startswith(f"{begin}.")), None)


def _steps(saver: Version | None, loader: Version | None, *, older: float) -> float:
    """Minor releases between two; a loader that is ``older`` than the saver counts more."""
    if saver is None or loader is None:
        return 20.0
    steps = (loader.major - saver.major) * 16 + loader.minor - saver.minor
    return steps if steps >= 0 else -steps * older
