"""The command line: arguments in, exit code out; the one place where a ToolError ends."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from runner.cli.parser import make_parser
from runner.cli.registry import run_command
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

FREE_SPACE = "Free space, for example with `kmatrix env prune`, and run the same command to go on."
OTHER_FOLDER = "Check that you may write to the build folder, or name another: --build-dir DIR"


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. argparse ends with 2 on wrong usage."""
    if sys.stdout is sys.__stdout__ and sys.stdout is not None:
        sys.stdout = _ignore_closed_pipe(sys.stdout)
    try:
        return _run(arguments)
    finally:
        sys.stdout.flush()


class _PipeOrNothing(io.FileIO):
    """Standard output that discards what nobody reads any more, as in ``kmatrix run | head``.

    The command goes on, so that its report is written and its exit code is that of its findings.
    """

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - any buffer
        """Write, or discard where the reader has closed the pipe."""
        try:
            return super().write(data)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            return super().write(data)


def _ignore_closed_pipe(stream: TextIO) -> TextIO:
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_PipeOrNothing(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.isatty(),
    )


def _run(arguments: Sequence[str]) -> int:
    command = next((word for word in arguments if not word.startswith("-")), "")
    parser = make_parser(command)
    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        parser.print_help(sys.stderr)
        return int(ExitCode.USAGE)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return run_command(parsed.command, parsed)
    except ToolError as error:
        return _report(str(error), error.exit_code)
    except KeyboardInterrupt:
        print(
            "\nkmatrix: interrupted. All finished work is kept: run the same command to go on.",
            file=sys.stderr,
        )
        return int(ExitCode.INTERRUPTED)
    except Exception as error:
        if not _is_machines(error):
            raise
        return _report(_words(error), ExitCode.MISSING)


def _is_machines(error: Exception) -> bool:
    """Whether the machine is the cause: its disk, its permissions."""
    sqlite3 = sys.modules.get("sqlite3")  # imported only by commands that open a store
    return isinstance(error, OSError) or (sqlite3 is not None and isinstance(error, sqlite3.Error))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM, from a CI runner that cancels: end as for Ctrl-C."""
    raise KeyboardInterrupt


def _report(message: str, code: ExitCode) -> int:
    sys.stdout.flush()
    for line in message.splitlines() or [""]:
        print(f"kmatrix: {line}", file=sys.stderr)
    return int(code)


def _words(error: Exception) -> str:
    """Return what the system reports, and what to do about the two most frequent causes."""
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        reason = f"{place}{error.strerror or error}"
    else:
        reason = f"the store of evidence: {error}"
    full = getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in reason
    hint = FREE_SPACE if full else OTHER_FOLDER
    return f"{reason}. {hint}"
