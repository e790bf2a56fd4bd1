"""The children of a YAML mapping, with one short reader for each type."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from runner.config import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.config.yaml_nodes import Node


def keys_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the YAML keys of a dataclass: its field names with hyphens.

    A field declares other keys, or none, with ``field(metadata={"keys": (...)})``.
    """
    return tuple(
        key
        for item in dataclasses.fields(kind)
        for key in item.metadata.get("keys", (item.name.replace("_", "-"),))
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The known children of a mapping. Readers note a problem and return a harmless value."""

    node: Node
    known: dict[str, Node]

    @classmethod
    def of(
        cls,
        node: Node,
        keys: type[Any] | Iterable[str],
        *,
        aliases: Mapping[str, str] | None = None,
        or_else: str = "",
    ) -> Fields:
        """Return the children of a node, by the keys of a dataclass; unknown keys are problems."""
        names = keys_of(keys) if isinstance(keys, type) else keys
        return cls(node, node.fields(names, aliases=aliases, or_else=or_else))

    def __contains__(self, key: str) -> bool:
        return key in self.known

    def need(self, key: str) -> Node:
        """Return the child of that key.

        The mapping itself, after noting that the key is missing.
        """
        if key not in self.known:
            self.node.problem(f"the key {key!r} is missing")
        return self.known.get(key, self.node)

    def maybe(self, key: str) -> Node | None:
        """Return the child of that key, if there is one."""
        return self.known.get(key)

    def children(self, key: str) -> list[tuple[str, Node]]:
        """Return the children of a mapping below a required key."""
        return list((self.need(key).mapping() or {}).items())

    def text(self, key: str) -> str:
        """Return required text."""
        node = self.need(key)
        return (node.text() or "") if key in self.known else ""

    def maybe_text(self, key: str, what: str = "text") -> str | None:
        """Return optional text."""
        return self.known[key].text(what) if key in self.known else None

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or several; none if the key is missing."""
        return self.known[key].texts() if key in self.known else ()

    def flag(self, key: str) -> bool:
        """Return true or false; false if the key is missing."""
        return bool(self.known[key].flag()) if key in self.known else False

    def flags(self, key: str, *, default: bool) -> tuple[bool, ...]:
        """Distinct values of true and false, one or both."""
        found: dict[bool, None] = {}
        for node in self.known[key].one_or_more() if key in self.known else ():
            value = node.flag()
            if value is None:
                continue
            if value in found:
                node.problem(f"{str(value).lower()} is twice in this list")
            found[value] = None
        return tuple(found) or (default,)

    def choice(self, key: str, known: Iterable[str], what: str) -> str | None:
        """One of the known words; None if the key is missing."""
        return self.known[key].choice(known, what) if key in self.known else None

    def choices(self, key: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """One of the known words, or several."""
        names = tuple(known)
        nodes = self.known[key].one_or_more() if key in self.known else ()
        return tuple(word for node in nodes if (word := node.choice(names, what)) is not None)

    def matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        """Return required text that matches a pattern."""
        text = self.text(key)
        if text and pattern.fullmatch(text) is None:
            self.need(key).problem(f"{text!r} cannot be {key}", f"write {what}")
        return text

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Regular expressions, one or several."""
        nodes = self.known[key].one_or_more() if key in self.known else ()
        return tuple(found for node in nodes if (found := _pattern(node)) is not None)

    def specifier(self, key: str) -> SpecifierSet | None:
        """Versions, ``>=2.4,<3``; None if the key is missing."""
        text = self.maybe_text(key)
        if text is None:
            return None
        try:
            return SpecifierSet(text)
        except InvalidSpecifier:
            self.known[key].problem(
                f"{text!r} is not a version specifier", "write it as >=1.15,<2.6"
            )
            return None

    def variables(self, key: str = "variables") -> tuple[tuple[str, str], ...]:
        """Environment variables, in the order of the file."""
        return tuple(values.variables(self.known[key]).items()) if key in self.known else ()


def _pattern(node: Node) -> re.Pattern[str] | None:
    text = node.text("a regular expression")
    if text is None:
        return None
    try:
        found = re.compile(text)
    except re.error as error:
        node.problem(f"not a regular expression: {error}")
        return None
    if found.search(""):
        node.problem("matches every text", "a pattern for everything recognises nothing")
        return None
    return found
