"""Nouns to tables: every distinct string, list and noun is kept once, and named by its number.

A hundred thousand cells have some hundred different tracebacks. Numbers count from 1, and 0 is
None or an empty tuple, so that the many cells without a detail cost one digit. Long texts are kept
in pieces, since two tracebacks often differ in one line, and end with the message once more. What
is numbers only leaves as columns (see ``block``). The reader of this is ``templates/data.js``.
"""

from __future__ import annotations

import math
import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from itertools import accumulate
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Encoder = Callable[[Any], Any]

# The name in front of a long message, or a line.
_PIECES = re.compile(r"[\w.]+: (?=[^\n]{80})|[^\n]*\n|[^\n]+")
LARGEST = 2**31  # of a whole number in a column
DIGITS = 9  # significant digits of a float on the page: what float32 has


class Pool:
    """Collects values, then gives plain JSON."""

    def __init__(self) -> None:
        self._strings: dict[str, int] = {}
        self._texts: dict[tuple[int, ...], int] = {}
        self._lists: dict[tuple[Any, ...], int] = {}
        self._tables: dict[type, dict[Any, int]] = {}
        self._rows: dict[type, list[tuple[Any, ...]]] = {}
        self._kinds: dict[str, dict[str, Any]] = {}
        self._encoders: dict[type, Encoder] = {}

    def add(self, cls: type, value: object) -> int:
        """Take in a noun; its number."""
        number: int = self._noun(cls)(value)
        return number

    def string(self, text: str | None) -> int:
        """Take in a text; its number, negative where it is kept in pieces."""
        if text is None:
            return 0
        pieces = _PIECES.findall(text)
        if len(pieces) < 2:
            return self._strings.setdefault(text, len(self._strings) + 1)
        numbers = tuple(self._strings.setdefault(piece, len(self._strings) + 1) for piece in pieces)
        return -self._texts.setdefault(numbers, len(self._texts) + 1)

    @property
    def strings(self) -> list[str]:
        """Those that were taken in; the number of the first is 1."""
        return list(self._strings)

    def to_json(self) -> dict[str, Any]:
        """Everything that was taken in, but for what ``columns`` has."""
        return {
            "strings": self.strings,
            "lists": list(self._lists),
            "kinds": self._kinds,
            "tables": {
                cls.__name__: {
                    name: values
                    for name, values in _columns(cls, rows).items()
                    if not _whole(values)
                }
                for cls, rows in self._rows.items()
            },
        }

    def columns(self) -> dict[str, Sequence[int]]:
        """Fields of nouns that are whole numbers everywhere; and the pieces of texts."""
        found: dict[str, Sequence[int]] = {
            f"{cls.__name__} {name}": values
            for cls, rows in self._rows.items()
            for name, values in _columns(cls, rows).items()
            if _whole(values)
        }
        found["text pieces"] = [piece for pieces in self._texts for piece in pieces]
        found["text ends"] = list(accumulate(len(pieces) for pieces in self._texts))
        return found

    def _noun(self, cls: type) -> Encoder:
        if cls in self._encoders:
            return self._encoders[cls]
        seen: dict[Any, int] = {}
        rows: list[tuple[Any, ...]] = []
        self._tables[cls], self._rows[cls] = seen, rows
        names = [field.name for field in fields(cls)]

        def encode(value: Any) -> int:  # noqa: ANN401 - a noun of any class
            if value is None:
                return 0
            number = seen.get(value)
            if number is None:
                row = tuple(
                    encoder(getattr(value, name))
                    for name, encoder in zip(names, encoders, strict=True)
                )
                rows.append(row)
                number = seen[value] = len(rows)
            return number

        self._encoders[cls] = encode
        parts = [self._encoder(get_type_hints(cls)[name]) for name in names]
        encoders = [encoder for _, encoder in parts]
        self._kinds[cls.__name__] = {
            name: kind for name, (kind, _) in zip(names, parts, strict=True)
        }
        return encode

    def _encoder(self, hint: Any) -> tuple[Any, Encoder]:  # noqa: ANN401 - every type of field
        """Return what a field holds, in words for the reader, and how to write it."""
        if get_origin(hint) in (UnionType, Union):
            (hint,) = (one for one in get_args(hint) if one is not NoneType)
            return self._encoder(hint)
        if get_origin(hint) is tuple:
            inner = get_args(hint)
            if inner[-1] is Ellipsis:
                kind, item = self._encoder(inner[0])
                return ["list", kind], lambda value: self._list(value, item)
            parts = [self._encoder(one) for one in inner]
            return ["row", [kind for kind, _ in parts]], lambda value: tuple(
                encoder(one) for (_, encoder), one in zip(parts, value, strict=True)
            )
        if is_dataclass(hint) and isinstance(hint, type):
            return ["noun", hint.__name__], self._noun(hint)
        if hint is str or (isinstance(hint, type) and issubclass(hint, StrEnum)):
            return "string", lambda value: self.string(None if value is None else str(value))
        return "number", _number

    def _list(self, value: Sequence[Any] | None, item: Encoder) -> int:
        if not value:
            return 0
        items = tuple(item(one) for one in value)
        return self._lists.setdefault(items, len(self._lists) + 1)


def _number(value: float | None) -> object:
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        rounded = float(f"{value:.{DIGITS}g}")
        return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
    return value


def _columns(cls: type, rows: Sequence[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
    names = [field.name for field in fields(cls)]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return dict(zip(names, columns, strict=True))


def _whole(values: Sequence[Any]) -> bool:
    return all(type(value) is int and abs(value) < LARGEST for value in values)
