"""The one door to processes: argv tuples, own process group, killed whole, output in a log."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Process = subprocess.Popen[bytes]
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
_running: set[Process] = set()
_interrupted = threading.Event()


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
    if _interrupted.is_set():
        return Completed(code=None, output="interrupted")
    if log is None:
        return _run_captured(command, seconds=seconds, env=env, cwd=cwd)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        stream.write(f"$ {shlex.join(command)}\n".encode())
        stream.flush()
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
        with _known(process):
            code = _wait(process, seconds)
    with log.open("rb") as stream:
        stream.seek(begin)
        output = stream.read().decode("utf-8", "replace")
    return Completed(code=code, output=output)


def _run_captured(
    command: tuple[str, ...],
    *,
    seconds: float,
    env: Mapping[str, str] | None,
    cwd: Path | None,
) -> Completed:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
    )
    with _known(process):
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            kill(process)
            output, _ = process.communicate()
            return Completed(code=None, output=output.decode("utf-8", "replace"))
        except BaseException:
            kill(process)
            raise
    return Completed(code=process.returncode, output=output.decode("utf-8", "replace"))


def _wait(process: Process, seconds: float) -> int | None:
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        process.wait()
        return None
    except BaseException:
        kill(process)
        process.wait()
        raise


@contextmanager
def _known(process: Process) -> Iterator[None]:
    """While a process is waited for, an interrupt of ``side_by_side`` ends it."""
    _running.add(process)
    try:
        yield
    finally:
        _running.discard(process)


def side_by_side(
    work: Callable[[Item], Outcome], items: Iterable[Item], *, threads: int
) -> list[Outcome]:
    """What ``work`` makes of every item, in order, some of them at a time.

    An interrupt, or an exception in one of them, ends the processes that ``run`` waits for, and
    only then is it raised: nobody waits minutes for a build that nobody wants any more.
    """
    pool = ThreadPoolExecutor(max_workers=threads)
    try:
        return list(pool.map(work, items))
    except BaseException:
        _interrupted.set()
        for process in tuple(_running):
            kill(process)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        _interrupted.clear()


def interrupted() -> bool:
    """Whether ``side_by_side`` is ending what it started."""
    return _interrupted.is_set()


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


def attach(argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path | None = None) -> int:
    """Run in the foreground on this terminal (a user's shell); return its exit code."""
    return subprocess.run(
        [str(part) for part in argv], env=dict(env), cwd=cwd, check=False
    ).returncode
