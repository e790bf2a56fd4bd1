"""What a run has at hand: folders, store, environments that are there, and their digests."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import filelock

from runner.store.artifact_store import ArtifactFolder
from runner.store.evidence_store import Database
from runner.worker_client.bundle import Bundle, make_bundle

if TYPE_CHECKING:
    from pathlib import Path


def now() -> str:
    """Return the time as results state it: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """An open build folder. ``scratch`` belongs to this run alone and goes with it."""

    build: Path
    database: Database
    artifacts: ArtifactFolder
    bundle: Bundle
    run_id: str
    scratch: Path
    lock: filelock.BaseFileLock

    def close(self) -> None:
        """Remove the scratch folder and close the store."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.lock.release()
        self.database.close()


def open_session(build: Path) -> Session:
    """Open the build folder of a matrix; remove what killed runs left behind in it."""
    build = build.resolve()
    store = build / "store"
    scratch = build / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    _sweep(scratch)
    run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S-") + uuid.uuid4().hex[:6]
    lock = filelock.FileLock(scratch / f"{run_id}.lock", thread_local=False)
    own = scratch / run_id
    with contextlib.ExitStack() as undo:  # of what is open when something further fails
        lock.acquire()
        undo.callback(lock.release)
        undo.callback(shutil.rmtree, own, ignore_errors=True)
        own.mkdir()
        database = Database(store / "evidence.sqlite")
        undo.callback(database.close)
        session = Session(
            build=build,
            database=database,
            artifacts=ArtifactFolder(store / "artifacts"),
            bundle=make_bundle(build / "worker"),
            run_id=run_id,
            scratch=own,
            lock=lock,
        )
        undo.pop_all()
    return session


def _sweep(scratch: Path) -> None:
    """Remove folders of dead runs: a run holds its lock as long as it lives."""
    for path in scratch.glob("*.lock"):
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            continue
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        path.unlink(missing_ok=True)
        lock.release()
