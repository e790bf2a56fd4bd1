"""Text for people: on one line, cut to a length, and safe inside Markdown."""

from __future__ import annotations

LINE = 140  # characters of a reason in one line of a report


def cut(text: str, limit: int) -> str:
    """Return the text, or its beginning with an ellipsis where it is longer than ``limit``."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, limit: int | None = None) -> str:
    """Return the text on one line, single spaces between words, cut to ``limit``."""
    line = " ".join(text.split())
    return line if limit is None else cut(line, limit)


def escape_pipes(text: str) -> str:
    """Text that does not end a cell of a Markdown table."""
    return text.replace("|", "\\|")


def code_span(text: str, limit: int | None = None) -> str:
    """Text in a Markdown table cell of which nothing is markup: reasons quote foreign messages."""
    quoted = escape_pipes(one_line(text).replace("`", "'"))
    return f"`{quoted if limit is None else cut(quoted, limit)}`"
