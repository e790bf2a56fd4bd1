"""Texts that came from files, names and other people's processes."""

from __future__ import annotations


def writable(text: str) -> str:
    """With a mark for each lone surrogate: those come from file names that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
