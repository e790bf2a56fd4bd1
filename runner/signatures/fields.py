"""The children of a YAML mapping, with one short reader for each type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.config.nodes import Node


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping's known children. Readers note a problem and return what is harmless."""

    node: Node
    known: dict[str, Node]

    @classmethod
    def of(cls, node: Node, names: tuple[str, ...]) -> Fields:
        """The children of a node; unknown keys are problems."""
        return cls(node, node.fields(names))

    def need(self, key: str) -> Node:
        """The child of that key; the mapping itself, after noting that the key is missing."""
        if key not in self.known:
            self.node.problem(f"the key {key!r} is missing")
        return self.known.get(key, self.node)

    def maybe(self, key: str) -> Node | None:
        """The child of that key, if it is there."""
        return self.known.get(key)

    def text(self, key: str) -> str:
        """Text that has to be there."""
        node = self.need(key)
        return (node.text() or "") if key in self.known else ""

    def maybe_text(self, key: str) -> str | None:
        """Text that may be missing."""
        return self.known[key].text() if key in self.known else None

    def flag(self, key: str) -> bool:
        """True or false; false where it is missing."""
        return bool(self.known[key].flag()) if key in self.known else False

    def matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        """Text of a certain shape that has to be there."""
        text = self.text(key)
        if text and pattern.fullmatch(text) is None:
            self.need(key).problem(f"{text!r} cannot be {key}", f"write {what}")
        return text

    def choices(self, key: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """One of the known words, or several."""
        names = tuple(known)
        nodes = self.known[key].one_or_more() if key in self.known else ()
        return tuple(word for node in nodes if (word := node.choice(names, what)) is not None)

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Regular expressions, one or several."""
        nodes = self.known[key].one_or_more() if key in self.known else ()
        return tuple(found for node in nodes if (found := _pattern(node)) is not None)

    def specifier(self, key: str) -> SpecifierSet | None:
        """Versions, ``>=2.4,<3``."""
        text = self.maybe_text(key)
        if text is None:
            return None
        try:
            return SpecifierSet(text)
        except InvalidSpecifier:
            self.known[key].problem(f"{text!r} is no version specifier", "write it as >=1.15,<2.6")
            return None


def _pattern(node: Node) -> re.Pattern[str] | None:
    text = node.text("a regular expression")
    if text is None:
        return None
    try:
        found = re.compile(text)
    except re.error as error:
        node.problem(f"is no regular expression: {error}")
        return None
    if found.search(""):
        node.problem("matches every text", "a catch-all recognises nothing")
        return None
    return found
