"""How the tool itself ends badly: one exception with an exit code, and the exit codes."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What ``kmatrix`` returns to the shell; documented in the README."""

    AS_EXPECTED = 0
    DIFFERS = 1  # a finding differs from what is expected
    USAGE = 2  # the command line or the matrix file is wrong
    MISSING = 3  # something that the tool needs is missing
    INTERRUPTED = 130


class ToolError(Exception):
    """The tool cannot go on. Caught once, in ``cli.main``, and shown without a traceback.

    A loader that refuses, crashes or hangs is evidence and never a ``ToolError``.
    """

    def __init__(self, message: str, *, exit_code: ExitCode = ExitCode.MISSING) -> None:
        super().__init__(message)
        self.exit_code = exit_code
