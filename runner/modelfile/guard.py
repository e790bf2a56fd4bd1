"""Inspect in a process of its own, with limits on time and memory; started anew when it dies."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import runner
from runner import child_processes
from runner.environment_variables import clean_environment
from runner.errors import ExitCode, ToolError
from runner.model.inspection import FileFormat, Inspection, Level, Remark
from runner.modelfile import inspection_json as codec
from runner.modelfile import limits
from runner.modelfile import printable as text

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(runner.__file__).resolve().parent.parent
BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from runner.modelfile.inspection_process import main; sys.exit(main())"  # noqa: E501
START_SECONDS = 300.0  # a busy machine may take long to start a Python


class Inspector:
    """Inspects file after file. Close it, or use it in a ``with`` statement."""

    def __init__(self, *, seconds: float = limits.SECONDS) -> None:
        self._seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="kmatrix-inspect-")
        self._errors = Path(self._folder.name) / "errors.txt"
        self._process: child_processes.Process | None = None
        self.died = 0  # how often the process had to be started anew

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def inspect(self, path: Path) -> Inspection:
        """Look at one file or folder. Raises ToolError when there is none, or none to be read."""
        answer = self._ask(path.absolute())
        if answer is None:
            return _not_inspected(
                path,
                f"the process that reads it crashed, or needed more than {self._seconds:g} s or "
                f"{text.size(limits.MEMORY)} of memory; a loader may do the same",
            )
        if "no_file" in answer:
            raise ToolError(f"{path}: {answer['no_file']}", exit_code=ExitCode.USAGE)
        if "failed" in answer:
            return _not_inspected(
                path, f"kmatrix failed on it: {text.clean(answer['failed'])}; please report this"
            )
        try:
            return codec.from_json({**answer["inspection"], "path": text.clean(path, 1000)})
        except (ValueError, TypeError, KeyError):
            why = "kmatrix failed on it: the answer of its reader is not valid; please report this"
            return _not_inspected(path, why)

    def errors(self) -> str:
        """Return what the process printed on its own account: nothing, when all is well."""
        with contextlib.suppress(OSError):
            return self._errors.read_text("utf-8", "replace")
        return ""

    def close(self) -> None:
        """End the process."""
        self._stop()
        self._folder.cleanup()

    def _ask(self, path: Path) -> dict[str, Any] | None:
        """One question; None when the process died over it, or was too slow."""
        if self._process is not None and self._process.poll() is not None:
            self._stop()  # it died after its last answer: no file is the cause
        running = self._process or self._start()
        found = None
        with (
            child_processes.Alarm(self._seconds, lambda: child_processes.kill(running)) as alarm,
            contextlib.suppress(OSError, ValueError),
        ):
            assert running.stdin is not None  # noqa: S101 - child_processes.start pipes it
            assert running.stdout is not None  # noqa: S101
            running.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
            running.stdin.flush()
            line = running.stdout.readline()
            if line.endswith(b"\n"):
                found = json.loads(line)
        answer = found if isinstance(found, dict) else None
        if answer is None or alarm.fired:  # the limit may end a process that has just answered
            self.died += 1
            self._stop()
        return answer

    def _start(self) -> child_processes.Process:
        running = child_processes.start(
            (sys.executable, "-I", "-c", BOOT, ROOT),
            env=clean_environment(),
            cwd=Path(self._folder.name),
            errors=self._errors,
        )
        with child_processes.Alarm(START_SECONDS, lambda: child_processes.kill(running)) as alarm:
            ready = running.stdout.readline() if running.stdout else b""
        if not ready or alarm.fired:
            child_processes.kill(running)
            said = self.errors().strip().splitlines()[-1:]
            raise ToolError(
                f"cannot inspect: {sys.executable} does not start ({' '.join(said) or 'silent'})"
            )
        self._process = running
        return running

    def _stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(OSError, ValueError):
                if self._process.stdin is not None:
                    self._process.stdin.close()
            child_processes.kill(self._process)
            with contextlib.suppress(Exception):
                self._process.wait(timeout=10)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


def _not_inspected(path: Path, why: str) -> Inspection:
    """Say that nothing is known of a file: its reader did not return, which proves no damage."""
    remark = Remark(id="unreadable", level=Level.PROBLEM, text=f"could not be inspected: {why}")
    size = 0
    with contextlib.suppress(OSError):
        size = path.stat().st_size
    return Inspection(
        path=text.clean(path, 1000),
        format=FileFormat.UNKNOWN,
        title="a file that could not be inspected",
        bytes=size,
        remarks=(remark,),
    )


def inspect_files(paths: Sequence[Path]) -> tuple[Inspection, ...]:
    """Look at several files. Raises ToolError when one of them is not there."""
    with Inspector() as inspector:
        return tuple(inspector.inspect(path) for path in paths)
