"""Results to JSON and back, by the fields of their types; schema 1, docs/results.schema.json.

What a reader need not know is left out: a key that is missing has the field's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.json_values import from_plain, to_plain
from runner.model.results import SCHEMA, Results


def to_json(value: Results) -> dict[str, Any]:
    """Return a results.json as plain data."""
    return {"schema": SCHEMA, **to_plain(value)}


def from_json(data: Mapping[str, Any]) -> Results:
    """Results from plain data.

    Raises ValueError that lists every mistake with its place, or names another schema.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{data!r:.80} in place of an object")  # noqa: TRY004 - one error for all
    if data.get("schema") != SCHEMA:
        raise ValueError(f"schema {data.get('schema')!r}, this kmatrix reads schema {SCHEMA}")
    return from_plain(Results, data)
