"""Edit YAML files as text, so that comments and layout stay unchanged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """Replace the characters from ``start`` to ``end``; both the same to insert."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits. They must not overlap."""
    for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Return the children of a mapping by their keys; empty for anything else."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: child for key, child in node.value}


def root(text: str) -> dict[str, yaml.Node]:
    """Return the top level of a YAML file."""
    return mapping(yaml.compose(text, Loader=yaml.SafeLoader))


def replace_scalar(node: yaml.Node, value: str) -> Edit:
    """Replace the value of a scalar; its quotes stay."""
    quote = node.style if isinstance(node, yaml.ScalarNode) and node.style in {'"', "'"} else ""
    return Edit(start=node.start_mark.index, end=node.end_mark.index, text=f"{quote}{value}{quote}")


def insert_after(text: str, node: yaml.Node, lines: str) -> Edit:
    """Insert whole lines after the last line of a node and the comment on that line.

    A block node ends where the next token begins: blank lines and comments between stay below.
    """
    last = len(text[: node.end_mark.index].rstrip())
    while text[:last].rstrip().splitlines()[-1].lstrip().startswith("#"):
        last = text[:last].rstrip().rfind("\n")
    end = text.find("\n", last)
    if end < 0:
        return Edit(start=len(text), end=len(text), text="\n" + lines)
    return Edit(start=end + 1, end=end + 1, text=lines)


def plain_scalar(text: str) -> str:
    """Text as a YAML scalar on one line: without quotes if it reads back as the same text."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    try:
        if yaml.safe_load(f"- key: {line}\n") == [{"key": line}]:
            return line
    except yaml.YAMLError:
        pass
    return "'" + line.replace("'", "''") + "'"


def append_to_list(
    text: str, node: yaml.SequenceNode, entries: Sequence[str], *, to_the_end: bool
) -> str:
    """Append entries to a list in block style, with its indentation.

    to_the_end: after everything in the file, else after the list and the comments on it.
    """
    column = node.start_mark.column
    lines = text.rstrip("\n").split("\n")
    at = len(lines) if to_the_end else _end(node, lines) + 1
    while at < len(lines) and column and _is_comment_at(lines[at], column):
        at += 1  # indented as the entries: a comment on them
    indent = " " * column
    new = [indent + line if line else line for entry in entries for line in entry.split("\n")]
    return "\n".join([*lines[:at], *new, *lines[at:]]) + "\n"


def _end(node: yaml.Node, lines: Sequence[str]) -> int:
    """Return the number of the last line that holds anything of the node."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, lines)
    mark = node.end_mark
    line = mark.line if mark.column else mark.line - 1
    line = max(min(line, len(lines) - 1), node.start_mark.line)
    while line > node.start_mark.line and not lines[line].strip():
        line -= 1
    return line


def _is_comment_at(line: str, column: int) -> bool:
    bare = line.lstrip(" ")
    return bare.startswith("#") and len(line) - len(bare) >= column


def replace_empty_list(text: str, node: yaml.SequenceNode, block: str, *, indent: str) -> str:
    """Replace ``[]`` by entries below that line; a comment on the line stays."""
    before, after = text[: node.start_mark.index], text[node.end_mark.index :]
    rest, _, following = after.partition("\n")
    shifted = "".join(indent + line + "\n" for line in block.rstrip("\n").split("\n"))
    head = (before + rest).rstrip(" ")
    return (head + "\n" if head and not head.endswith("\n") else head) + shifted + following
