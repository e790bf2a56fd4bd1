"""A worker in a virtual environment on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner import process
from runner.environment_variables import worker_variables
from runner.model.evidence import Ending
from runner.worker_client.evidence_reader import failure_from_json
from runner.worker_client.worker_protocol import BatchEnded, Ready, StartFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.matrix import Environment, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import TaskRequest

GRACE = 30.0  # seconds after which a silent zygote counts as hung
LOG_TAIL = 4000  # characters
BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from kmatrix_worker import zygote; sys.exit(zygote.main(sys.argv[1:]))"  # noqa: E501


def can_fork() -> bool:
    """Whether forking after an import is safe here. macOS kills such children by default."""
    return hasattr(os, "fork") and sys.platform != "darwin"


class LocalWorker:
    """One process that imports Keras once and forks for each batch; see ``worker/zygote.py``.

    With ``mode="inline"`` it runs its batches itself, without isolation.
    Raises StartFailed when the environment cannot import its Keras.
    """

    def __init__(
        self,
        *,
        environment: Environment,
        python: Path,
        bundle: Bundle,
        folder: Path,
        limits: Limits,
        mode: str = "fork",
    ) -> None:
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        self._log = folder / "worker.log"
        self._log.unlink(missing_ok=True)
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[threading.Event, dict[str, Any]]] = {}
        self._next = 0
        self._gone = False
        self._inline = mode == "inline"
        try:
            self._process = process.start(
                (python, "-I", "-c", BOOT, bundle.folder, mode, self._log),
                env=worker_variables(environment, home),
                cwd=folder,
                errors=self._log,
            )
        except OSError as error:
            raise StartFailed(f"{python} does not start: {error}") from error
        self.ready = self._wait_until_ready(limits.start_seconds)
        threading.Thread(target=self._listen, daemon=True).start()

    def _wait_until_ready(self, seconds: float) -> Ready:
        alarm = threading.Timer(seconds, process.kill, [self._process])
        alarm.daemon = True
        alarm.start()
        line = self._process.stdout.readline() if self._process.stdout else b""
        timed_out = not alarm.is_alive()
        alarm.cancel()
        message = json.loads(line) if line else {}
        if message.get("event") == "ready":
            return ready_from_json(message)
        self.close()
        raise start_failed(message, seconds if timed_out else None, self.log_tail())

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in one child; see ``protocol.Worker``."""
        event = threading.Event()
        box: dict[str, Any] = {}
        with self._lock:
            if self._gone:
                return self._lost()
            self._next += 1
            number = self._next
            self._waiting[number] = (event, box)
            request = {
                "batch": number,
                "tasks": [task_json(task) for task in tasks],
                "seconds": limits.cell_seconds,
                "memory_mb": limits.memory_mb,
            }
            self._send(request)
        if not event.wait(limits.cell_seconds * len(tasks) + GRACE):
            process.kill(self._process)  # the zygote itself hangs
            return BatchEnded(
                ending=Ending.HUNG,
                task=_last_started(tasks),
                stage="import",
                lost=not self._inline,
            )
        return BatchEnded(**box["ended"]) if box else self._lost(tasks)

    def _send(self, request: dict[str, Any]) -> None:
        stream = self._process.stdin
        with contextlib.suppress(BrokenPipeError, ValueError):
            if stream is not None:
                stream.write(json.dumps(request).encode() + b"\n")
                stream.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        for line in stream or ():
            message = json.loads(line)
            with self._lock:
                event, box = self._waiting.pop(message["batch"])
            box["ended"] = {
                "ending": Ending(message["ending"]),
                "task": message.get("task", 0),
                "stage": message.get("stage", "done"),
                "signal": message.get("signal"),
            }
            event.set()
        with self._lock:
            self._gone = True
            for event, _ in self._waiting.values():
                event.set()
            self._waiting.clear()

    def _lost(self, tasks: Sequence[TaskRequest] = ()) -> BatchEnded:
        """Say that the process which serves the batches is gone.

        Inline, a task took it along; a zygote computes nothing, so its end says nothing about one.
        """
        code = self._process.poll()
        number = -code if code is not None and code < 0 else None
        return BatchEnded(
            ending=Ending.CRASHED,
            task=_last_started(tasks),
            stage="import",
            signal=number,
            lost=not self._inline,
        )

    @property
    def alive(self) -> bool:
        """Whether it can still serve."""
        return not self._gone and self._process.poll() is None

    def log_tail(self) -> str:
        """The end of what the environment printed while it was imported."""
        with contextlib.suppress(OSError):
            return self._log.read_text("utf-8", "replace")[-LOG_TAIL:]
        return ""

    def close(self) -> None:
        """End the zygote: it kills its children when its input closes; then make sure."""
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(Exception):
            self._process.wait(timeout=2)
        process.kill(self._process)
        with contextlib.suppress(Exception):
            self._process.wait(timeout=10)


def _last_started(tasks: Sequence[TaskRequest]) -> int:
    """The first task without evidence: where a batch was when nobody can tell any more."""
    for index, task in enumerate(tasks):
        if not (task.folder / "evidence.json").exists():
            return index
    return max(0, len(tasks) - 1)


def ready_from_json(message: dict[str, Any]) -> Ready:
    """A zygote's first words."""
    return Ready(
        seconds=message["seconds"],
        versions=tuple(sorted(message["versions"].items())),
        packages=tuple(sorted(message["packages"].items())),
    )


def start_failed(message: dict[str, Any], too_long: float | None, log: str) -> StartFailed:
    """Why a zygote did not become ready. ``too_long``: the limit in seconds that it overran."""
    failure = failure_from_json(message["failure"]) if "failure" in message else None
    if failure is not None:
        reason = f"its Keras does not import: {failure.type}: {failure.innermost}"
    elif too_long is not None:
        reason = f"its Keras was not imported within {too_long:g} s"
    else:
        reason = "its interpreter died while importing Keras"
    return StartFailed(reason, failure, log)


def task_json(task: TaskRequest) -> dict[str, Any]:
    """A task as the zygote takes it."""
    return {
        "kind": task.kind,
        "recipe": {
            "name": task.recipe.name,
            "module": task.recipe.module,
            "path": None if task.recipe.module else str(task.recipe.path.resolve()),
        },
        "format": str(task.format),
        "artifact": str(task.artifact),
        "scratch": str(task.folder),
        "out": str(task.folder / "evidence.json"),
        "log": str(task.folder / "log.txt"),
        "way": task.way,
        "thorough": task.thorough,
        "inputs": str(task.inputs) if task.inputs else None,
        "foreign": asdict(task.foreign) if task.foreign else None,
        "source": str(task.source) if task.source else None,
        "source_format": str(task.source_format) if task.source_format else None,
    }
