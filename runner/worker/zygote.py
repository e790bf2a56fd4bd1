"""The zygote: imports Keras once, then forks a child for each batch of tasks, and never computes.

Protocol: JSON lines on a private copy of stdin and stdout. The interpreter may have printed lines
of its own before the first message; the host skips them.
In:  {"batch": id, "tasks": [...], "seconds": limit per task, "memory_mb": limit}
Out: {"event": "ready", ...} or {"event": "failed", ...} once, then for each batch
     {"event": "ended", "batch": id, "ending": done|crashed|hung|memory, "task": index that ran
      last, "stage": ..., "signal": ...}
"""

import functools
import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from typing import Any, Dict, List, Optional, Tuple

from . import PROTOCOL, api, process, task, versions
from .aliases import Json

TICK = 0.2  # seconds between looks at memory and deadlines
SAYING = 0.5  # seconds that a process which hangs has to say where


class Child:
    """A forked child, and what it last said."""

    def __init__(self, request: Json, pid: int, pipe: int) -> None:
        self.batch = request["batch"]
        self.seconds = request["seconds"]
        self.memory = request["memory_mb"] * 1024 * 1024
        self.pid = pid
        self.pipe = pipe
        self.task = 0
        self.stage = "import"
        self.deadline = time.monotonic() + self.seconds
        self.killed: Optional[str] = None
        self.status: Optional[int] = None  # of waitpid, once it was reaped
        self._rest = b""

    def hear(self) -> bool:
        """Take in what the child wrote: ``index stage`` a line. False at its end."""
        data = os.read(self.pipe, 65536)
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            index, stage = line.decode("ascii").split(" ", 1)
            if int(index) != self.task:
                self.deadline = time.monotonic() + self.seconds
            self.task, self.stage = int(index), stage
        return bool(data)

    def check(self) -> None:
        """Kill it when it is over a limit."""
        if self.killed is None and time.monotonic() > self.deadline:
            self.kill("hung")
        elif self.killed is None and process.resident(self.pid) > self.memory:
            self.kill("memory")

    def kill(self, why: str) -> None:
        self.killed = why
        if why == "hung":
            self._say_where()
        for target in (-self.pid, self.pid):
            try:
                os.kill(target, signal.SIGKILL)
            except OSError:
                pass

    def _say_where(self) -> None:
        """Let faulthandler write to the log where it hangs; one that is stuck says nothing."""
        try:
            os.kill(self.pid, signal.SIGABRT)
        except OSError:
            return
        until = time.monotonic() + SAYING
        while time.monotonic() < until and not self.over():
            time.sleep(0.01)

    def over(self) -> bool:
        """Whether it has exited, although something it left behind still holds its pipe."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                while select.select([self.pipe], [], [], 0)[0] and self.hear():
                    pass  # what it said last
        return self.status is not None

    def ended(self) -> Json:
        """Reap it; the message for the host."""
        status = os.waitpid(self.pid, 0)[1] if self.status is None else self.status
        os.close(self.pipe)
        try:
            os.kill(-self.pid, signal.SIGKILL)  # whatever it started and left behind
        except OSError:
            pass
        ours = self.killed is not None  # the signal that ended it tells nothing about it
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) and not ours else None
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        ending = self.killed or ("done" if code == 0 else "crashed")
        return {
            "event": "ended",
            "batch": self.batch,
            "ending": ending,
            "task": self.task,
            "stage": self.stage,
            "signal": number,
            "exit": code,
        }


class Zygote:
    def __init__(self, k: api.Keras, source: int, sink: int) -> None:
        self.k = k
        self.source = source
        self.sink = sink
        self.children: Dict[int, Child] = {}
        self._rest = b""

    def say(self, message: Json) -> None:
        os.write(self.sink, (json.dumps(message) + "\n").encode("utf-8"))

    def serve(self) -> None:
        """Until the host closes its end; then kill what still runs."""
        open_ = True
        while open_:
            waiting = [self.source] + list(self.children)
            ready = select.select(waiting, [], [], TICK if self.children else None)[0]
            for handle in ready:
                if handle == self.source:
                    open_ = self._requests()
                elif not self.children[handle].hear():
                    self.say(self.children.pop(handle).ended())
            for handle, child in list(self.children.items()):
                child.check()
                if child.over():
                    del self.children[handle]
                    self.say(child.ended())
        for child in self.children.values():
            child.kill("hung")

    def _requests(self) -> bool:
        data = os.read(self.source, 1 << 20)
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._fork(json.loads(line.decode("utf-8")))
        return bool(data)

    def _fork(self, request: Json) -> None:
        reading, writing = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            os.close(writing)
            self.children[reading] = Child(request, pid, reading)
            return
        code = 1
        try:
            process.own_group()
            process.die_with_parent(parent)
            process.die_first()
            os.close(self.source)
            os.close(self.sink)
            for other in self.children:
                os.close(other)
            os.close(reading)
            process.limit_memory(request["memory_mb"])
            run_batch(self.k, request["tasks"], writing)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def run_batch(k: api.Keras, tasks: List[Json], pipe: Optional[int]) -> None:
    """Run the tasks one after the other in this process; between them, forget everything."""
    api.turn_eager_off(k.tf)
    seen: Dict[str, Any] = {}
    for index, data in enumerate(tasks):
        if index:
            k.clear()
        one = task.Task(data)
        process.log_to(one.log)
        _tell(pipe, index, "import")
        task.run(k, one, functools.partial(_tell, pipe, index), seen)


def _tell(pipe: Optional[int], index: int, stage: str) -> None:
    if pipe is not None:
        os.write(pipe, f"{index} {stage}\n".encode("ascii"))


def _start(log: str) -> Tuple[Optional[api.Keras], int, int]:
    """Take stdin and stdout for the protocol, send everything else to the log, import Keras."""
    source, sink = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    process.log_to(log)
    os.write(sink, b"\n")  # ends what the interpreter may have printed while it started
    started = time.monotonic()
    try:
        k = api.import_keras()
    except BaseException as error:
        from . import capture

        _say(sink, {"event": "failed", "failure": capture.failure(error)})
        return None, source, sink
    if hasattr(gc, "freeze"):
        gc.collect()
        gc.freeze()  # children neither walk nor copy the framework's objects
    _say(
        sink,
        {
            "event": "ready",
            "protocol": PROTOCOL,
            "seconds": round(time.monotonic() - started, 3),
            "versions": dict(versions.imported(), keras=k.version_text),
            "packages": versions.packages(),
            "backend": k.backend,
            "fork": hasattr(os, "fork"),
        },
    )
    return k, source, sink


def _say(sink: int, message: Json) -> None:
    os.write(sink, (json.dumps(message) + "\n").encode("utf-8"))


def main(arguments: List[str]) -> int:
    """``fork LOG``: serve batches. ``inline LOG``: run batches in this very process."""
    mode, log = arguments
    k, source, sink = _start(log)
    if k is None:
        return 1
    if mode == "fork":
        Zygote(k, source, sink).serve()
        return 0
    with os.fdopen(source, "rb") as requests:
        for line in requests:
            request = json.loads(line.decode("utf-8"))
            process.limit_memory(request["memory_mb"])
            process.limit_time(request["seconds"] * len(request["tasks"]))
            run_batch(k, request["tasks"], None)
            process.limit_time(0)
            message = {"event": "ended", "batch": request["batch"], "ending": "done"}
            _say(sink, message)
    return 0
