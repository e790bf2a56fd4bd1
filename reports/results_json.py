"""Results to JSON and back, by the fields of the nouns; schema 1, docs/results.schema.json.

What a reader need not know is left out: a key that is missing has the noun's default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from reports.shapes import hints
from runner.model.results import SCHEMA, Results

# Infinity is no JSON: differences of shapes and NaNs are written as this text.
INFINITE = "inf"


def to_json(value: Results) -> dict[str, Any]:
    """A results.json as plain data."""
    return {"schema": SCHEMA, **_encode(value)}


def from_json(data: Mapping[str, Any]) -> Results:
    """Results from plain data.

    Raises ValueError, KeyError or TypeError where it is no results.json of this schema.
    """
    if data.get("schema") != SCHEMA:
        raise ValueError(f"schema {data.get('schema')!r}, this kmatrix reads schema {SCHEMA}")
    found = _decode(Results, data)
    assert isinstance(found, Results)  # noqa: S101 - by construction
    return found


def _encode(value: Any) -> Any:  # noqa: ANN401 - every type of field
    if value is None or type(value) in {str, int, bool}:  # most values; 100,000 cells have millions
        return value
    if is_dataclass(value):
        cls: type = type(value)
        found = ((name, getattr(value, name), default) for name, default in _defaults(cls))
        return {name: _encode(item) for name, item, default in found if item != default}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return INFINITE if value > 0 else f"-{INFINITE}" if value < 0 else "nan"
    return value


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(cls))


def _decode(cls: type, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    types = hints(cls)
    found = {}
    for field in fields(cls):
        if field.name in data:
            found[field.name] = _value(types[field.name], data[field.name])
        elif field.default is MISSING:
            raise KeyError(f"{cls.__name__}.{field.name} is missing")
    return cls(**found)


def _value(hint: Any, data: Any) -> Any:  # noqa: ANN401 - as above; one line a type
    origin = get_origin(hint)
    if origin in (UnionType, Union):
        if data is None:
            return None
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        return _value(hint, data)
    if origin is tuple:
        if not isinstance(data, Sequence) or isinstance(data, str):
            raise TypeError(f"a list was expected, not {data!r}")
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_value(inner[0], item) for item in data)
        return tuple(_value(one, item) for one, item in zip(inner, data, strict=True))
    if is_dataclass(hint):
        return _decode(hint, data)  # type: ignore[arg-type] # a class, never an instance
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(data)
    if hint is float:
        return float(data)
    return data
