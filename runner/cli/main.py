"""The command line: arguments in, exit code out; the one place where a ToolError ends."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

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
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # here, where a reader that is gone can still be handled
    except BrokenPipeError:  # ``kmatrix plan | head``: nobody reads the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.AS_EXPECTED)


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
    except BrokenPipeError:
        raise
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
    """What the system reports, and what to do about the two most frequent causes."""
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        reason = f"{place}{error.strerror or error}"
    else:
        reason = f"the store of evidence: {error}"
    full = getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in reason
    hint = FREE_SPACE if full else OTHER_FOLDER
    return f"{reason}. {hint}"
