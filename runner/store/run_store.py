"""Past runs: their results whole, and beside them what a list or a history needs to know.

Of each matrix and profile the newest ``KEPT`` runs stay, and the last green one however old.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    import threading
    from collections.abc import Mapping

KEPT = 100
TABLE = """
CREATE TABLE IF NOT EXISTS run (
  id TEXT PRIMARY KEY,
  started TEXT NOT NULL,
  complete INTEGER NOT NULL,
  results BLOB NOT NULL,      -- zlib of results.json
  matrix TEXT NOT NULL DEFAULT '',
  profile TEXT NOT NULL DEFAULT '',
  cells INTEGER NOT NULL DEFAULT 0,
  red INTEGER NOT NULL DEFAULT 0,
  green INTEGER NOT NULL DEFAULT 0,
  verdicts BLOB,              -- zlib of JSON: cell id to verdict
  mark TEXT NOT NULL DEFAULT ''  -- of everything the results depend on
) WITHOUT ROWID;
"""
LATER = {  # columns that the first stores did not have
    "matrix": "TEXT NOT NULL DEFAULT ''",
    "profile": "TEXT NOT NULL DEFAULT ''",
    "cells": "INTEGER NOT NULL DEFAULT 0",
    "red": "INTEGER NOT NULL DEFAULT 0",
    "green": "INTEGER NOT NULL DEFAULT 0",
    "verdicts": "BLOB",
    "mark": "TEXT NOT NULL DEFAULT ''",
}
PUT = """
INSERT OR REPLACE INTO run
  (id, started, complete, matrix, profile, cells, red, green, results, verdicts, mark)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
PRUNE = """
DELETE FROM run WHERE matrix = :matrix AND profile = :profile
  AND id NOT IN (SELECT id FROM run WHERE matrix = :matrix AND profile = :profile
                 ORDER BY started DESC, id DESC LIMIT :kept)
  AND id NOT IN (SELECT id FROM run WHERE matrix = :matrix AND profile = :profile AND green
                 ORDER BY started DESC, id DESC LIMIT 1)
"""
ALL = """
SELECT id, started, complete, matrix, profile, cells, red, green FROM run
  ORDER BY started DESC, id DESC
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """One run in the store, without its results."""

    id: str
    started: str  # ISO 8601, UTC
    complete: bool
    matrix: str  # the file's name
    profile: str
    cells: int
    red: int  # failing or broken, expected or not
    green: bool  # complete, and as expected


class Runs:
    """The table of runs, on the store's own connection."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock) -> None:
        self._connection = connection
        self._lock = lock
        connection.executescript(TABLE)
        there = {row[1] for row in connection.execute("PRAGMA table_info(run)")}
        for name, kind in LATER.items():
            if name not in there:
                connection.execute(f"ALTER TABLE run ADD COLUMN {name} {kind}")

    def put(
        self, run: StoredRun, *, results: str, verdicts: Mapping[str, str], mark: str = ""
    ) -> None:
        """Keep a run, and drop what is too old to be kept. ``mark``: see ``execute.mark``."""
        with self._lock:
            self._connection.execute(
                PUT,
                (
                    *(run.id, run.started, int(run.complete), run.matrix, run.profile),
                    *(run.cells, run.red, int(run.green), _pack(results)),
                    _pack(json.dumps(dict(verdicts))),
                    mark,
                ),
            )
            self._connection.execute(
                PRUNE, {"matrix": run.matrix, "profile": run.profile, "kept": KEPT}
            )

    def all(self) -> tuple[StoredRun, ...]:
        """Every run, newest first."""
        with self._lock:
            rows = self._connection.execute(ALL).fetchall()
        return tuple(
            StoredRun(
                id=row[0],
                started=row[1],
                complete=bool(row[2]),
                matrix=row[3],
                profile=row[4],
                cells=row[5],
                red=row[6],
                green=bool(row[7]),
            )
            for row in rows
        )

    def results(self, run_id: str) -> str | None:
        """Return a run's results.json."""
        return self._text("SELECT results FROM run WHERE id = ?", run_id)

    def verdicts(self, run_id: str) -> dict[str, str]:
        """Return a run's verdicts by cell id; empty for an unknown run."""
        text = self._text("SELECT verdicts FROM run WHERE id = ?", run_id)
        found: dict[str, str] = json.loads(text) if text is not None else {}
        return found

    def last(self) -> str | None:
        """Return the newest run's results.json."""
        return self._text("SELECT results FROM run ORDER BY started DESC, id DESC LIMIT 1")

    def marked(self, mark: str) -> str | None:
        """Return the results.json of the newest run with this mark."""
        if not mark:
            return None
        return self._text("SELECT results FROM run WHERE mark = ? ORDER BY started DESC", mark)

    def _text(self, query: str, *values: str) -> str | None:
        with self._lock:
            row = self._connection.execute(query, values).fetchone()
        return zlib.decompress(row[0]).decode() if row and row[0] is not None else None


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode(), 3)
