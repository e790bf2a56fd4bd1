"""The JSON Schema of results.json, made from the nouns: ``docs/results.schema.json`` is its text.

``python -m reports.results_schema`` prints it. Readers should pass over keys that they do not
know: a later kmatrix may add some and is still schema 1.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from runner.display_text import one_line
from runner.model.results import SCHEMA, Results

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema as plain data."""
    return schema_of(Results, "Results of a kmatrix run", SCHEMA)


def schema_of(cls: type, title: str, number: int) -> dict[str, Any]:
    """Return the schema of a file that holds one value and the number of its schema."""
    nouns: dict[str, Any] = {}
    top = _noun(cls, nouns)
    top["properties"] = {"schema": {"const": number}, **top["properties"]}
    top["required"] = ["schema", *top["required"]]
    return {"$schema": DIALECT, "title": title, **top, "$defs": dict(sorted(nouns.items()))}


def schema_of_line(cls: type, title: str) -> dict[str, Any]:
    """Return the schema of one line of a file that holds a value on each."""
    nouns: dict[str, Any] = {}
    top = _noun(cls, nouns)
    return {"title": title, **top, **({"$defs": dict(sorted(nouns.items()))} if nouns else {})}


def text() -> str:
    """Return the text of docs/results.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _noun(cls: type, nouns: dict[str, Any]) -> dict[str, Any]:
    types = get_type_hints(cls)
    return {
        "description": one_line(cls.__doc__ or "").replace("``", ""),
        "type": "object",
        "properties": {field.name: _type(types[field.name], nouns) for field in fields(cls)},
        "required": [field.name for field in fields(cls) if field.default is MISSING],
    }


def _type(hint: Any, nouns: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - any field's type
    origin = get_origin(hint)
    if origin in (UnionType, Union):
        (inner,) = (one for one in get_args(hint) if one is not NoneType)
        return {"anyOf": [_type(inner, nouns), {"type": "null"}]}
    if origin is tuple:
        return _array(get_args(hint), nouns)
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in nouns:
            nouns[hint.__name__] = {}  # a noun may hold itself
            nouns[hint.__name__] = _noun(hint, nouns)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [str(one) for one in hint]}
    if hint is float:  # JSON has no infinity
        return {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}
    return {"type": {bool: "boolean", int: "integer", str: "string"}[hint]}


def _array(inner: tuple[Any, ...], nouns: dict[str, Any]) -> dict[str, Any]:
    if inner[-1] is Ellipsis:
        return {"type": "array", "items": _type(inner[0], nouns)}
    items = [_type(one, nouns) for one in inner]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "items": False}


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - what this command does
