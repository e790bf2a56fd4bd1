"""Edits of YAML files as text, so that comments and layout stay. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """Replace the characters from ``start`` to ``end``; both the same to insert."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits. They must not overlap."""
    for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """The children of a mapping by their keys; empty for anything else."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: child for key, child in node.value}


def root(text: str) -> dict[str, yaml.Node]:
    """The top level of a YAML file."""
    return mapping(yaml.compose(text, Loader=yaml.SafeLoader))


def scalar(node: yaml.Node, value: str) -> Edit:
    """Another value for a scalar, in the quotes that it has."""
    quote = node.style if isinstance(node, yaml.ScalarNode) and node.style in {'"', "'"} else ""
    return Edit(start=node.start_mark.index, end=node.end_mark.index, text=f"{quote}{value}{quote}")


def after(text: str, node: yaml.Node, lines: str) -> Edit:
    """Whole lines behind the last line of a node, a comment on that line included.

    A block node ends where the next token begins: blank lines and comments between stay below.
    """
    last = len(text[: node.end_mark.index].rstrip())
    while text[:last].rstrip().splitlines()[-1].lstrip().startswith("#"):
        last = text[:last].rstrip().rfind("\n")
    end = text.find("\n", last)
    if end < 0:
        return Edit(start=len(text), end=len(text), text="\n" + lines)
    return Edit(start=end + 1, end=end + 1, text=lines)
