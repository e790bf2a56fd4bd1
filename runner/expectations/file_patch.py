"""New entries put into a file of expectations as text: what was there stays, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.expectations.patterns import Proposal

KEY = "expectations"
HEADER = """\
# What cells of the matrix are expected to be; docs/expectations.md. Of several entries that match
# a cell the last one counts. `kmatrix accept` adds what is new at the end.
"""


def new_text(text: str | None, entries: Sequence[str], *, in_matrix: bool, file: str) -> str:
    """The file with entries after those it has.

    text: None for a file that is yet to be made. in_matrix: they stand below the key
    ``expectations``, else they are all the file has. Raises ToolError where they are written in a
    way that cannot be added to.
    """
    block = "\n".join(entries) + "\n"
    if text is None or not text.strip():
        return HEADER + "\n" + block
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    node = _sequence(plain, in_matrix=in_matrix)
    if node is None:
        changed = plain.rstrip("\n") + "\n\n" + block
    elif not node.flow_style:
        changed = _after_last(plain, node, entries, to_the_end=not in_matrix)
    elif not node.value:
        changed = _in_place_of_empty(plain, node, block, in_matrix=in_matrix)
    else:
        raise ToolError(
            f"{file}:{node.start_mark.line + 1}: expectations are written in [brackets], which "
            "cannot be added to; write each entry on a line of its own, beginning with '- '",
            exit_code=ExitCode.USAGE,
        )
    return changed.replace("\n", newline)


def entry_lines(proposal: Proposal, *, expires: str | None = None) -> str:
    """One entry, not indented."""
    patterns = [scalar(str(pattern)) for pattern in proposal.patterns]
    lines = (
        [f"- cells: {patterns[0]}"]
        if len(patterns) == 1
        else ["- cells:", *(f"    - {pattern}" for pattern in patterns)]
    )
    lines.append(f"  expect: {proposal.verdict}")
    lines.append(f"  reason: {scalar(proposal.reason)}")
    if proposal.link:
        lines.append(f"  link: {scalar(proposal.link)}")
    if expires:
        lines.append(f"  expires: {expires}")
    return "\n".join(lines)


def scalar(text: str) -> str:
    """Text as YAML on one line: plain where that reads back as the same, else quoted."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    try:
        if yaml.safe_load(f"- key: {line}\n") == [{"key": line}]:
            return line
    except yaml.YAMLError:
        pass
    return "'" + line.replace("'", "''") + "'"


def _sequence(text: str, *, in_matrix: bool) -> yaml.SequenceNode | None:
    """The node of the list; None where the file has comments only."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if in_matrix and isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == KEY), None)
    return root if isinstance(root, yaml.SequenceNode) else None


def _after_last(
    text: str, node: yaml.SequenceNode, entries: Sequence[str], *, to_the_end: bool
) -> str:
    column = node.start_mark.column
    lines = text.rstrip("\n").split("\n")
    at = len(lines) if to_the_end else _end(node, lines) + 1
    while at < len(lines) and column and _is_comment_at(lines[at], column):
        at += 1  # it speaks of the entries above it, not of the key that follows
    indent = " " * column
    new = [indent + line if line else line for entry in entries for line in entry.split("\n")]
    return "\n".join([*lines[:at], *new, *lines[at:]]) + "\n"


def _end(node: yaml.Node, lines: Sequence[str]) -> int:
    """The number of the last line that holds anything of the node."""
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


def _in_place_of_empty(text: str, node: yaml.SequenceNode, block: str, *, in_matrix: bool) -> str:
    """``expectations: []  # none yet``: the brackets go, the entries stand below that line."""
    before, after = text[: node.start_mark.index], text[node.end_mark.index :]
    rest, _, following = after.partition("\n")
    indent = "  " if in_matrix else ""
    shifted = "".join(indent + line + "\n" for line in block.rstrip("\n").split("\n"))
    head = (before + rest).rstrip(" ")
    return (head + "\n" if head and not head.endswith("\n") else head) + shifted + following
