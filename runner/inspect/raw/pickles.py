"""A pickle's opcodes, read and never run: which modules it would import."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING

from runner.inspect import text

if TYPE_CHECKING:
    from collections.abc import Iterable

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
