"""Strings out of a stranger's file, made fit for a terminal and for JSON."""

from __future__ import annotations

from runner.display_text import cut
from runner.modelfile import limits

UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def clean(value: object, limit: int = limits.NAME) -> str:
    """Printable text: no control characters, no lone surrogates, not longer than ``limit``."""
    text = value if isinstance(value, str) else str(value)
    shown = text[: limit + 1]
    if not shown.isprintable():
        shown = "".join(char if char.isprintable() else UNPRINTABLE for char in shown)
    return cut(shown, limit)


def optional(value: object, limit: int = limits.NAME) -> str | None:
    """``clean`` for a string; None for anything else and for an empty one."""
    return clean(value, limit) if isinstance(value, str) and value else None


def decode(value: object) -> str | None:
    """Bytes or str as str, undecodable bytes kept as surrogates; None for anything else."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value) if isinstance(value, str) else None


def counted(number: int, noun: str) -> str:
    """``1 layer``, ``3 layers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Bytes for a person: ``812 bytes``, ``21.7 kB``, ``1.2 GB``."""
    if number < 1000:
        return counted(number, "byte")
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:
            return f"{value:.3g} {unit}" if value < 999.5 else f"{value:.0f} {unit}"
    return f"{value / 1000:.3g} TB"
