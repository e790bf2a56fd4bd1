"""Which Python wrote a marshalled function: told by the layout of its header, never loaded."""

from __future__ import annotations

import base64
import binascii

# Numbers before the bytecode: 3.0 to 3.7 have five, 3.8 added one, 3.11 dropped one.
SIX_NUMBERS, FIVE_NUMBERS, FOUR_NUMBERS = 25, 21, 17
RESUME = {151: "3.11 or 3.12", 149: "3.13", 128: "3.14"}  # the first instruction since 3.11


def python_of(stored: object) -> str | None:
    """``3.8 to 3.10`` for a Lambda's stored function, base64 or raw; None for anything else."""
    raw = _raw(stored)
    if raw is None or len(raw) < 32 or raw[0] & 0x7F != ord("c"):
        return None
    if _is_bytes(raw, SIX_NUMBERS):
        return "3.8 to 3.10"
    if _is_bytes(raw, FIVE_NUMBERS):
        first = raw[FIVE_NUMBERS + 5] if len(raw) > FIVE_NUMBERS + 5 else 0
        # Functions with a closure begin with COPY_FREE_VARS, then RESUME.
        third = raw[FIVE_NUMBERS + 7] if len(raw) > FIVE_NUMBERS + 7 else 0
        return RESUME.get(first) or RESUME.get(third) or "3.0 to 3.7"
    if _is_bytes(raw, FOUR_NUMBERS):
        return "2"
    return None


def _is_bytes(raw: bytes, at: int) -> bool:
    """Whether the code string begins at ``at``: its type, and a length that is short."""
    return raw[at] & 0x7F == ord("s") and raw[at + 3] == raw[at + 4] == 0


def _raw(stored: object) -> bytes | None:
    if isinstance(stored, dict):
        config = stored.get("config")
        stored = config.get("code") if isinstance(config, dict) else None
    if isinstance(stored, list) and stored:
        stored = stored[0]
    if not isinstance(stored, str):
        return None
    try:
        return base64.b64decode(stored, validate=False) if stored.isascii() else _latin(stored)
    except (binascii.Error, ValueError):
        return None


def _latin(stored: str) -> bytes | None:
    """Keras to 2.0 wrote the bytes as they are, one character each."""
    try:
        return stored.encode("latin-1")
    except UnicodeEncodeError:
        return None
