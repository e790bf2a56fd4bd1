"""Inspections as JSON, and back: what the guarded process says, and ``--format json``."""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from runner.model.inspection import Inspection

SCHEMA = 1  # of ``--format json``; grows when a name changes its meaning or goes


def to_json(inspection: Inspection) -> dict[str, Any]:
    """A plain value for ``json.dumps``."""
    return asdict(inspection)


def from_json(data: object) -> Inspection:
    """The reverse. Raises ValueError for anything that ``to_json`` did not make."""
    found = _make(Inspection, data)
    assert isinstance(found, Inspection)  # noqa: S101 - what _make says
    return found


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _make(kind: Any, value: Any) -> Any:  # noqa: ANN401
    """A value of type ``kind``, checked all the way down."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        choices = typing.get_args(kind)
        if value is None and type(None) in choices:
            return None
        return _make(next(one for one in choices if one is not type(None)), value)
    if origin is tuple:
        return _make_tuple(typing.get_args(kind), value)
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise ValueError(f"no {kind!r}: {value!r:.80}")
        hints = _hints(kind)  # type: ignore[arg-type]
        names = {field.name for field in fields(kind)}
        known = {name: _make(hints[name], one) for name, one in value.items() if name in names}
        return kind(**known)  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"no {kind!r}: {value!r:.80}")
    return value


def _make_tuple(arguments: tuple[Any, ...], value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"no list: {value!r:.80}")  # noqa: TRY004 - one kind of error for callers
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_make(arguments[0], one) for one in value)
    if len(arguments) != len(value):
        raise ValueError(f"{len(value)} items, not {len(arguments)}")
    return tuple(_make(one, part) for one, part in zip(arguments, value, strict=True))
