"""Two results to their difference, with the versions that changed behind every flipped cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.comparison import (
    Cause,
    CellChange,
    Difference,
    EnvironmentChange,
    Mark,
    Turn,
    VersionChange,
)
from runner.model.finding import Verdict
from runner.model.keras_identity import KERAS_PACKAGES, LEGACY_PACKAGES, TENSORFLOW_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.results import ArtifactResult, CellResult, EnvironmentResult, Results

# Between two versions of an environment these are most often behind a flipped cell.
TELLING = (
    *(*KERAS_PACKAGES, *LEGACY_PACKAGES, *TENSORFLOW_PACKAGES),
    *("jax", "torch", "theano", "h5py", "numpy", "protobuf", "python"),
)
SEVERITY = {
    Verdict.IDENTICAL: 0,
    Verdict.DEGRADED: 1,
    Verdict.REMEDIED: 2,
    Verdict.UNSUPPORTED: 3,
    Verdict.REFUSED: 4,
    Verdict.CRASHED: 4,
    Verdict.HUNG: 4,
    Verdict.BROKEN: 4,
    Verdict.DRIFTED: 5,
}
TURNS = (Turn.WORSE, Turn.OTHER, Turn.BETTER)


def difference(before: Results, after: Results) -> Difference:
    """What changed from one run to the other."""
    environments = _environments(before, after)
    sides = _Sides(before, after, {change.id: change for change in environments})
    old = {cell.id: cell for cell in before.cells}
    new = {cell.id: cell for cell in after.cells}
    changes = [
        _change(old.get(name), new.get(name), sides)
        for name in dict.fromkeys((*new, *old))
        if not _same(old.get(name), new.get(name))
    ]
    changes.sort(key=lambda change: (TURNS.index(change.turn), change.mark is not Mark.CHANGED))
    return Difference(
        before=before.run,
        after=after.run,
        environments=environments,
        cells=tuple(changes),
        unchanged=len({*new, *old}) - len(changes),
    )


def _same(old: CellResult | None, new: CellResult | None) -> bool:
    return old is not None and new is not None and old.verdict is new.verdict


def turn(before: Verdict | None, after: Verdict | None) -> Turn:
    """The direction; a cell that is new or gone turns nowhere."""
    old = SEVERITY.get(before) if before is not None else None
    new = SEVERITY.get(after) if after is not None else None
    if old is None or new is None or old == new:
        return Turn.OTHER
    return Turn.BETTER if new < old else Turn.WORSE


def _change(old: CellResult | None, new: CellResult | None, sides: _Sides) -> CellChange:
    cell = new or old
    assert cell is not None  # noqa: S101 - one of the two names the cell
    before = old.verdict if old is not None else None
    after = new.verdict if new is not None else None
    flipped = old is not None and new is not None
    return CellChange(
        id=cell.id,
        mark=Mark.CHANGED if flipped else Mark.ADDED if new is not None else Mark.REMOVED,
        before=before,
        after=after,
        turn=turn(before, after),
        reason=cell.reason,
        signatures=cell.signatures,
        causes=sides.causes(old, new) if old is not None and new is not None else (),
    )


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

    def causes(self, old: CellResult, new: CellResult) -> tuple[Cause, ...]:
        """What changed together with this cell; a side that did not change had no part."""
        saver = new.id.split("/")[0]
        old_file, new_file = self._old.get(new.artifact), self._new.get(new.artifact)
        found = []
        if saver != new.loader and not _same_bytes(old_file, new_file):
            found.append(self._side("saver", saver))
        found.append(self._side("both" if saver == new.loader else "loader", new.loader))
        causes = [cause for cause in found if cause is not None]
        if self._tool.before != self._tool.after:
            causes.append(Cause(role="kmatrix", environment=None, versions=(self._tool,)))
        return tuple(causes) or (self._no_package(old, new, old_file, new_file),)

    def _side(self, role: str, environment: str) -> Cause | None:
        change = self._changes.get(environment)
        if change is None or change.mark is not Mark.CHANGED:
            return None
        return Cause(
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
    ) -> Cause:
        if old_file and new_file and old_file.key != new_file.key:
            note = "the recipe or kmatrix's worker changed, no package did"
        elif old.key is not None and old.key == new.key:
            note = "the same question: judged by other rules, or answered otherwise when run anew"
        else:
            note = "no package changed on either side"
        return Cause(role="kmatrix", environment=None, note=note)


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
    """Packages with another version, those first that most often stand behind a change."""
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
    """Packages of the lock and its Python, to the patch where the environment told it."""
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
