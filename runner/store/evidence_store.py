"""Evidence and runs in SQLite (WAL). What is known once is never asked again."""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from typing import TYPE_CHECKING, Any

from runner.errors import ToolError
from runner.model.evidence import MalformedEvidenceError
from runner.store.run_store import Runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA_VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS evidence (
  key TEXT PRIMARY KEY,       -- digest of everything the answer depends on
  subject TEXT NOT NULL,      -- saver/recipe/format or saver/recipe/format/loader
  parts TEXT NOT NULL,        -- JSON: the digests that made the key, to say what changed
  artifact TEXT,              -- digest of what a save wrote
  data BLOB NOT NULL,         -- zlib of the worker's JSON
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS evidence_subject ON evidence (subject, created);
CREATE TABLE IF NOT EXISTS facts (
  key TEXT PRIMARY KEY,       -- environment digest
  data TEXT NOT NULL          -- JSON: versions and packages, as the environment itself said
) WITHOUT ROWID;
"""


class Database:
    """One file; safe for several threads, and for several processes at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=60, check_same_thread=False, isolation_level=None
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._check_version(path)
            self._connection.executescript(TABLES)
            self.runs = Runs(self._connection, self._lock)
            self._connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except BaseException as error:
            if hasattr(self, "_connection"):
                self._connection.close()
            if not isinstance(error, sqlite3.DatabaseError):
                raise
            raise ToolError(
                f"{path}: cannot be used as the store ({error}). Move it away, or name another "
                "folder with --build-dir; a new store is made on the next run."
            ) from error

    def _check_version(self, path: Path) -> None:
        (found,) = self._connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, SCHEMA_VERSION):
            raise ToolError(
                f"{path}: written by another version of kmatrix (store schema {found}, this one "
                f"has {SCHEMA_VERSION}). Use that version, or name another folder with "
                "--build-dir."
            )

    def put(
        self,
        *,
        key: str,
        subject: str,
        parts: dict[str, str],
        data: dict[str, Any],
        artifact: str | None = None,
    ) -> None:
        """Keep evidence. The first to come stays: what others built on it remains true."""
        packed = zlib.compress(json.dumps(data).encode(), 3)
        with self._lock:
            self._connection.execute(
                "INSERT OR IGNORE INTO evidence (key, subject, parts, artifact, data)"
                " VALUES (?, ?, ?, ?, ?)",
                (key, subject, json.dumps(parts, sort_keys=True), artifact, packed),
            )

    def forget(self, keys: Iterable[str]) -> None:
        """Drop evidence, so that it is asked anew."""
        with self._lock:
            self._connection.executemany(
                "DELETE FROM evidence WHERE key = ?", [(key,) for key in keys]
            )

    def forget_ways(self, cells: Iterable[str]) -> None:
        """Drop what was asked of these cells besides their first load."""
        with self._lock:
            self._connection.executemany(
                "DELETE FROM evidence WHERE subject GLOB ?", [(f"{cell}#*",) for cell in cells]
            )

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the worker's JSON under this key.

        Raises MalformedEvidenceError where it is damaged.
        """
        with self._lock:
            row = self._connection.execute(
                "SELECT data FROM evidence WHERE key = ?", (key,)
            ).fetchone()
        return _unpacked(row[0], key) if row else None

    def artifact_of(self, key: str) -> str | None:
        """Return the digest of what this save wrote."""
        with self._lock:
            row = self._connection.execute(
                "SELECT artifact FROM evidence WHERE key = ?", (key,)
            ).fetchone()
        return row[0] if row else None

    def known(self) -> dict[str, str | None]:
        """Every key, with the artifact's digest for saves."""
        with self._lock:
            return dict(self._connection.execute("SELECT key, artifact FROM evidence"))

    def state(self) -> tuple[int, str | None]:
        """Return a value that changes with the evidence: its count and the newest time."""
        with self._lock:
            count, newest = self._connection.execute(
                "SELECT count(*), max(created) FROM evidence"
            ).fetchone()
        return count, newest

    def last_parts(self) -> dict[str, dict[str, str]]:
        """For each subject the parts of its newest key."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT subject, parts, max(created) FROM evidence GROUP BY subject"
            ).fetchall()
        return {subject: json.loads(parts) for subject, parts, _ in rows}

    def put_facts(self, environment: str, data: dict[str, Any]) -> None:
        """Keep what an environment said of itself."""
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO facts (key, data) VALUES (?, ?)",
                (environment, json.dumps(data)),
            )

    def facts(self, environment: str) -> dict[str, Any] | None:
        """Return what an environment said of itself when it was last started."""
        with self._lock:
            row = self._connection.execute(
                "SELECT data FROM facts WHERE key = ?", (environment,)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _unpacked(packed: object, key: str) -> dict[str, Any]:
    try:
        found = json.loads(zlib.decompress(packed))  # type: ignore[arg-type]
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise MalformedEvidenceError(f"cannot be read: {error}", key) from error
    if not isinstance(found, dict):
        raise MalformedEvidenceError("not a JSON object", key)
    return found
