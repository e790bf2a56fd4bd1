"""One batch on one worker: tasks in, evidence kept, what must run again out."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
from typing import TYPE_CHECKING, Any

from runner.model.evidence import Ending
from runner.model.matrix import Format
from runner.model.steps import AS_IS, SAVE_AGAIN, LoadStep, SaveStep
from runner.run.pool import Batch
from runner.worker_client.worker_protocol import TaskRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.model.matrix import Limits
    from runner.model.steps import Step
    from runner.run.session import Session
    from runner.worker_client.worker_protocol import BatchEnded, Worker

MOST_TRIES = 3
LOG_TAIL = 8000  # characters of a task's log that are kept


class Evidences:
    """Runs batches and keeps their evidence. Safe for several threads."""

    def __init__(
        self,
        session: Session,
        limits: Limits,
        *,
        trusted: Callable[[Step, dict[str, Any]], bool],
        finished: Callable[[Step], None],
    ) -> None:
        self._session = session
        self._limits = limits
        self._trusted = trusted
        self._finished = finished
        self._numbers = itertools.count()

    def handle(self, worker: Worker, batch: Batch) -> list[Batch]:
        """Run a batch; return the batches that have to run again, alone."""
        folder = self._session.scratch / f"batch-{next(self._numbers)}"
        tasks = [
            self._task(step, folder / str(number), thorough=batch.alone)
            for number, step in enumerate(batch.steps)
        ]
        ended = worker.run(tasks, self._limits)
        try:
            return self._keep(batch, tasks, ended)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _task(self, step: Step, folder: Path, *, thorough: bool) -> TaskRequest:
        folder.mkdir(parents=True)
        match step:
            case SaveStep():
                artifact = folder / "artifact"
                artifact.mkdir()
                return TaskRequest(
                    kind="save",
                    recipe=step.recipe,
                    format=step.format,
                    artifact=artifact,
                    folder=folder,
                )
            case LoadStep():
                saved = self._session.database.get(step.save.key) or {}
                inputs = folder / "inputs.json"
                inputs.write_text(json.dumps(saved.get("inputs", [])), "utf-8")
                source = self._session.artifacts.path(step.artifact)
                if step.way.startswith(SAVE_AGAIN):
                    return _bridge_task(step, folder, inputs, source)
                return TaskRequest(
                    kind="load",
                    recipe=step.save.recipe,
                    format=step.format,
                    artifact=source,
                    folder=folder,
                    inputs=inputs,
                    way=step.way,
                    thorough=thorough,
                )

    def _keep(self, batch: Batch, tasks: list[TaskRequest], ended: BatchEnded) -> list[Batch]:
        again: list[Batch] = []
        for number, (step, task) in enumerate(zip(batch.steps, tasks, strict=True)):
            data = _read(task.folder / "evidence.json")
            if data is None and ended.lost:
                if batch.tries + 1 < MOST_TRIES:
                    again.append(Batch(steps=(step,), tries=batch.tries + 1))
                continue
            if data is None:
                if number != ended.task or not (batch.alone or _another_route(step)):
                    again.append(Batch(steps=(step,)))
                    continue
                data = _killed(step, ended)
            data["log"] = _tail(task.folder / "log.txt")
            data["isolated"] = batch.alone
            shared = isinstance(step, LoadStep) and not batch.alone
            if shared and not self._trusted(step, data):
                again.append(Batch(steps=(step,)))
                continue
            self._store(step, task, data)
            self._finished(step)
        return again

    def _store(self, step: Step, task: TaskRequest, data: dict[str, Any]) -> None:
        artifact = None
        whole = data.get("ending", "done") == "done" and data.get("stage") == "done"
        if whole and (isinstance(step, SaveStep) or step.way.startswith(SAVE_AGAIN)):
            artifact = self._session.artifacts.add(task.artifact).digest
        self._session.database.put(
            key=step.key, subject=step.subject, parts=dict(step.parts), data=data, artifact=artifact
        )


def _bridge_task(step: LoadStep, folder: Path, inputs: Path, source: Path) -> TaskRequest:
    artifact = folder / "artifact"
    artifact.mkdir()
    return TaskRequest(
        kind="save",
        recipe=step.save.recipe,
        format=Format(step.way.removeprefix(SAVE_AGAIN)),
        artifact=artifact,
        folder=folder,
        inputs=inputs,
        source=source,
        source_format=step.save.format,
    )


def _another_route(step: Step) -> bool:
    """A first load that takes a shared process down is asked again alone; another route is not.

    At worst a remedy is missed, never one made up, and a hang costs its time limit once.
    """
    return isinstance(step, LoadStep) and step.way != AS_IS


def _killed(step: Step, ended: BatchEnded) -> dict[str, Any]:
    """Evidence about a task whose process did not live to write any."""
    ending = ended.ending if ended.ending is not Ending.DONE else Ending.CRASHED
    return {
        "kind": "save" if isinstance(step, SaveStep) else "load",
        "ending": str(ending),
        "stage": ended.stage,
        "signal": ended.signal,
        "seconds": 0.0,
    }


def _read(path: Path) -> dict[str, Any] | None:
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, Any] = json.loads(path.read_bytes())
        return found
    return None


def _tail(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace")[-LOG_TAIL:]
    return ""
