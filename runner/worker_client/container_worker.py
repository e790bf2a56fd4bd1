"""A worker in a sandboxed container; the same zygote and protocol as on this machine."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from typing import IO, TYPE_CHECKING, Any

from runner import child_processes
from runner.docker import containers
from runner.docker.engine_errors import EngineError
from runner.docker.sandbox import ROOM, Sandbox
from runner.environment_variables import container_variables
from runner.model.evidence import Ending
from runner.paths import WORKER
from runner.worker_client import tar_transfer as parcel
from runner.worker_client.bundle import PACKAGE
from runner.worker_client.local_worker import GRACE, LOG_TAIL, ended_from_json, task_json
from runner.worker_client.pending import Pending
from runner.worker_client.starting import first_message, message_in, ready_from_json, start_failed
from runner.worker_client.worker_protocol import BatchEnded, StartFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from runner.docker.connection import Engine
    from runner.model.matrix import Environment, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.pending import Sent
    from runner.worker_client.worker_protocol import Ready, TaskRequest

AGENT = WORKER / "agent.py"
MOST_RESULTS = 4 << 30  # bytes that are taken from one batch
ENVIRONMENT = "org.kmatrix.environment"


class ContainerWorker:
    """One container of one environment. Raises StartFailed when none can be started.

    Files go in and out over the connection to the Engine, so that the Engine may be anywhere.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        environment: Environment,
        image: str,
        python: str,
        bundle: Bundle,
        limits: Limits,
        sandbox: Sandbox,
    ) -> None:
        self._pending = Pending()
        self._closed = False
        self._share = sandbox.scratch_mb * (1 << 20) // 2  # of the scratch: two batches at a time
        try:
            self._container = containers.start(
                engine,
                image,
                [python, "-I", "-c", AGENT.read_text("utf-8")],
                sandbox=sandbox,
                variables=container_variables(environment, ROOM),
                labels={ENVIRONMENT: environment.id},
            )
        except EngineError as error:
            raise StartFailed(str(error), unavailable=True) from error
        try:
            self.ready = self._wait_until_ready(bundle, limits.start_seconds)
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._listen, daemon=True).start()

    def _wait_until_ready(self, bundle: Bundle, seconds: float) -> Ready:
        remove = self._container.remove
        message: dict[str, Any] = {}
        stray = b""
        with (
            child_processes.Alarm(seconds, remove) as alarm,
            child_processes.ended_by_interrupt(remove),
            contextlib.suppress(OSError, ValueError),
            parcel.packed(_code(bundle)) as code,
        ):
            self._send({"start": "fork"}, code)
            message, stray = first_message(self._container.stream.output.readline)
        ready = ready_from_json(message) if message.get("event") == "ready" else None
        if ready is not None and not alarm.fired:
            return ready
        said = stray + self._container.stream.errors
        log = str(message.get("log") or said.decode("utf-8", "replace"))[-LOG_TAIL:]
        if self._container.ended().memory:
            raise StartFailed("its Keras takes more memory than the sandbox has", log=log)
        raise start_failed(message, seconds if alarm.fired else None, log)

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in one child; see ``protocol.Worker``."""
        sent = self._pending.add(tasks)
        if sent is None:
            return BatchEnded.unsent()
        request = {
            "batch": sent.number,
            "tasks": [self._mapped(task, sent.number, index) for index, task in enumerate(tasks)],
            "seconds": limits.cell_seconds,
            "memory_mb": limits.memory_mb,
        }
        limit = limits.cell_seconds * len(tasks) + GRACE
        # The zygote may hang, or the Engine; the limit includes what is sent to it.
        with child_processes.Alarm(limit, self._container.remove) as alarm:
            if not self._send_batch(request, sent) and self._pending.pop(sent.number) is not None:
                return BatchEnded.unsent()
            sent.event.wait()
        return sent.ended or _lost(memory=False, hung=alarm.fired)

    def _send_batch(self, request: dict[str, Any], sent: Sent) -> bool:
        """Send a request with its files. False where the container has hung up before."""
        with parcel.packed(_files(sent.tasks)) as content:
            sent.bytes = parcel.size(content)
            try:
                self._send(request, content)
            except OSError:
                self._container.remove()  # a part of it may have arrived: the next would not fit
                return False
        return True

    @staticmethod
    def _mapped(task: TaskRequest, batch: int, index: int) -> dict[str, Any]:
        """Return the task's JSON with every path as it is in the container."""
        inside = f"{ROOM}/b{batch}/{index}"
        places = {
            str(task.artifact): f"{inside}/artifact",
            str(task.inputs): f"{inside}/inputs.json",
            str(task.source): f"{inside}/source",
            str(task.recipe.path.resolve()): f"{inside}/recipe.py",
            str(task.folder): inside,
        }

        def mapped(value: Any) -> Any:  # noqa: ANN401 - any JSON
            if isinstance(value, dict):
                return {key: mapped(item) for key, item in value.items()}
            if not isinstance(value, str):
                return value
            for outside, place in places.items():
                if value == outside or value.startswith((outside + "/", outside + "\\")):
                    return place + value[len(outside) :].replace("\\", "/")
            return value

        found: dict[str, Any] = mapped(task_json(task))
        return found

    def _send(self, message: dict[str, Any], content: IO[bytes]) -> None:
        line = json.dumps({**message, "tar": parcel.size(content)}).encode() + b"\n"
        self._container.stream.send((line, *parcel.chunks(content)))

    def _message(self) -> dict[str, Any] | None:
        line = self._container.stream.output.readline()
        return message_in(line) if line.endswith(b"\n") else None

    def _listen(self) -> None:
        """Hand out endings until the container says no more."""
        try:
            while (message := self._message()) is not None and message["event"] == "ended":
                with tempfile.SpooledTemporaryFile(max_size=parcel.IN_MEMORY) as content:
                    self._receive(message["tar"], content)
                    self._end(message, content)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not the agent's language: whatever speaks there is not to be trusted any more
        finally:
            self._end_rest()

    def _end_rest(self) -> None:
        """End what the container leaves unanswered, whatever ended the listening."""
        left = self._pending.close()
        memory = not self._closed and bool(left) and self._container.ended().memory
        for sent in left:
            # None: lost; whoever waits knows whether its own limit was the reason.
            sent.end(_lost(memory=True) if memory and len(left) == 1 else None)

    def _receive(self, size: int, content: IO[bytes]) -> None:
        if not 0 <= size <= MOST_RESULTS:
            raise ValueError(size)
        while size:
            data = self._container.stream.output.read(min(size, parcel.CHUNK))
            if not data:
                raise OSError("the container hung up")
            content.write(data)
            size -= len(data)

    def _end(self, message: dict[str, Any], content: IO[bytes]) -> None:
        sent = self._pending.pop(message["batch"])
        if sent is None:
            raise KeyError(message["batch"])
        ended = None
        try:
            ended = self._taken(sent, message, content)
        finally:
            sent.end(ended)

    def _taken(self, sent: Sent, message: dict[str, Any], content: IO[bytes]) -> BatchEnded | None:
        """Take a batch's results; None where they say nothing about it."""
        if message["ending"] == "full":
            if sent.bytes < self._share:
                self._pending.refuse()  # filled by an earlier task: says nothing about this one
                return None
            _note(sent.tasks[0], f"its files do not fit the sandbox: {message['reason']}")
            message["ending"] = Ending.MEMORY
        if message.get("full"):
            self._pending.refuse()  # what lies there would be in the way of others
            if message["full"] != "own":
                return None
            message["ending"] = Ending.MEMORY
        _take(sent.tasks, content)
        if message.get("full"):
            _forget(sent.tasks)
        return ended_from_json({"stage": "import", **message})

    @property
    def alive(self) -> bool:
        """Whether it can still serve."""
        return not self._pending.closed

    def close(self) -> None:
        """Remove the container, with all that runs in it."""
        self._closed = True
        self._pending.refuse()
        self._container.remove()


def _code(bundle: Bundle) -> Iterable[tuple[Path, str]]:
    yield bundle.folder / PACKAGE, PACKAGE


def _files(tasks: Sequence[TaskRequest]) -> Iterable[tuple[Path, str]]:
    """Yield what the tasks read, under the names it has in a batch's folder."""
    for index, task in enumerate(tasks):
        yield task.artifact.resolve(), f"{index}/artifact"
        if task.inputs is not None:
            yield task.inputs, f"{index}/inputs.json"
        if task.source is not None:
            yield task.source.resolve(), f"{index}/source"
        if task.recipe.module is None:
            yield task.recipe.path.resolve(), f"{index}/recipe.py"


def _take(tasks: Sequence[TaskRequest], content: IO[bytes]) -> None:
    """Results into the tasks' own folders; what is refused is said in the first task's log."""
    with tempfile.TemporaryDirectory(prefix="kmatrix-", dir=tasks[0].folder) as name:
        staging = tasks[0].folder / name
        kept = ("evidence.json", "log.txt")
        wanted = {f"{index}/{item}" for index in range(len(tasks)) for item in kept}
        wanted |= {f"{n}/artifact" for n, task in enumerate(tasks) if task.kind == "save"}
        refused = parcel.unpack(content, staging, frozenset(wanted), limit=MOST_RESULTS)
        for index, task in enumerate(tasks):
            for item in kept:
                with contextlib.suppress(OSError):
                    (staging / str(index) / item).replace(task.folder / item)
            if (staging / str(index) / "artifact").is_dir():
                shutil.rmtree(task.artifact, ignore_errors=True)
                (staging / str(index) / "artifact").rename(task.artifact)
        for reason in refused:
            _note(tasks[0], f"refused from the container: {reason}")


def _forget(tasks: Sequence[TaskRequest]) -> None:
    """Evidence of tasks that had no room tells nothing of Keras."""
    for task in tasks:
        (task.folder / "evidence.json").unlink(missing_ok=True)
        _note(task, "the scratch of the sandbox was full")


def _note(task: TaskRequest, text: str) -> None:
    with (task.folder / "log.txt").open("a", encoding="utf-8") as log:
        log.write(f"kmatrix: {text}\n")


def _lost(*, memory: bool, hung: bool = False) -> BatchEnded:
    """Return the container ended under a batch.

    A zygote computes nothing, so that tells nothing; unless the kernel had to kill for memory
    that this batch alone can have taken.
    """
    ending = Ending.MEMORY if memory else Ending.HUNG if hung else Ending.CRASHED
    return BatchEnded(ending=ending, task=0, stage="import", lost=not memory)
