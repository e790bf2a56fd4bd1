"""Which names are Keras's own: read from ``known_names.txt``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("known_names.txt")
# A name in a config is looked up by what it is; kinds that a config may mix up share a lookup.
ALIKE = {"losses": ("losses", "metrics"), "metrics": ("metrics", "losses")}


@cache
def known_names() -> dict[str, dict[str, str]]:
    """Kind, then name, to the generations of Keras that know it: ``"23"``."""
    found: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    generations = ""
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            kind, generations = line.strip("[]").split()
            names = found.setdefault(kind, {})
        elif not line.startswith("#"):
            names.update(dict.fromkeys(line.split(), generations))
    return found


def generations_of(kind: str, name: str) -> str:
    """Return the generations that know the name; ``""`` for a custom one.

    Without a kind of its own (``"object"``) a name is looked up in all of them.
    """
    table = known_names()
    kinds = tuple(table) if kind == "object" else ALIKE.get(kind, (kind,))
    found = {char for one in kinds for char in table[one].get(name, "")}
    return "".join(sorted(found))
