"""Interpreters that are here: pyenv, uv, conda, asdf or the system's, whoever installed them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import findpython

if TYPE_CHECKING:
    from packaging.version import Version


@cache
def find_interpreter(version: str) -> str | None:
    """The path of a CPython ``3.9`` that starts, newest patch first; None when there is none."""
    major, minor = (int(part) for part in version.split(".")[:2])
    found = [
        (full, path) for full, path in _interpreters() if (full.major, full.minor) == (major, minor)
    ]
    return max(found)[1] if found else None


@cache
def _interpreters() -> tuple[tuple[Version, str], ...]:
    """Every CPython that starts. Each is started to ask for its version, so this is done once."""
    return tuple(
        # A shim starts another interpreter by the folder it is called in: take what it points to.
        (python.version, str(python.interpreter))
        for python in findpython.find_all(allow_prereleases=False)
        if python.is_valid() and python.implementation.lower() == "cpython"
    )
