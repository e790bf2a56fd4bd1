"""Interpreters that are here: pyenv, uv, conda, asdf or the system's, whoever installed them."""

from __future__ import annotations

from functools import cache

import findpython


@cache
def find_interpreter(version: str) -> str | None:
    """The path of a CPython ``3.9`` that starts, newest patch first; None when there is none."""
    major, minor = (int(part) for part in version.split(".")[:2])
    found = [
        python
        for python in findpython.find_all(major=major, minor=minor, allow_prereleases=False)
        if python.implementation.lower() == "cpython" and python.is_valid()
    ]
    if not found:
        return None
    # A shim starts another interpreter by the folder it is called in: take what it points to.
    best = max(found, key=lambda python: python.version)
    return str(best.interpreter)
