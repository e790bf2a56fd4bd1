"""One batch on one worker: tasks in, evidence recorded, what must run again out."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.model.evidence import Ending, MalformedEvidenceError
from runner.model.matrix import Format
from runner.model.steps import AS_IS, SAVE_AGAIN, FileStep, SaveStep
from runner.run.placeholders import ARTIFACT, CODE, RUN, TASK, with_placeholders
from runner.run.pool import Batch
from runner.store.artifact_store import DamagedArtifactError
from runner.worker_client.evidence_reader import evidence_from_json, parse_evidence
from runner.worker_client.worker_protocol import TaskRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.model.evidence import Evidence
    from runner.model.matrix import Limits
    from runner.model.steps import Step
    from runner.run.session import Session
    from runner.worker_client.worker_protocol import BatchEnded, Worker

MAX_TRIES = 3  # how often a step is sent whose answer is lost
LOG_TAIL = 8000  # characters of a task's log that are kept


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A step and the task that asks it."""

    step: Step
    task: TaskRequest


class EvidenceRecorder:
    """Runs batches and keeps their evidence. Safe for several threads.

    trusted: whether evidence from a process that several steps shared counts.
    finished: called for a step whose evidence is recorded.
    unanswered: called, with the reason, for a step that stays without evidence in this run.
    Every step of a batch ends in exactly one of these two, or in a batch that runs again.
    """

    def __init__(
        self,
        session: Session,
        limits: Limits,
        *,
        trusted: Callable[[Step, Evidence], bool],
        finished: Callable[[Step], None],
        unanswered: Callable[[Step, str], None],
    ) -> None:
        self._session = session
        self._limits = limits
        self._trusted = trusted
        self._finished = finished
        self._unanswered = unanswered
        self._numbers = itertools.count()

    def handle(self, worker: Worker, batch: Batch) -> Sequence[Batch]:
        """Run a batch; see ``pool.Handler``."""
        folder = self._session.scratch / f"batch-{next(self._numbers)}"
        try:
            asked = self._prepare(batch, folder)
            if not asked:
                return ()
            ended = worker.run([item.task for item in asked], self._limits)
            if ended.sent:
                return self._keep(batch, asked, ended)
            if len(asked) == len(batch.steps):
                return (batch,)
            return (Batch(steps=tuple(item.step for item in asked), tries=batch.tries),)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # Asking

    def _prepare(self, batch: Batch, folder: Path) -> list[_Asked]:
        """Return a task for each step; a step whose artifact is damaged cannot be asked."""
        asked = []
        for number, step in enumerate(batch.steps):
            try:
                task = self._task(step, folder / str(number), thorough=batch.alone)
            except (DamagedArtifactError, MalformedEvidenceError) as error:
                self._unanswered(step, f"cannot be asked: {error}")
            else:
                asked.append(_Asked(step=step, task=task))
        return asked

    def _task(self, step: Step, folder: Path, *, thorough: bool) -> TaskRequest:
        folder.mkdir(parents=True)
        if isinstance(step, FileStep):
            return _file_task(step, folder)
        if isinstance(step, SaveStep):
            return TaskRequest(
                kind="save",
                recipe=step.recipe,
                format=step.format,
                artifact=_new_folder(folder / "artifact"),
                folder=folder,
            )
        saved = self._session.database.get(step.save.key) or {}
        inputs = folder / "inputs.json"
        inputs.write_text(json.dumps(saved.get("inputs", [])), "utf-8")
        source = folder / "source"
        self._session.artifacts.copy(step.artifact, source)
        if step.way.startswith(SAVE_AGAIN):
            return TaskRequest(
                kind="save",
                recipe=step.save.recipe,
                format=Format(step.way.removeprefix(SAVE_AGAIN)),
                artifact=_new_folder(folder / "artifact"),
                folder=folder,
                inputs=inputs,
                source=source,
                script=step.script,
            )
        return TaskRequest(
            kind="load",
            recipe=step.save.recipe,
            format=step.format,
            artifact=source,
            folder=folder,
            inputs=inputs,
            way=step.way,
            script=step.script,
            thorough=thorough,
            own=step.way == AS_IS and step.save.saver.id == step.loader.id,
        )

    # Recording

    def _keep(self, batch: Batch, asked: Sequence[_Asked], ended: BatchEnded) -> list[Batch]:
        again: list[Batch] = []
        for number, item in enumerate(asked):
            try:
                data = self._answer(item, batch, ended, number)
                evidence = evidence_from_json(data) if data is not None else None
            except MalformedEvidenceError as error:
                again += self._once_more(item.step, batch, f"its evidence is malformed: {error}")
                continue
            if data is None or evidence is None:
                again += (
                    self._once_more(item.step, batch, _lost(ended))
                    if ended.lost
                    else [Batch(steps=(item.step,))]  # another step of the batch ended its process
                )
                continue
            shared = not isinstance(item.step, SaveStep) and not batch.alone
            if shared and not self._trusted(item.step, evidence):
                again.append(Batch(steps=(item.step,)))
                continue
            self._store(item, data)
            self._finished(item.step)
        return again

    def _answer(
        self, item: _Asked, batch: Batch, ended: BatchEnded, number: int
    ) -> dict[str, Any] | None:
        """Return the JSON of the evidence about a task.

        None where its process says nothing about it.
        """
        kind = item.task.kind
        try:
            data = parse_evidence((item.task.folder / "evidence.json").read_bytes())
        except OSError:
            at_fault = number == ended.task and _is_other_route(item.step)
            if ended.lost or not (batch.alone or at_fault):
                return None
            data = _killed(kind, ended)
        if data.get("kind") != kind:
            raise MalformedEvidenceError(f"kind {data.get('kind')!r:.80} in place of {kind!r}")
        data["log"] = _tail(item.task.folder / "log.txt", 2 * LOG_TAIL)
        data["isolated"] = batch.alone
        evidence_from_json(data)
        data = with_placeholders(data, self._folders(item.task))
        data["log"] = data["log"][-LOG_TAIL:]
        return data

    def _folders(self, task: TaskRequest) -> dict[Path, str]:
        return {
            task.artifact: ARTIFACT,
            task.source or task.artifact: ARTIFACT,
            task.folder: TASK,
            self._session.scratch: RUN,
            self._session.bundle.folder: CODE,
        }

    def _once_more(self, step: Step, batch: Batch, reason: str) -> list[Batch]:
        """Return the step alone, if it has tries left; else it stays unanswered."""
        tries = batch.tries + 1
        if tries < MAX_TRIES:
            return [Batch(steps=(step,), tries=tries)]
        self._unanswered(step, f"tried {tries} times: {reason}")
        return []

    def _store(self, item: _Asked, data: dict[str, Any]) -> None:
        step, artifact = item.step, None
        whole = data.get("ending", "done") == "done" and data.get("stage") == "done"
        writes = isinstance(step, SaveStep) or step.way.startswith(SAVE_AGAIN)
        if whole and writes:
            artifact = self._session.artifacts.add(item.task.artifact).digest
        self._session.database.put(
            key=step.key, subject=step.subject, parts=dict(step.parts), data=data, artifact=artifact
        )


def _file_task(step: FileStep, folder: Path) -> TaskRequest:
    """Load a copy: a loader may write, and never into what other loaders read."""
    source = folder / "source"
    shutil.copytree(step.file.folder, source)
    return TaskRequest(
        kind="load",
        recipe=step.recipe,
        format=step.file.format,
        artifact=source,
        folder=folder,
        inputs=step.inputs.path if step.inputs is not None else None,
        way=step.way,
        script=step.script,
        external=step.file.external,
    )


def _new_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _is_other_route(step: Step) -> bool:
    """Return whether a step is another route, which does not run again alone.

    At worst a remedy is missed, never one made up, and a hang costs its time limit once.
    """
    return not isinstance(step, SaveStep) and step.way != AS_IS


def _lost(ended: BatchEnded) -> str:
    if ended.ending is Ending.HUNG:
        return "its worker did not answer and was ended"
    signal = f" (signal {ended.signal})" if ended.signal else ""
    return f"its worker ended{signal}, and took the answer along"


def _killed(kind: str, ended: BatchEnded) -> dict[str, Any]:
    """Evidence about a task whose process did not live to write any."""
    ending = ended.ending if ended.ending is not Ending.DONE else Ending.CRASHED
    return {
        "kind": kind,
        "ending": str(ending),
        "stage": ended.stage,
        "signal": ended.signal,
        "seconds": 0.0,
    }


def _tail(path: Path, characters: int) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace")[-characters:]
    return ""
