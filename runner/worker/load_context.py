"""One load in the making: the file, where to write, and what is known of the model."""

import os
from typing import TYPE_CHECKING, Any, Callable, Optional

from .aliases import Arrays, Json, Mark, Objects

if TYPE_CHECKING:
    from .api import Keras
    from .subject import Subject


class LoadedModel:
    """What a load gives: a ``keras.Model``, or something else with a function that predicts."""

    def __init__(self, model: Any, call: Optional[Callable[[Any], Arrays]] = None) -> None:
        self.model = model
        self.call = call  # for a graph that has no Keras model


class Load:
    """What the script of a load works on."""

    def __init__(
        self,
        k: "Keras",
        subject: "Subject",
        *,
        folder: str,
        route: str,
        scratch: str,
        mark: Mark,
        script: Json,
    ) -> None:
        self.k = k
        self.subject = subject
        self.folder = folder  # the artifact's
        self.scratch = scratch  # a folder to write to
        self._mark = mark
        self.stage = ""  # the last that was noted
        self.script = script  # the text to execute, and what goes beside it
        self.base = route.split("+", maxsplit=1)[0]

    def mark(self, stage: str) -> None:
        """Note that a stage begins."""
        self.stage = stage
        self._mark(stage)

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
