"""Whether a package can be imported in an environment: a release that cannot is skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from runner import child_processes
from runner.display_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SECONDS = 120.0
PROGRAM = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def import_fault(python: Path, package: str, variables: Mapping[str, str]) -> str | None:
    """Why the modules of a package cannot be imported by this interpreter; None where they can."""
    modules = modules_of(python.parent.parent, package)
    if not modules:
        return None
    done = child_processes.run((python, "-c", PROGRAM, *modules), seconds=SECONDS, env=variables)
    if done.ok:
        return None
    names = ", ".join(modules)
    if done.code is None:
        return f"cannot be started: importing {names} does not end within {SECONDS:g} s"
    if done.code < 0:
        return f"cannot be started: importing {names} ends Python by signal {-done.code}"
    last = done.output.strip().splitlines()[-1:] or ["no message"]
    return f"cannot be started: importing {names} fails: {one_line(last[0], 200)}"


def modules_of(environment: Path, package: str) -> tuple[str, ...]:
    """Return the top modules that an installed package says it has."""
    for record in environment.glob("lib*/python*/site-packages/*.dist-info/RECORD"):
        name = record.parent.name.removesuffix(".dist-info").rpartition("-")[0]
        if canonicalize_name(name) == package:
            return top_modules(record.read_text("utf-8", "replace").splitlines())
    return ()


def top_modules(record: Iterable[str]) -> tuple[str, ...]:
    """Return the importable names in a RECORD. Pure."""
    found: dict[str, None] = {}
    for line in record:
        first, separator, rest = line.split(",")[0].partition("/")
        if separator and rest == "__init__.py" and first.isidentifier():
            found.setdefault(first)
        elif not separator and first.endswith(".py") and first[:-3].isidentifier():
            found.setdefault(first[:-3])
    return tuple(found)
