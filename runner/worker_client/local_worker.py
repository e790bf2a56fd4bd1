"""A worker in a virtual environment on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner import child_processes
from runner.environment_variables import worker_variables
from runner.model.evidence import Ending, Stage
from runner.worker_client.pending import Pending
from runner.worker_client.starting import first_message, message_in, ready_from_json, start_failed
from runner.worker_client.worker_protocol import BatchEnded, StartFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.matrix import Environment, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Ready, TaskRequest

GRACE = 30.0  # seconds after which a silent zygote counts as hung
LOG_TAIL = 4000  # characters
CLOSE_SECONDS = 2.0  # for a zygote to end by itself when its input closes
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
        self._pending = Pending()
        self._writing = threading.Lock()
        self._closing = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._inline = mode == "inline"
        try:
            self._process = child_processes.start(
                (python, "-I", "-c", BOOT, bundle.folder, mode, self._log),
                env=worker_variables(environment, home),
                cwd=folder,
                errors=self._log,
            )
        except OSError as error:
            raise StartFailed(f"{python} does not start: {error}") from error
        try:
            self.ready = self._wait_until_ready(limits.start_seconds)
        except BaseException:
            self.close()
            raise
        self._listener.start()

    def _wait_until_ready(self, seconds: float) -> Ready:
        assert self._process.stdout is not None  # noqa: S101 - child_processes.start pipes it
        with (
            child_processes.Alarm(seconds, self._kill) as alarm,
            child_processes.ended_by_interrupt(self._kill),
        ):
            message, stray = first_message(self._process.stdout.readline)
        if stray.strip():
            with self._log.open("ab") as log:
                log.write(stray)
        ready = ready_from_json(message) if message.get("event") == "ready" else None
        if ready is None or alarm.fired:
            raise start_failed(message, seconds if alarm.fired else None, self.log_tail())
        return ready

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in one child; see ``protocol.Worker``."""
        sent = self._pending.add(tasks)
        if sent is None:
            return BatchEnded.unsent()
        request = {
            "batch": sent.number,
            "tasks": [task_json(task) for task in tasks],
            "seconds": limits.cell_seconds,
            "memory_mb": limits.memory_mb,
        }
        # The zygote itself may hang, with its input full: the limit includes the writing.
        with child_processes.Alarm(limits.cell_seconds * len(tasks) + GRACE, self._kill) as alarm:
            if not self._send(request) and self._pending.pop(sent.number) is not None:
                return BatchEnded.unsent()
            sent.event.wait()
        return sent.ended or self._lost(tasks, hung=alarm.fired)

    def _send(self, request: dict[str, Any]) -> bool:
        """Write a request. False where nobody can have read it: the process has ended.

        Not under the lock of ``_pending``, which ``_listen`` needs: with both pipes full, writer
        and reader would wait for one another.
        """
        stream = self._process.stdin
        assert stream is not None  # noqa: S101 - child_processes.start pipes it
        line = json.dumps(request).encode() + b"\n"
        try:
            with self._writing:
                stream.write(line)
                stream.flush()
        except (OSError, ValueError):  # ValueError: closed meanwhile
            return False
        return True

    def _listen(self) -> None:
        """Hand out endings until the process says no more, or something that is not one."""
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - child_processes.start pipes it
        for line in stream:
            message = message_in(line) or {}
            sent = self._pending.pop(message.get("batch"))
            ended = ended_from_json(message)
            if sent is None:
                break
            sent.end(ended)
            if ended is None:
                break
        self._pending.refuse()
        self._kill()
        self._reap()
        stream.close()
        for sent in self._pending.close():
            sent.end(None)

    def _reap(self) -> None:
        with contextlib.suppress(Exception):
            self._process.wait(timeout=child_processes.REAP_SECONDS)

    def _kill(self) -> None:
        child_processes.kill(self._process)

    def _lost(self, tasks: Sequence[TaskRequest], *, hung: bool) -> BatchEnded:
        """Say that the process which serves the batches is gone.

        Inline, a task took it along, unless we ended it; a zygote computes nothing, so its end
        says nothing about one.
        """
        code = self._process.poll()
        number = -code if code is not None and code < 0 else None
        hung = hung or (self._inline and number == getattr(signal, "SIGALRM", None))
        return BatchEnded(
            ending=Ending.HUNG if hung else Ending.CRASHED,
            task=_last_started(tasks),
            stage="import",
            signal=None if hung else number,
            lost=self._closing or not self._inline,
        )

    @property
    def alive(self) -> bool:
        """Whether it can still serve."""
        return not self._pending.closed and self._process.poll() is None

    def log_tail(self) -> str:
        """Return the end of what the environment printed while it was imported."""
        with contextlib.suppress(OSError):
            return self._log.read_text("utf-8", "replace")[-LOG_TAIL:]
        return ""

    def close(self) -> None:
        """End the zygote: it kills its children when its input closes; then make sure."""
        self._closing = True
        self._pending.refuse()
        # A writer that waits for a full pipe holds the lock until the process is killed.
        if self._hang_up():
            with contextlib.suppress(Exception):
                self._process.wait(timeout=CLOSE_SECONDS)
        child_processes.end(self._process)
        self._hang_up()
        if self._listener.is_alive():
            self._listener.join(CLOSE_SECONDS)  # it closes what it reads
        elif self._process.stdout is not None:
            self._process.stdout.close()

    def _hang_up(self) -> bool:
        """Close the worker's input; False where a writer does not let go of it."""
        if not self._writing.acquire(timeout=CLOSE_SECONDS):
            return False
        try:
            with contextlib.suppress(OSError, ValueError):
                if self._process.stdin is not None:
                    self._process.stdin.close()
        finally:
            self._writing.release()
        return True


def _last_started(tasks: Sequence[TaskRequest]) -> int:
    """Return the first task without evidence: where a batch was when nobody can tell any more."""
    for index, task in enumerate(tasks):
        if not (task.folder / "evidence.json").exists():
            return index
    return max(0, len(tasks) - 1)


def ended_from_json(message: dict[str, Any]) -> BatchEnded | None:
    """How a zygote says that a batch ended; None where the message is malformed."""
    number = message.get("signal")
    try:
        return BatchEnded(
            ending=Ending(message["ending"]),
            task=int(message.get("task", 0)),
            stage=str(Stage(message.get("stage", "done"))),
            signal=None if number is None else int(number),
        )
    except (KeyError, TypeError, ValueError):
        return None


def task_json(task: TaskRequest) -> dict[str, Any]:
    """Return a task as the zygote takes it."""
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
        "own": task.own,
        "inputs": str(task.inputs) if task.inputs else None,
        "foreign": asdict(task.external) if task.external else None,
        "source": str(task.source) if task.source else None,
        "script": asdict(task.script) if task.script else None,
    }
