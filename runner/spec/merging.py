"""YAML's merge key, ``<<: *anchor``: what a mapping takes over from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

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
                continue  # an anchor may lie inside itself
            seen.add(id(source))
            yield from (
                (inner, given)
                for inner, given in source.value
                if inner.tag != MERGE and isinstance(inner, yaml.ScalarNode)
            )
            yield from _merged(source, seen)
