"""Add entries to a file of expectations as text; everything else stays unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from runner.config.yaml_edit import append_to_list, plain_scalar, replace_empty_list
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
    """Return the file with entries after those it has.

    text: None for a new file. in_matrix: they are below the key
    ``expectations``, else the file has nothing else. Raises ToolError if they are written in a
    way that kmatrix cannot add to.
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
        changed = append_to_list(plain, node, entries, to_the_end=not in_matrix)
    elif not node.value:
        changed = replace_empty_list(plain, node, block, indent="  " if in_matrix else "")
    else:
        raise ToolError(
            f"{file}:{node.start_mark.line + 1}: expectations are written in [brackets], which "
            "cannot be added to; write each entry on a line of its own, beginning with '- '",
            exit_code=ExitCode.USAGE,
        )
    return changed.replace("\n", newline)


def entry_lines(proposal: Proposal, *, expires: str | None = None) -> str:
    """One entry, not indented."""
    patterns = [plain_scalar(str(pattern)) for pattern in proposal.patterns]
    lines = (
        [f"- cells: {patterns[0]}"]
        if len(patterns) == 1
        else ["- cells:", *(f"    - {pattern}" for pattern in patterns)]
    )
    lines.append(f"  expect: {proposal.verdict}")
    lines.append(f"  reason: {plain_scalar(proposal.reason)}")
    if proposal.link:
        lines.append(f"  link: {plain_scalar(proposal.link)}")
    if expires:
        lines.append(f"  expires: {expires}")
    return "\n".join(lines)


def _sequence(text: str, *, in_matrix: bool) -> yaml.SequenceNode | None:
    """Return the node of the list; None where the file has comments only."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if in_matrix and isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == KEY), None)
    return root if isinstance(root, yaml.SequenceNode) else None
