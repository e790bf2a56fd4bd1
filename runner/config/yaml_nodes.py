"""A place in a YAML file, read with types: what does not fit becomes a positioned problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from runner.config.problems import did_you_mean
from runner.model.matrix import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.config.problems import Problems

_TAG = "tag:yaml.org,2002:"
_SCALARS = {"bool": "true or false", "null": "nothing", "int": "a number", "float": "a number"}
# YAML 1.1 reads these as types of their own; people mean text (2.10, 2022-12-16).
_TEXTUAL = frozenset({"str", "int", "float", "timestamp"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A YAML node with its path for messages. Readers return None after noting a problem."""

    raw: yaml.Node = field(repr=False)
    path: str
    file: str
    problems: Problems = field(repr=False)
    key: Position | None = None  # the position of its key, if it is a value of a mapping

    @property
    def position(self) -> Position:
        """Where the node starts."""
        mark = self.raw.start_mark
        return Position(file=self.file, line=mark.line + 1, column=mark.column + 1)

    @property
    def kind(self) -> str:
        """What the node is, in words for messages."""
        if isinstance(self.raw, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.raw, yaml.SequenceNode):
            return "a list"
        return _SCALARS.get(self._tag, "text")

    @property
    def _tag(self) -> str:
        return str(self.raw.tag).removeprefix(_TAG)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.raw, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self.raw, yaml.MappingNode)

    @property
    def is_scalar_text(self) -> bool:
        """Whether it is text, empty text included."""
        return isinstance(self.raw, yaml.ScalarNode) and self._tag == "str"

    def problem(self, message: str, hint: str = "") -> None:
        """Note a mistake at this node."""
        self.problems.add(self.position, self.path, message, hint)

    def key_problem(self, message: str, hint: str = "") -> None:
        """Note a mistake at the key of this node; at the node itself if it has no key."""
        self.problems.add(self.key or self.position, self.path, message, hint)

    def expected(self, what: str, hint: str = "") -> None:
        """Note that something else was expected here."""
        self.problem(f"expected {what}, found {self.kind}", hint)

    def mapping(self, *, or_else: str = "") -> dict[str, Node] | None:
        """Children by key. Keys that are not text, and duplicate keys, are problems."""
        if not isinstance(self.raw, yaml.MappingNode):
            self.expected(f"a mapping{or_else}")
            return None
        children: dict[str, Node] = {}
        for key_node, value in self.raw.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key_node.tag == MERGE:
                self._check_merge(key_node, value)
                continue
            if key in children:
                first = children[key].key
                self.problems.add(
                    _place(self.file, key_node),
                    self._below(key),
                    "is twice in this mapping",
                    f"first on line {first.line if first else '?'}",
                )
                continue
            children[key] = self._child(key, key_node, value)
        for key_node, value in merged(self.raw):
            key = str(key_node.value)
            children.setdefault(key, self._child(key, key_node, value))
        return children

    def fields(
        self, known: Iterable[str], *, aliases: Mapping[str, str] | None = None, or_else: str = ""
    ) -> dict[str, Node]:
        """Children by key, those that are known; others are problems. Empty if no mapping."""
        names = tuple(known)
        found = self.mapping(or_else=or_else) or {}
        for key, node in found.items():
            if key not in names:
                meant = (aliases or {}).get(key)
                hint = f"did you mean {meant!r}?" if meant else did_you_mean(key, names)
                node.key_problem("unknown key", hint or "known are " + ", ".join(names))
        return {key: node for key, node in found.items() if key in names}

    def items(self) -> tuple[Node, ...]:
        """Return the elements of a list; empty after noting that it is not a list."""
        if not isinstance(self.raw, yaml.SequenceNode):
            self.expected("a list")
            return ()
        return tuple(
            Node(raw=each, path=f"{self.path}[{number}]", file=self.file, problems=self.problems)
            for number, each in enumerate(self.raw.value)
        )

    def one_or_more(self) -> tuple[Node, ...]:
        """Return the elements of a list, or the node itself; an empty list is a problem."""
        if not self.is_list:
            return (self,)
        items = self.items()
        if not items:
            self.problem("is an empty list", "leave the key out, or name something")
        return items

    def text(self, what: str = "text") -> str | None:
        """Return the scalar as it is written: ``3.10`` is "3.10". Not empty."""
        if not isinstance(self.raw, yaml.ScalarNode):
            self.expected(what)
            return None
        if self._tag.startswith("!"):
            self.problem(f"{self._tag} is a YAML tag here, not text", f"quote it: '{self._tag}'")
            return None
        if self._tag not in _TEXTUAL:
            self.expected(what, "quote it, if it is meant as text" if self._tag == "bool" else "")
            return None
        value = str(self.raw.value).strip()
        if not value:
            self.problem(f"expected {what}, found empty text")
            return None
        return value

    def texts(self, what: str = "text") -> tuple[str, ...]:
        """One text or a list of them."""
        return tuple(text for node in self.one_or_more() if (text := node.text(what)) is not None)

    def flag(self) -> bool | None:
        """Return true or false."""
        if self._tag != "bool" or not isinstance(self.raw, yaml.ScalarNode):
            self.expected("true or false")
            return None
        return str(self.raw.value).lower() in {"true", "yes", "on"}

    def number(self) -> float | None:
        """Return a number that is not negative and not infinite.

        ``1e-4`` counts, as people write it.
        """
        text = self.raw.value if isinstance(self.raw, yaml.ScalarNode) else None
        try:
            value = float(text) if isinstance(text, str) and self._tag in _TEXTUAL else None
        except ValueError:
            value = None
        if value is None or not 0 <= value < float("inf"):
            found = f"{text!r}" if text and self._tag in _TEXTUAL else self.kind
            self.problem(f"expected a number of 0 or more, found {found}", "write it as 1e-4")
            return None
        return value

    def choice(self, known: Iterable[str], what: str) -> str | None:
        """One of the known words."""
        names = tuple(map(str, known))  # an enum's words, not its members
        text = self.text(f"a {what}")
        if text is None or text in names:
            return text
        hint = did_you_mean(text, names) or "known are " + ", ".join(names)
        self.problem(f"unknown {what} {text!r}", hint)
        return None

    def _child(self, key: str, key_node: yaml.Node, value: yaml.Node) -> Node:
        return Node(
            raw=value,
            path=self._below(key),
            file=self.file,
            problems=self.problems,
            key=_place(self.file, key_node),
        )

    def _check_merge(self, key: yaml.Node, value: yaml.Node) -> None:
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        if not all(isinstance(source, yaml.MappingNode) for source in sources):
            self.problems.add(
                _place(self.file, key),
                self._below("<<"),
                "merges something that is not a mapping",
                "write <<: *anchor, where &anchor marks a mapping",
            )

    def _key(self, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            return str(node.value)
        self.problems.add(_place(self.file, node), self.path, "a key must be plain text")
        return None

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _place(file: str, node: yaml.Node) -> Position:
    return Position(file=file, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


MERGE = "tag:yaml.org,2002:merge"
Pair = tuple[yaml.Node, yaml.Node]


def merged(node: yaml.MappingNode) -> Iterator[Pair]:
    """Keys and values that merge keys bring in, nearest first; a caller keeps the first of each.

    Only scalar keys: others are mistakes, and reported where they are written.
    """
    yield from _merged(node, seen={id(node)})


def _merged(node: yaml.MappingNode, seen: set[int]) -> Iterator[Pair]:
    for key, value in node.value:
        if key.tag != MERGE:
            continue
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for source in sources:
            if not isinstance(source, yaml.MappingNode) or id(source) in seen:
                continue  # an anchor can contain itself
            seen.add(id(source))
            yield from (
                (inner, given)
                for inner, given in source.value
                if inner.tag != MERGE and isinstance(inner, yaml.ScalarNode)
            )
            yield from _merged(source, seen)
