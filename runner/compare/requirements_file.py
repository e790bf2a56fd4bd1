"""A user's requirements file, as far as it names packages of an index."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

COMMENT = re.compile(r"(^|\s)#.*$")
IGNORED = ("--hash", "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes")
RESOLVERS = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host")


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementsFile:
    """What a requirements file asks for, and what of it was left out, a line each."""

    requirements: tuple[str, ...]
    notes: tuple[str, ...]


def read_requirements(
    name: str, read: Callable[[str], str], *, inside: tuple[str, ...] = ()
) -> RequirementsFile:
    """Return a requirements file and those it includes. ``read``: a file's text, by its name.

    Projects and addresses are left out with a note: kmatrix installs packages of an index only.
    inside: the files that include this one. Raises ToolError (exit code 2) for an endless loop.
    """
    inside = (*inside, name)
    requirements: dict[str, None] = {}
    notes: list[str] = []
    for number, line in _lines(read(name)):
        place = f"{name}:{number}"
        option, _, value = line.replace("=", " ", 1).partition(" ")
        if option in ("-r", "--requirement"):
            included = posixpath.join(posixpath.dirname(name), value.strip())
            if posixpath.normpath(included) in map(posixpath.normpath, inside):
                raise ToolError(
                    f"{place}: -r {value.strip()} includes the file in itself: "
                    f"{' -> '.join((*inside, included))}; remove one of these -r lines",
                    exit_code=ExitCode.USAGE,
                )
            inner = read_requirements(included, read, inside=inside)
            requirements.update(dict.fromkeys(inner.requirements))
            notes += inner.notes
        elif option in RESOLVERS:
            notes.append(f"{place}: {option} is left out; the resolver has settings of its own")
        elif line.startswith("-"):
            notes.append(f"{place}: {line} is left out")
        else:
            _take(line, place, requirements, notes)
    return RequirementsFile(requirements=tuple(requirements), notes=tuple(notes))


def _take(line: str, place: str, requirements: dict[str, None], notes: list[str]) -> None:
    text = re.split(rf"\s+(?:{'|'.join(IGNORED)})\b", line)[0].strip()
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        notes.append(f"{place}: {text} is left out: not a requirement")
        return
    if parsed.url:
        notes.append(f"{place}: {parsed.name} is left out: it is taken from an address")
    else:
        requirements[text] = None


def _lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers: continued ones joined, comments and empty ones gone."""
    found: list[tuple[int, str]] = []
    pending, begin = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        begin = begin or number
        if raw.endswith("\\"):
            pending += raw[:-1] + " "
            continue
        line = COMMENT.sub("", pending + raw).strip()
        if line:
            found.append((begin, line))
        pending, begin = "", 0
    return found
