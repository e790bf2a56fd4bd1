"""The script of a way of loading: what a worker executes, and what a user is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

AUTHOR = "my_model"  # the module with what only the model's author has: build() and OBJECTS
NEEDS = "# Needs your code: "  # begins the first line of a script that imports it


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A complete script: it runs in a folder that holds the saved file, and defines ``model``.

    A graph without a Keras model has ``predict``, which takes inputs and gives outputs, in its
    place. ``files``: modules that the script imports, by name. ``shown``: what a name inside the
    artifact's folder is called in the script's folder; without it every name is the artifact's own,
    with ``stem`` in place of ``model``.
    """

    text: str
    files: tuple[tuple[str, str], ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    stem: str = "model"

    @property
    def needs_author(self) -> bool:
        """Whether it needs code of the model's author."""
        return needs_author(self.text)

    @property
    def id(self) -> str:
        """What results call it: a digest of what a user is shown."""
        return _digest(self, whole=False)[:12]

    @property
    def digest(self) -> str:
        """Of everything that decides what runs."""
        return _digest(self, whole=True)


@cache
def _digest(script: Script, *, whole: bool) -> str:
    shown = (script.text, script.files)
    value = (*shown, script.shown, script.stem) if whole else shown
    return hashlib.sha256(repr(value).encode()).hexdigest()


def text_id(text: str) -> str:
    """A short name for a text, the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def needs_author(text: str) -> bool:
    """Whether a script's text says that it needs code of the model's author."""
    return text.startswith(NEEDS)
