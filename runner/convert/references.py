"""The environments of a matrix that may read an original, and which of them first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from runner.convert.places import NoPlaceError, open_environment
from runner.model.inspection import FileFormat
from runner.model.matrix import Backend, KerasApi
from runner.plan.candidates import by_likelihood, version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runner.convert.places import Place
    from runner.environments.builders import BuilderFor
    from runner.model.inspection import Inspection
    from runner.model.matrix import Limits
    from runner.plan.candidates import Candidate

NEVER = Version("0")
LAST_THEANO = (2, 3)  # tf.keras 2.4 and later do not turn Theano's kernels (keras 2.4, hdf5_format)


class MatrixReferences:
    """Opens environments of the matrix, each once."""

    def __init__(
        self,
        *,
        known: Sequence[Candidate],
        builder_for: BuilderFor,
        folder: Path,
        home: Path,
        limits: Limits,
        opened: Mapping[str, Place],
        say: Callable[[str], None],
    ) -> None:
        self._known = {one.environment.id: one for one in known}
        self._builder_for = builder_for
        self._folder = folder
        self._home = home
        self._limits = limits
        self._places: dict[str, Place | None] = dict(opened)
        self._say = say

    def order(self, inspection: Inspection) -> Sequence[str]:
        """Environments of the Keras that wrote the file, the nearest first."""
        found = [one for one in self._known.values() if reads_right(inspection, one)]
        order = list(by_likelihood(inspection, found))
        if inspection.saver.generation in (0, 1):  # the latest that knows them, then older ones
            order.sort(key=lambda one: version(one.keras) or NEVER, reverse=True)
        return tuple(one.environment.id for one in order)

    def open(self, name: str) -> Place | None:
        """One of them; None where it cannot be built."""
        if name not in self._places:
            try:
                self._places[name] = open_environment(
                    self._known[name].environment,
                    builder_for=self._builder_for,
                    folder=self._folder,
                    home=self._home / name,
                    limits=self._limits,
                )
            except NoPlaceError as error:
                self._say(str(error))
                self._places[name] = None
        return self._places[name]


def reads_right(inspection: Inspection, candidate: Candidate) -> bool:
    """Whether an environment that loads the file also predicts what its author saw."""
    if inspection.format is FileFormat.SAVEDMODEL:
        return candidate.tensorflow is not None  # a graph computes the same in each
    if inspection.format is FileFormat.WEIGHTS_H5:
        return candidate.generation == 3 or candidate.environment.api is KerasApi.TF_KERAS
    saver = inspection.saver.generation if inspection.saver.generation is not None else 2
    if candidate.generation != max(2, saver):
        return False
    environment = candidate.environment
    if saver < 2 and environment.api is not KerasApi.KERAS:
        return False  # the Keras in TensorFlow does not know the arguments of Keras 1
    if inspection.saver.backend is None and environment.backend is Backend.THEANO:
        return False  # it would turn kernels, which only a file that names its backend allows
    if inspection.saver.backend != "theano":
        return True
    found = version(candidate.tensorflow)
    in_tensorflow = environment.api is KerasApi.TF_KERAS
    return not in_tensorflow or found is None or (found.major, found.minor) <= LAST_THEANO
