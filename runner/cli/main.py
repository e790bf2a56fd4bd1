"""The command line: arguments in, exit code out; the one place where a ToolError ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runner.cli import commands
from runner.cli.arguments import make_parser
from runner.nouns.errors import ExitCode, ToolError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code; argparse itself ends with 2 on bad usage."""
    options = make_parser().parse_args(arguments)
    try:
        return int(commands.COMMANDS[options.command](options))
    except ToolError as error:
        sys.stdout.flush()
        print(f"kmatrix: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        print(
            "\nkmatrix: interrupted. Nothing known is lost: run the same command to go on.",
            file=sys.stderr,
        )
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # ``kmatrix plan | head``
        sys.stderr.close()
        return int(ExitCode.AS_EXPECTED)


def parser() -> argparse.ArgumentParser:
    """The parser, for documentation and tests."""
    return make_parser()
