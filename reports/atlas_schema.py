"""The JSON Schema of the atlas, made from its types: ``docs/atlas.schema.json`` is its text.

``python -m reports.atlas_schema`` prints it: one definition for each kind of file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reports.results_schema import DIALECT, schema_of, schema_of_line
from runner.model.atlas_data import SCHEMA, AtlasCell, AtlasIndex, AtlasRange, Provenance, Unsaved
from runner.model.results import ScriptResult


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasRanges:
    """What ``kmatrix atlas ranges --format json`` prints."""

    ranges: tuple[AtlasRange, ...]


def schema() -> dict[str, Any]:
    """Return the schema as plain data: the index is its root, lines are definitions."""
    index = schema_of(AtlasIndex, "index.json of kmatrix's atlas", SCHEMA)
    files = {
        "cells": schema_of_line(AtlasCell, "a line of cells/SAVER.jsonl"),
        "provenance": schema_of_line(Provenance, "a line of provenance.jsonl"),
        "unsaved": schema_of_line(Unsaved, "a line of unsaved.jsonl"),
        "scripts": schema_of_line(ScriptResult, "a line of scripts.jsonl"),
    }
    ranges = schema_of(AtlasRanges, "kmatrix atlas ranges --format json", SCHEMA)
    inner = {**index.pop("$defs"), **ranges.pop("$defs"), **files}
    ranges.pop("$schema")
    return {"$schema": DIALECT, **index, "$defs": {**inner, "ranges": ranges}}


def text() -> str:
    """Return the text of docs/atlas.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - what this command does
