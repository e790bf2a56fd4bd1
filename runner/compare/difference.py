"""Compare two runs: which cells changed, and which versions changed with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.model.comparison import (
    CellChange,
    ChangeCause,
    EnvironmentChange,
    Mark,
    PastRun,
    RunComparison,
    Turn,
    VersionChange,
)
from runner.model.keras_identity import KERAS_PACKAGES, LEGACY_PACKAGES, TENSORFLOW_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.results import ArtifactResult, CellResult, EnvironmentResult, Results

# Packages that most often explain a changed cell.
TELLING = (
    *(*KERAS_PACKAGES, *LEGACY_PACKAGES, *TENSORFLOW_PACKAGES),
    *("jax", "torch", "theano", "h5py", "numpy", "protobuf", "python"),
)
TURNS = (Turn.WORSE, Turn.OTHER, Turn.BETTER)


def compare(before: Results | PastRun, after: Results | PastRun) -> RunComparison:
    """Compare two runs, cell by cell.

    With the results of both, environments are compared too, and each change has its causes. A
    run that is a part of the matrix (a shard, or interrupted) says nothing about the cells that
    it does not have, so none of them counts as removed.
    """
    old, new = _past(before), _past(after)
    cells = _changes(old, new)
    environments: tuple[EnvironmentChange, ...] = ()
    if not isinstance(before, PastRun) and not isinstance(after, PastRun):
        environments = _environments(before, after)
        cells = _explained(cells, before, after, environments)
    cells.sort(key=lambda change: (TURNS.index(change.turn), change.mark is not Mark.CHANGED))
    return RunComparison(
        before=old,
        after=new,
        cells=tuple(cells),
        unchanged=sum(old.verdicts.get(name) is verdict for name, verdict in new.verdicts.items()),
        environments=environments,
    )


def _past(run: Results | PastRun) -> PastRun:
    return run if isinstance(run, PastRun) else PastRun.of(run)


def _changes(old: PastRun, new: PastRun) -> list[CellChange]:
    names = [*new.verdicts, *(name for name in old.verdicts if new.whole)]
    pairs = (
        (name, old.verdicts.get(name), new.verdicts.get(name)) for name in dict.fromkeys(names)
    )
    return [
        CellChange(id=name, before=before, after=after)
        for name, before, after in pairs
        if before is not after
    ]


def _explained(
    changes: list[CellChange],
    before: Results,
    after: Results,
    environments: tuple[EnvironmentChange, ...],
) -> list[CellChange]:
    """Return the same changes with the newer cell's reason and what changed on its two sides."""
    sides = _Sides(before, after, {change.id: change for change in environments})
    old = {cell.id: cell for cell in before.cells}
    new = {cell.id: cell for cell in after.cells}
    found = []
    for change in changes:
        was, now = old.get(change.id), new.get(change.id)
        cell = now or was
        assert cell is not None  # noqa: S101 - one of the two names the cell
        causes = sides.causes(was, now) if was is not None and now is not None else ()
        found.append(replace(change, reason=cell.reason, signatures=cell.signatures, causes=causes))
    return found


class _Sides:
    """What is known of both sides of a cell in both runs."""

    def __init__(
        self, before: Results, after: Results, changes: Mapping[str, EnvironmentChange]
    ) -> None:
        self._changes = changes
        self._old = {item.id: item for item in before.artifacts}
        self._new = {item.id: item for item in after.artifacts}
        self._tool = VersionChange(
            package="kmatrix", before=before.run.kmatrix, after=after.run.kmatrix
        )

    def causes(self, old: CellResult, new: CellResult) -> tuple[ChangeCause, ...]:
        """Return what changed together with this cell; a side that did not change had no part."""
        saver = new.name.saver
        old_file, new_file = self._old.get(new.artifact), self._new.get(new.artifact)
        found = []
        if saver != new.loader and not _same_bytes(old_file, new_file):
            found.append(self._side("saver", saver))
        found.append(self._side("both" if saver == new.loader else "loader", new.loader))
        causes = [cause for cause in found if cause is not None]
        if self._tool.before != self._tool.after:
            causes.append(ChangeCause(role="kmatrix", environment=None, versions=(self._tool,)))
        return tuple(causes) or (self._no_package(old, new, old_file, new_file),)

    def _side(self, role: str, environment: str) -> ChangeCause | None:
        change = self._changes.get(environment)
        if change is None or change.mark is not Mark.CHANGED:
            return None
        return ChangeCause(
            role=role,
            environment=environment,
            versions=change.versions,
            note="; ".join(change.notes),
        )

    def _no_package(
        self,
        old: CellResult,
        new: CellResult,
        old_file: ArtifactResult | None,
        new_file: ArtifactResult | None,
    ) -> ChangeCause:
        if old_file and new_file and old_file.key != new_file.key:
            note = "the recipe or kmatrix's worker changed, no package did"
        elif old.key is not None and old.key == new.key:
            note = "the same question: judged by other rules, or answered otherwise when run anew"
        else:
            note = "no package changed on either side"
        return ChangeCause(role="kmatrix", environment=None, note=note)


def _same_bytes(old: ArtifactResult | None, new: ArtifactResult | None) -> bool:
    return (
        old is not None and new is not None and old.digest is not None and old.digest == new.digest
    )


def _environments(before: Results, after: Results) -> tuple[EnvironmentChange, ...]:
    old = {item.id: item for item in before.environments}
    new = {item.id: item for item in after.environments}
    changes = (_environment(name, old.get(name), new.get(name)) for name in {**new, **old})
    return tuple(change for change in changes if change.mark is not Mark.UNCHANGED)


def _environment(
    name: str, old: EnvironmentResult | None, new: EnvironmentResult | None
) -> EnvironmentChange:
    if old is None or new is None:
        return EnvironmentChange(id=name, mark=Mark.ADDED if old is None else Mark.REMOVED)
    versions = version_changes(old, new)
    notes = _notes(old, new)
    changed = bool(versions or notes or (old.lock != new.lock))
    return EnvironmentChange(
        id=name,
        mark=Mark.CHANGED if changed else Mark.UNCHANGED,
        versions=versions,
        notes=notes or (() if versions or not changed else ("another lock, the same versions",)),
    )


def version_changes(old: EnvironmentResult, new: EnvironmentResult) -> tuple[VersionChange, ...]:
    """Return packages with another version, the most frequent causes of changes first."""
    before, after = _versions(old), _versions(new)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    changed.sort(key=lambda name: (_rank(name), name))
    return tuple(
        VersionChange(package=name, before=before.get(name), after=after.get(name))
        for name in changed
    )


def _rank(package: str) -> int:
    return TELLING.index(package) if package in TELLING else len(TELLING)


def _versions(environment: EnvironmentResult) -> dict[str, str]:
    """Return the packages of the lock and its Python, with the patch where it is known."""
    found = {name.lower().replace("_", "-"): version for name, version in environment.packages}
    return {**found, "python": dict(environment.versions).get("python") or environment.python}


def _notes(old: EnvironmentResult, new: EnvironmentResult) -> tuple[str, ...]:
    notes = [
        f"{what} {before} -> {after}"
        for what, before, after in (
            ("status", old.status, new.status),
            ("backend", old.backend, new.backend),
            ("api", old.api, new.api),
            ("builder", old.builder, new.builder),
        )
        if before != after
    ]
    before, after = dict(old.variables), dict(new.variables)
    notes += [
        f"{name}={before.get(name, '(unset)')} -> {after.get(name, '(unset)')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return tuple(notes)
