"""Scalars with a meaning: durations, memory, dates, Python versions, requirements, ids."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

if TYPE_CHECKING:
    from runner.config.yaml_nodes import Node

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
PYTHON = re.compile(r"3\.[0-9]{1,2}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|min|h)")
MEMORY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(MiB|GiB)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_OLDEST_PYTHON = 6


def duration(node: Node) -> float | None:
    """Seconds, from ``90s``, ``20min``, ``1.5h``, ``500ms``. A bare number has no unit: refused."""
    text = node.text("a duration")
    if text is None:
        return None
    match = DURATION.fullmatch(text)
    if match is None or float(match[1]) <= 0:
        node.problem(f"{text!r} is not a duration", "write a number and ms, s, min or h, as in 90s")
        return None
    return float(match[1]) * _SECONDS[match[2]]


def memory(node: Node) -> int | None:
    """MiB, from ``512MiB`` or ``4GiB``."""
    text = node.text("an amount of memory")
    if text is None:
        return None
    match = MEMORY.fullmatch(text)
    size = float(match[1]) * (1024 if match[2] == "GiB" else 1) if match else 0.0
    if size < 1:
        node.problem(f"{text!r} is not an amount of memory", "write it as 512MiB or 4GiB")
        return None
    return int(size)


def day(node: Node) -> str | None:
    """Return a date, ``2022-12-16``."""
    text = node.text("a date")
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        node.problem(f"{text!r} is not a date", "use YYYY-MM-DD")
        return None


def python(node: Node) -> str | None:
    """Return a Python minor version, ``3.9``; never a path, never a patch."""
    text = node.text("a Python version")
    if text is None:
        return None
    if PYTHON.fullmatch(text) is None:
        minor = re.match(r"3\.[0-9]{1,2}(?=\.)", text)
        hint = f"write {minor[0]!r}" if minor else "write a minor version such as '3.9'"
        node.problem(f"{text!r} is not a Python version", hint)
        return None
    if int(text.split(".")[1]) < _OLDEST_PYTHON:
        node.problem(f"Python {text} is too old", "3.6 is the oldest that kmatrix can work in")
        return None
    return text


def requirement(node: Node) -> str | None:
    """Return a PEP 508 requirement with a name and versions, no address."""
    text = node.text("a requirement")
    if text is None:
        return None
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        node.problem(f"{text!r} is not a requirement", "write it as numpy==1.23.5 or numpy<2")
        return None
    if parsed.url:
        node.problem(
            f"{parsed.name} is taken from an address",
            "name a version; for a local wheel use find-links",
        )
        return None
    return text


def folder(node: Node) -> str | None:
    """Return a folder, relative to the matrix file; an address is refused."""
    text = node.text("a folder")
    if text is None:
        return None
    if "://" in text:
        node.problem("is an address, not a folder", "use the resolver's own settings for indexes")
        return None
    return text


def name(node: Node, text: str, what: str) -> str | None:
    """Return an id that is safe as a file name and in a nox session's name.

    Noted at the key if any.
    """
    if ID.fullmatch(text):
        return text
    node.key_problem(
        f"{text!r} cannot be the name of {what}",
        "use letters, digits, '.', '_', '-', at most 80, and start with a letter or digit",
    )
    return None


def variables(node: Node) -> dict[str, str]:
    """Environment variables: a mapping from names to text, numbers as they are written."""
    found: dict[str, str] = {}
    for key, value in (node.mapping() or {}).items():
        if VARIABLE.fullmatch(key) is None:
            value.key_problem(f"{key!r} is not a name of an environment variable")
            continue
        text = _variable(value)
        if text is not None:
            found[key] = text
    return found


def _variable(node: Node) -> str | None:
    """Text that may be empty, since an empty variable is not an unset one."""
    if node.is_scalar_text and not str(node.raw.value).strip():
        return ""
    return node.text()
