"""Code inside a file, never loaded: Pythons of marshalled functions, imports of pickles."""

from __future__ import annotations

import base64
import binascii
import pickletools
from typing import TYPE_CHECKING

from runner.modelfile import printable as text

if TYPE_CHECKING:
    from collections.abc import Iterable

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


MOST = 40  # modules that are named
OPCODES = 2_000_000


def modules_in(data: bytes) -> tuple[str, ...]:
    """``module.name`` of everything that unpickling would import, as far as it can be read."""
    found: dict[str, None] = {}
    for name in _globals(data):
        found[text.clean(name, 100)] = None
        if len(found) >= MOST:
            break
    return tuple(found)


def _globals(data: bytes) -> Iterable[str]:
    strings: list[str] = []  # the last two that were pushed: what STACK_GLOBAL takes
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > OPCODES:
                return
            if opcode.name == "GLOBAL":
                yield str(argument).replace(" ", ".")
            elif opcode.name == "STACK_GLOBAL" and len(strings) == 2:
                yield ".".join(strings)
            elif isinstance(argument, str):
                strings = [*strings[-1:], argument]
    except (ValueError, IndexError, KeyError, OverflowError, UnicodeError):
        return  # damaged, or no pickle after all
