"""Interpreters that are here: pyenv, uv, conda, asdf or the system's, whoever installed them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import findpython

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERED = re.compile(r"(?:python|/|-)(\d\.\d+)")


@cache
def find_interpreter(version: str) -> str | None:
    """Return the path of a CPython ``3.9`` that starts, newest patch first.

    None when there is none.
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    found = [
        # A shim starts another interpreter by the folder it is called in: take what it points to.
        (python.version, str(python.interpreter))
        for python in _candidates(version)
        if python.is_valid()
        and (python.major, python.minor) == (major, minor)
        and python.implementation.lower() == "cpython"
        and not python.is_prerelease
    ]
    return max(found)[1] if found else None


def _candidates(version: str) -> Iterator[findpython.PythonVersion]:
    """Whatever may be of that version by its path: only starting it would tell for sure."""
    seen = set()
    for python in _found():
        path = python.real_path
        numbers = set(NUMBERED.findall(str(path)))
        if path in seen or (numbers and version not in numbers):
            continue
        seen.add(path)
        yield python


@cache
def _found() -> tuple[findpython.PythonVersion, ...]:
    providers = findpython.Finder().setup_providers()
    return tuple(python for provider in providers for python in provider.find_pythons())
