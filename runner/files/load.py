"""Saved files in environments: as is, then by route, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from runner.files.answer import answer
from runner.files.climb import next_way
from runner.files.likely import by_likelihood
from runner.files.stage import can_be_staged, stage
from runner.files.verdicts import (
    Reference,
    Tried,
    attempt_of,
    choose_reference,
    environment_load,
)
from runner.model.builds import Built
from runner.model.evidence import Ending
from runner.nouns.loading import EnvironmentLoad, FileLoads, Outcome
from runner.worker_client.evidence_reader import array_from_json, evidence_from_json
from runner.worker_client.worker_protocol import StartFailed, TaskRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.files.likely import Candidate
    from runner.files.rooms import Closed
    from runner.files.stage import Staged
    from runner.model.evidence import Array
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment, Limits, RecipeInfo, Tolerance
    from runner.nouns.loading import Attempt
    from runner.run.progress import Progress
    from runner.run.session import Session
    from runner.worker_client.worker_protocol import BatchEnded, Worker

EXPECTED = "expected"
LOG_TAIL = 8000


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a user hands over beside the files."""

    custom: Path | None = None
    inputs: tuple[Array, ...] | None = None
    expected: tuple[Array, ...] | None = None
    trust: bool = False


class Opener(Protocol):
    """Where environments come from; see ``rooms.Rooms``."""

    def open(self, environment: Environment, *, sandbox: bool) -> Built | Closed:
        """The environment, or why it cannot be had for this file."""

    def start(self, environment: Environment, built: Built, *, sandbox: bool) -> Worker:
        """A worker in it. Raises StartFailed."""


@dataclass(slots=True)
class _File:
    """One file on its way."""

    path: Path
    inspection: Inspection
    staged: Staged | None
    order: tuple[Candidate, ...]
    inputs: Path | None
    reference: Reference | None
    tried: dict[str, dict[str, Tried]] = field(default_factory=dict)
    down: dict[str, EnvironmentLoad] = field(default_factory=dict)


class Loading:
    """Loads files in environments. ``load`` is all a caller needs."""

    def __init__(
        self,
        *,
        session: Session,
        rooms: Opener,
        control: RecipeInfo,
        limits: Limits,
        tolerance: Tolerance,
        given: Given,
        progress: Progress,
    ) -> None:
        self._session = session
        self._rooms = rooms
        self._control = control
        self._limits = limits
        self._tolerance = tolerance
        self._given = given
        self._progress = progress
        self._number = 0
        self.evidence: dict[Path, dict[str, dict[str, Tried]]] = {}  # file, environment, route

    def load(
        self, files: Sequence[tuple[Path, Inspection]], candidates: Sequence[Candidate]
    ) -> tuple[FileLoads, ...]:
        """Try every file in every environment. Raises ToolError where a file cannot be copied."""
        todo = [self._prepare(path, found, candidates) for path, found in files]
        ready = [one for one in todo if one.staged is not None]
        if ready:
            self._progress.phase("loading", len(ready) * len(candidates))
            order = ready[0].order
            self._round(ready, order, first=True)
            for one in ready:
                one.reference = one.reference or choose_reference(one.order, one.tried)
            self._round(ready, order, first=False)
        self.evidence.update({one.path: one.tried for one in todo})
        return tuple(self._result(one) for one in todo)

    def _prepare(
        self, path: Path, inspection: Inspection, candidates: Sequence[Candidate]
    ) -> _File:
        folder = self._session.scratch / "files" / str(self._number)
        self._number += 1
        staged = None
        if can_be_staged(inspection):
            staged = stage(inspection, path, folder, self._given.custom)
        inputs = None
        if self._given.inputs is not None and staged is not None:
            inputs = folder.with_suffix(".inputs.json")
            inputs.write_text(json.dumps([_encoded(one) for one in self._given.inputs]), "utf-8")
        expected = self._given.expected
        return _File(
            path=path,
            inspection=inspection,
            staged=staged,
            order=by_likelihood(inspection, candidates),
            inputs=inputs,
            reference=None if expected is None else Reference(name=EXPECTED, outputs=expected),
        )

    def _runs_code(self, one: _File) -> bool:
        return bool(one.inspection.code) or self._given.custom is not None

    def _round(self, files: Sequence[_File], order: Sequence[Candidate], *, first: bool) -> None:
        """Each environment once, with all files that have something to try in it."""
        for candidate in order:
            waiting = [one for one in files if self._next(one, candidate) is not None]
            for sandbox in (False, True):
                group = [one for one in waiting if self._needs_sandbox(one) is sandbox]
                if group:
                    self._in_environment(group, candidate, sandbox=sandbox)
            if first:
                for one in files:
                    self._progress.step(f"{one.path.name} in {candidate.environment.id}")

    def _needs_sandbox(self, one: _File) -> bool:
        return self._runs_code(one) and not self._given.trust

    def _next(self, one: _File, candidate: Candidate) -> str | None:
        """The route to try now; None where there is none, or the environment is not to be had."""
        name = candidate.environment.id
        if one.staged is None or name in one.down:
            return None
        outcomes = {item.route: item.outcome for item in self._attempts(one, candidate)}
        return next_way(one.inspection, one.staged, candidate, outcomes, trusted=True)

    def _attempts(self, one: _File, candidate: Candidate) -> list[Attempt]:
        return [
            attempt_of(
                route,
                tried,
                inspection=one.inspection,
                candidate=candidate,
                reference=one.reference,
                tolerance=self._tolerance,
            )
            for route, tried in one.tried.get(candidate.environment.id, {}).items()
        ]

    def _in_environment(
        self, files: Sequence[_File], candidate: Candidate, *, sandbox: bool
    ) -> None:
        name = candidate.environment.id
        room = self._rooms.open(candidate.environment, sandbox=sandbox)
        if not isinstance(room, Built):
            for one in files:
                one.down[name] = EnvironmentLoad(
                    environment=name, outcome=room.outcome, route=None, reason=room.reason
                )
            return
        try:
            worker = self._rooms.start(candidate.environment, room, sandbox=sandbox)
        except StartFailed as error:
            for one in files:
                one.down[name] = EnvironmentLoad(
                    environment=name, outcome=Outcome.UNAVAILABLE, route=None, reason=str(error)
                )
            return
        try:
            for one in files:
                while (route := self._next(one, candidate)) is not None:
                    tried = self._try(worker, one, route)
                    one.tried.setdefault(name, {})[route] = tried
                    self._keep_inputs(one, tried)
        finally:
            worker.close()

    def _try(self, worker: Worker, one: _File, route: str) -> Tried:
        folder = self._session.scratch / f"load-{self._number}"
        self._number += 1
        folder.mkdir(parents=True)
        assert one.staged is not None  # noqa: S101 - else there is nothing to try
        task = TaskRequest(
            kind="load",
            recipe=self._control,
            format=one.staged.format,
            artifact=one.staged.folder,
            folder=folder,
            inputs=one.inputs,
            way=route,
            foreign=one.staged.foreign,
        )
        ended = worker.run([task], self._limits)
        try:
            return _tried(folder, ended)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _keep_inputs(self, one: _File, tried: Tried) -> None:
        """What the first load was fed with is what all later ones get."""
        if one.inputs is None and tried.whole and tried.outputs and one.staged is not None:
            one.inputs = one.staged.folder.with_suffix(".inputs.json")
            one.inputs.write_text(json.dumps([_encoded(value) for value in tried.inputs]), "utf-8")

    def _result(self, one: _File) -> FileLoads:
        loads = []
        for candidate in one.order if one.staged is not None else ():
            name = candidate.environment.id
            if name in one.down:
                loads.append(one.down[name])
                continue
            attempts = [
                item
                for item in self._attempts(one, candidate)
                if not one.tried[name][item.route].evidence.not_available or item.route == "as-is"
            ]
            loads.append(environment_load(name, attempts, sandbox=self._needs_sandbox(one)))
        return FileLoads(
            path=str(one.path),
            inspection=one.inspection,
            answer=answer(one.inspection, loads),
            reference=one.reference.name if one.reference is not None else None,
            environments=tuple(loads),
        )


def _tried(folder: Path, ended: BatchEnded) -> Tried:
    data: dict[str, Any] | None = None
    with contextlib.suppress(OSError, ValueError):
        data = json.loads((folder / "evidence.json").read_bytes())
    if data is None:
        ending = ended.ending if ended.ending is not Ending.DONE else Ending.CRASHED
        data = {
            "kind": "load",
            "ending": str(ending),
            "stage": ended.stage,
            "signal": ended.signal,
            "seconds": 0.0,
        }
    with contextlib.suppress(OSError):
        data["log"] = (folder / "log.txt").read_text("utf-8", "replace")[-LOG_TAIL:]
    return Tried(
        evidence=evidence_from_json(data),
        inputs=tuple(array_from_json(item) for item in data.get("inputs", ())),
        no_inputs=data.get("no_inputs"),
    )


def _encoded(array: Array) -> dict[str, Any]:
    plain = array.astype(array.dtype.newbyteorder("<"))
    data = b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(array.shape), "data": data}
