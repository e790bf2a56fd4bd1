"""Inspections as JSON, and back: what the guarded process says, and ``--format json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from runner.json_values import from_plain
from runner.model.inspection import Inspection

SCHEMA = 1  # of ``--format json``; grows when a name changes its meaning or goes


def to_json(inspection: Inspection) -> dict[str, Any]:
    """Return a plain value for ``json.dumps``."""
    return asdict(inspection)  # the guarded process starts faster without cattrs


def from_json(data: object) -> Inspection:
    """Return the reverse. Raises ValueError for anything that ``to_json`` did not make."""
    return from_plain(Inspection, data)
