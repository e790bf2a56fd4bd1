"""Prints docs/bisect.schema.json: ``python -m runner.cli.bisect_schema``."""

from __future__ import annotations

import json

from reports.results_schema import schema_of
from runner.bisect.bisected import SCHEMA, Bisected


def text() -> str:
    """Return the schema of ``kmatrix bisect --json``."""
    schema = schema_of(Bisected, "Answer of kmatrix bisect", SCHEMA)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")
