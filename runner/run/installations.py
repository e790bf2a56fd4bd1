"""Locks and digests of what a run needs; installations built before anything runs in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner import child_processes
from runner.environments.locks import read_lock
from runner.model.builds import Unavailable
from runner.plan.evidence_keys import environment_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.environments.builders import BuilderFor
    from runner.model.builds import Built, Lock
    from runner.model.matrix import Environment, Installation, Limits, Spec
    from runner.run.progress import Progress


@dataclass(slots=True)
class Installations:
    """What has been built of a run's installations, or why it could not be had."""

    builder_for: BuilderFor
    locks: Mapping[str, Lock]
    limits: Limits
    progress: Progress
    built: dict[str, Built | Unavailable] = field(default_factory=dict)

    def build(self, wanted: Iterable[Installation], jobs: int) -> None:
        """Build what is missing of ``wanted``."""
        missing = []
        for installation in wanted:
            there = self.builder_for(installation).find(installation, self.locks[installation.name])
            if there is None:
                missing.append(installation)
            else:
                self.built[installation.name] = there
        if missing:
            self.progress.phase("building environments", len(missing))
            child_processes.side_by_side(self._build_one, missing, threads=max(2, jobs))

    def _build_one(self, installation: Installation) -> None:
        lock = self.locks[installation.name]
        built = self.builder_for(installation).build(installation, lock, self.limits)
        self.built[installation.name] = built
        if isinstance(built, Unavailable):
            self.progress.say(f"{installation.name}: unavailable: {built.reason}")
        self.progress.step(installation.name)

    def unavailable(self, environment: Environment) -> str | None:
        """Why an environment cannot be had; None where it can, or nobody asked."""
        built = self.built.get(environment.installation.name)
        return built.reason if isinstance(built, Unavailable) else None


def read_locks(spec: Spec) -> dict[str, Lock]:
    """Return the lock of every installation, by its name."""
    folder = spec.file.resolve().parent
    return {
        item.installation.name: read_lock(folder, item.installation) for item in spec.environments
    }


def environment_digests(spec: Spec, locks: Mapping[str, Lock]) -> dict[str, str]:
    """Return the digest of every environment, by its id."""
    return {
        item.id: environment_digest(item, locks[item.installation.name].digest)
        for item in spec.environments
    }
