"""Requirements to a lock's body: what the resolver says, and whether it could not or cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.environments.build_faults import classify, explain
from runner.environments.layer_libraries import pinned_by, product_version
from runner.environments.uv import compile_lock
from runner.model.builds import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from runner import child_processes
    from runner.model.builds import Lock
    from runner.model.matrix import Installation

UNSATISFIABLE = "No solution found when resolving dependencies"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """A lock's body; or why there can be none (``conflict``); or why nobody knows (``failure``)."""

    body: str = ""
    conflict: str = ""
    failure: str = ""


def resolve(installation: Installation, base: Lock | None, python: str, folder: Path) -> Resolved:
    """Resolve an installation; one with a base keeps every version of the base.

    That a library of layers and its base do not go together is an answer, and is locked as one.
    """
    if base is None:
        done = compile_lock(installation, python, folder)
        return Resolved(body=done.output) if done.ok else Resolved(failure=explain(done.output))
    constraints, overrides = pinned_by(base)
    tensorflow = product_version(base)
    if tensorflow is not None:
        # The override below hides what the library asks of TensorFlow: ask for it first.
        asked = replace(
            installation,
            requirements=(*_own(installation), f"tensorflow=={tensorflow}"),
            overrides=(),
        )
        if (refusal := refused(compile_lock(asked, python, folder))) is not None:
            return refusal
    kept = replace(installation, overrides=(*installation.overrides, *overrides))
    done = compile_lock(kept, python, folder, constraints=constraints)
    return refused(done) or Resolved(body=done.output)


def _own(installation: Installation) -> tuple[str, ...]:
    package = installation.package
    if package is None:
        return ()
    return (*((package.requirement,) if package.requirement else ()), *package.requirements)


def refused(done: child_processes.Completed) -> Resolved | None:
    """Why nothing was resolved: there is no such set of packages, or nobody knows."""
    if done.ok:
        return None
    said = explain(done.output)
    if UNSATISFIABLE in done.output and classify(done.output) is Fault.INSTALL:
        return Resolved(conflict=said.partition(f"{UNSATISFIABLE}; ")[2] or said)
    return Resolved(failure=said)
