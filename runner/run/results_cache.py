"""A mark of everything that results depend on: the same mark, the same results."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.model.finding import EnvironmentStatus
from runner.run.build_results import evidence_keys
from runner.run.session import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.results import Results
    from runner.run.run_state import Options, RunState
    from runner.run.session import Session
    from runner.run.snapshot import Snapshot

RUNNER = Path(__file__).resolve().parent.parent
# The packages whose code and data decide what results say.
RULES = ("evaluate", "model", "plan", "run", "signatures", "worker_client")


def mark_of(state: RunState, snapshot: Snapshot, session: Session, options: Options) -> str:
    """Return the mark of what is asked, the evidence in the store, and the rules."""
    plan, spec = snapshot.plan, state.spec
    return hashlib.sha256(
        json.dumps(
            [
                __version__,
                _rules(),
                session.database.state(),
                [step.key for step in plan.saves],
                [step.key for step in plan.loads],
                [str(save.id) + loader.id for save, loader in plan.later],
                sorted((name, str(lock.state)) for name, lock in state.locks.items()),
                repr((spec.tolerance, [item.tolerance for item in spec.recipes])),
                repr(options),
            ]
        ).encode()
    ).hexdigest()


def _rules() -> str:
    found = hashlib.sha256()
    for path in _files():
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for name in RULES:
        for ending in ("*.py", "*.yaml"):
            yield from sorted((RUNNER / name).rglob(ending))


def reusable(results: Results) -> bool:
    """Whether results may be shown again: those with a hole or an environment down may not."""
    return results.run.complete and all(
        item.status is EnvironmentStatus.READY for item in results.environments
    )


def shown_again(state: RunState, results: Results) -> Results:
    """Return the same results as those of a run that had nothing to ask."""
    info = replace(
        results.run,
        id=state.id,
        started=state.started,
        finished=now(),
        seconds=state.seconds,
        ran=0,
        known=len(evidence_keys(results.artifacts, results.cells)),
    )
    return replace(results, run=info)
