"""A name for a text that stays the same from run to run. Pure."""

from __future__ import annotations

import hashlib
import re

# In this order: what is cut early may hold what is cut late.
CUTS = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),  # colours
    (re.compile(r"0x[0-9a-fA-F]+"), "<address>"),
    (re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+~ -]+){2,}[\\/]?"), "<path>"),
    (re.compile(r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|`[^`\n]{0,200}`"), "<name>"),
    (re.compile(r"\d+(?:\.\d+)*(?:e[+-]?\d+)?"), "<number>"),
    (re.compile(r"\s+"), " "),
)


def normalise(text: str) -> str:
    """Return the text without addresses, paths, quoted names and numbers, on one line."""
    for pattern, replacement in CUTS:
        text = pattern.sub(replacement, text)
    return text.strip()


def fingerprint(text: str) -> str:
    """Twelve hexadecimal digits, equal for texts that differ in names and numbers only."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()[:12]
