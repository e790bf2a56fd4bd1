"""One load in the making: the file, where to write, and what is known of the model."""

import os
from typing import TYPE_CHECKING, Any, Callable, Optional

from .aliases import Arrays, Mark, Objects

if TYPE_CHECKING:
    from .api import Keras
    from .subject import Subject


class LoadedModel:
    """What a load gives: a ``keras.Model``, or something else with a function that predicts."""

    def __init__(self, model: Any, call: Optional[Callable[[Any], Arrays]] = None) -> None:
        self.model = model
        self.call = call  # for a graph that has no Keras model


class Load:
    """What every loader and every route works on."""

    def __init__(
        self,
        k: "Keras",
        subject: "Subject",
        *,
        folder: str,
        file_format: str,
        route: str,
        scratch: str,
        mark: Mark,
    ) -> None:
        self.k = k
        self.subject = subject
        self.folder = folder  # the artifact's
        self.format = file_format
        self.scratch = scratch  # a folder to write to
        self.mark = mark
        self.base = route.split("+", maxsplit=1)[0]
        self.patches = route.split("+")[1:]

    def path(self, *names: str) -> str:
        """A path inside the artifact."""
        return os.path.join(self.folder, *names)

    def objects(self) -> Objects:
        """The custom objects of the model."""
        return self.subject.objects(self.k)

    def build(self) -> Any:
        """The model from its code, with other weights than the saver's."""
        self.mark("build")
        return self.subject.build_blank(self.k)
