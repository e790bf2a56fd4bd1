"""What is known at one moment: read from the store once for each phase of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.plan.planner import Known
from runner.run.installations import environment_digests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.evaluate.evaluator import Evaluator
    from runner.model.builds import Lock
    from runner.model.matrix import Spec
    from runner.model.steps import Plan
    from runner.run.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A plan from what the store held when it was taken, and an evaluator of that plan.

    It stays valid until evidence is recorded or forgotten.
    """

    plan: Plan
    evaluator: Evaluator


def read_known(spec: Spec, locks: Mapping[str, Lock], session: Session) -> Known:
    """Return what the store knows now. A save whose artifact is gone or damaged is not known."""
    evidence = session.database.known()
    lost = lost_saves(evidence, session)
    return Known(
        digests=environment_digests(spec, locks),
        worker=session.bundle.digest,
        evidence={key: digest for key, digest in evidence.items() if key not in lost},
        last=session.database.last_parts(),
    )


def lost_saves(evidence: Mapping[str, str | None], session: Session) -> frozenset[str]:
    """Return the keys of saves whose artifact is gone or damaged.

    Evidence: key to artifact digest.
    """
    return frozenset(
        key
        for key, digest in evidence.items()
        if digest is not None and not session.artifacts.has(digest)
    )
