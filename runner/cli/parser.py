"""The argument parser: typos get a suggestion, help keeps examples as they are."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, NoReturn

from kmatrix._version import __version__
from runner.cli.options import add_arguments
from runner.cli.registry import Command, Group, help_line, load_command, names
from runner.config.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

INVALID_CHOICE = "invalid choice: "
DESCRIPTION = "Measure which Keras and TensorFlow versions load each other's saved models."
EPILOG = """\
the main job:
  kmatrix run                          build, save, load, compare: build/report/index.html
  kmatrix run --profile quick          three environments instead of six
  kmatrix run --touching tf2.15-py311  only pairs with this environment on one side
  kmatrix run --cell tf2.10-py39/mlp_sequential/h5/tf2.15-py311
                                       one cell, with all its evidence on the terminal

a new environment is one line in matrix.yaml and one command:
  kmatrix lock tf2.12-py310

exit codes:
  0  as expected
  1  a finding differs from what is expected (--fail-on)
  2  the command line or the matrix file is wrong
  3  something the tool needs is missing; nothing could be measured
  130  interrupted; run again to go on
"""


class HelpFormatter(argparse.HelpFormatter):
    """Wraps a paragraph; leaves text of several lines (examples) as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return textwrap.indent(text, indent)
        return super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """``ArgumentParser`` with that help; the parsers of commands are of this class too."""

    def _get_formatter(self) -> argparse.HelpFormatter:
        return HelpFormatter(prog=self.prog)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """As argparse does, with the nearest choice before the list of all."""
        choices = [str(choice) for choice in action.choices or ()]
        if action.choices is None or value in action.choices:
            return
        hint = did_you_mean(str(value), choices)
        listed = "choose from " + ", ".join(choices)
        message = f"{INVALID_CHOICE}{value!r}; {hint + ' ' if hint else ''}({listed})"
        raise argparse.ArgumentError(action, message)

    def error(self, message: str) -> NoReturn:
        """Report one line and where the help is; end with exit code 2."""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message:
            hint = did_you_mean(unknown.split()[0].split("=")[0], self._all_options())
            message = f"{message}; {hint}" if hint else message
        self.exit(2, f"{self.prog}: {message}\nSee: {self.prog} --help\n")

    def _all_options(self) -> Iterable[str]:
        """Return the options of this command and of its subcommands."""
        found: list[str] = []
        for action in self._actions:
            found += action.option_strings
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - it has no other name
                for child in action.choices.values():
                    found += child._all_options()  # noqa: SLF001 - of this class
        return found


def make_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of ``kmatrix``.

    only: the one command whose arguments are needed; the others are listed by name and help
    line, and their modules are not imported. Default: all commands, for documentation and tests.
    """
    parser: argparse.ArgumentParser = Parser(prog="kmatrix", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"kmatrix {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in names():
        text = help_line(name)
        child = commands.add_parser(name, help=text)
        if only in {None, name}:
            _describe(child, load_command(name), text)
    return parser


def _describe(
    parser: argparse.ArgumentParser,
    command: Command | Group,  # type: ignore[type-arg] # of any options
    text: str,
) -> None:
    """Fill the parser of a command, or of an action of a command."""
    parser.description = command.description or f"{text[:1].upper()}{text[1:]}."
    parser.epilog = command.examples
    if isinstance(command, Command):
        add_arguments(parser, command.options)
        return
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title="actions")
    for name, (line, action) in command.actions.items():
        _describe(actions.add_parser(name, help=line), action, line)
