"""The one door to processes: argv tuples, own process group, killed whole, output in a log."""

from __future__ import annotations

import contextlib
import contextvars
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

Process = subprocess.Popen[bytes]
Item = TypeVar("Item")
Made = TypeVar("Made")
REAP_SECONDS = 10.0  # for the kernel to end a killed process; one in state D may never end


class Interrupt:
    """Ends, once set, what was started under it, and at once what is started later.

    ``run`` makes it the current one for a call and all that the call starts. An interrupt that is
    made under another one is set together with it, and never the other way round.
    """

    def __init__(self) -> None:
        self._parent = _current.get()
        self._lock = threading.Lock()
        self._set = False
        self._ends: dict[object, Callable[[], None]] = {}

    def run(self, call: Callable[[], Made]) -> Made:
        """Return what ``call`` returns, with this interrupt as the current one."""
        return contextvars.copy_context().run(self._enter, call)

    def _enter(self, call: Callable[[], Made]) -> Made:
        _current.set(self)
        return call()

    def is_set(self) -> bool:
        """Whether this interrupt, or one that it was made under, has been set."""
        return self._set or (self._parent is not None and self._parent.is_set())

    def set(self) -> None:
        """Call what ``ends`` registered, here and in interrupts made under this one."""
        with self._lock:
            self._set = True
            ends = list(self._ends.values())
        for end in ends:
            end()

    @contextmanager
    def ends(self, end: Callable[[], None]) -> Iterator[None]:
        """While the block runs, ``end`` is called when this interrupt is set.

        If it is set already, ``end`` is called at once: nothing can begin between the two.
        """
        token = object()
        with contextlib.ExitStack() as stack:
            if self._parent is not None:
                stack.enter_context(self._parent.ends(end))
            with self._lock:
                self._ends[token] = end
                late = self._set
            stack.callback(self._forget, token)
            if late:
                end()
            yield

    def _forget(self, token: object) -> None:
        with self._lock:
            self._ends.pop(token, None)


_current: contextvars.ContextVar[Interrupt | None] = contextvars.ContextVar(
    "interrupt", default=None
)


@contextmanager
def ended_by_interrupt(end: Callable[[], None]) -> Iterator[None]:
    """While the block runs, ``end`` is called when the current interrupt is set."""
    current = _current.get()
    with current.ends(end) if current is not None else contextlib.nullcontext():
        yield


def interrupted() -> bool:
    """Whether the current interrupt has been set."""
    current = _current.get()
    return current is not None and current.is_set()


class Alarm:
    """Call ``action`` once when the block takes longer than ``seconds``; see ``fired``."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._action = action
        self._lock = threading.Lock()
        self._over = False
        self.fired = False  # after the block: whether the limit ended it
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def _fire(self) -> None:
        with self._lock:
            if self._over:
                return
            self.fired = True
        self._action()


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """How a process ended. ``code`` is None when it was killed for time."""

    code: int | None
    output: str

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.code == 0


def run(
    argv: Sequence[str | Path],
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
) -> Completed:
    """Run to the end, or kill the whole group after ``seconds``; stdout and stderr together.

    With ``log`` the output is appended there as it comes, after a line with the command.
    Raises OSError when the program cannot be started.
    """
    command = tuple(str(part) for part in argv)
    if interrupted():
        return Completed(code=None, output="interrupted")
    with _output(log, command) as stream:
        begin = stream.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        with ended_by_interrupt(partial(kill, process)):
            code = _wait(process, seconds)
        output = _written(stream, begin).decode("utf-8", "replace")
    return Completed(code=code, output=output)


@contextmanager
def _output(log: Path | None, command: Sequence[str]) -> Iterator[IO[bytes]]:
    """Yield the file that takes the output.

    A file and not a pipe: a pipe ends only when everything that inherited it has ended, which a
    daemon that the command started never does.
    """
    if log is None:
        with tempfile.TemporaryFile() as stream:
            yield stream
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+b") as stream:
        stream.write(f"$ {shlex.join(command)}\n".encode())
        stream.flush()
        yield stream


def _written(stream: IO[bytes], begin: int) -> bytes:
    """Return what was written from ``begin`` on.

    The position stays, since processes may share it.
    """
    found = b""
    while part := os.pread(stream.fileno(), 1 << 20, begin + len(found)):
        found += part
    return found


def _wait(process: Process, seconds: float) -> int | None:
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        end(process)
        return None
    except BaseException:
        end(process)
        raise


def side_by_side(
    work: Callable[[Item], Made], items: Iterable[Item], *, threads: int
) -> list[Made]:
    """Return what ``work`` makes of every item, in order, some of them at a time.

    An interrupt, or an exception in one of them, ends the processes that ``run`` waits for, and
    only then is it raised: nobody waits minutes for a build that nobody wants any more.
    """
    interrupt = Interrupt()
    pool = ThreadPoolExecutor(max_workers=threads)
    try:
        futures = [pool.submit(interrupt.run, partial(work, item)) for item in items]
        for future in wait(futures, return_when=FIRST_EXCEPTION).done:
            future.result()
        return [future.result() for future in futures]
    except BaseException:
        interrupt.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def start(
    argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, errors: Path
) -> Process:
    """Start a process that is talked to on stdin and stdout; stderr goes to the file ``errors``.

    It is the head of a session of its own, so that a Ctrl-C for us is not one for it.
    """
    with errors.open("ab") as stream:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def kill(process: Process) -> None:
    """Kill a process and its whole group; nothing happens when it is gone already."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def end(process: Process) -> None:
    """Kill a process with its group, and wait for its end, but never without a limit."""
    kill(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=REAP_SECONDS)


def attach(argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path | None = None) -> int:
    """Run in the foreground on this terminal (a user's shell); return its exit code."""
    return subprocess.run(
        [str(part) for part in argv], env=dict(env), cwd=cwd, check=False
    ).returncode
