"""The command line: arguments in, exit code out; the one place where a ToolError ends."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import sys
from typing import TYPE_CHECKING, NoReturn

from runner.cli import commands
from runner.cli.arguments import make_parser
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import FrameType

FREE_SPACE = "Free space, for example with `kmatrix env prune`, and run the same command to go on."
OTHER_FOLDER = "Is the build folder yours to write? Another one: --build-dir DIR"


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code; argparse itself ends with 2 on bad usage."""
    known = make_parser()
    options = known.parse_args(arguments)
    if options.command is None:
        known.print_help(sys.stderr)
        return int(ExitCode.USAGE)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return int(commands.COMMANDS[options.command](options))
    except ToolError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        print(
            "\nkmatrix: interrupted. Nothing known is lost: run the same command to go on.",
            file=sys.stderr,
        )
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # ``kmatrix plan | head``: what is still buffered has no reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.AS_EXPECTED)
    except (OSError, sqlite3.Error) as error:  # the machine's fault: disk, permissions
        return _say(_words(error), ExitCode.MISSING)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM, from a CI runner that cancels: end as tidily as for Ctrl-C."""
    raise KeyboardInterrupt


def _say(message: str, code: ExitCode) -> int:
    sys.stdout.flush()
    for line in message.splitlines() or [""]:
        print(f"kmatrix: {line}", file=sys.stderr)
    return int(code)


def _words(error: OSError | sqlite3.Error) -> str:
    """What the system says, and what to do about the two things it says most."""
    if isinstance(error, sqlite3.Error):
        reason = f"the store of evidence: {error}"
    else:
        place = f"{error.filename}: " if error.filename else ""
        reason = f"{place}{error.strerror or error}"
    full = getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in reason
    hint = FREE_SPACE if full else OTHER_FOLDER
    return f"{reason}. {hint}"


def parser() -> argparse.ArgumentParser:
    """The parser, for documentation and tests."""
    return make_parser()
