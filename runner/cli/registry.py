"""The commands: one module each in ``runner.cli.commands``, imported only when it is needed."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Generic, TypeVar

from runner.cli import commands
from runner.cli.options import read_options

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

T = TypeVar("T")
# First in the help; the others follow in alphabetical order.
FIRST = ("run", "plan", "report", "load", "diagnose", "check")


@dataclass(frozen=True, kw_only=True)
class Command(Generic[T]):
    """What a command's module declares as ``COMMAND``; its name is the name of the module.

    The help line in the list of commands is the first line of the module's docstring.
    """

    options: type[T]
    run: Callable[[T], int]
    description: str = ""  # default: the help line
    examples: str = ""  # shown as it is, after the options


@dataclass(frozen=True, kw_only=True)
class Group:
    """A command with actions, as in ``kmatrix env ACTION``; each has a help line of its own."""

    actions: Mapping[str, tuple[str, Command]]  # type: ignore[type-arg] # of any options
    description: str = ""
    examples: str = ""


def names() -> tuple[str, ...]:
    """Return the names of all commands, in the order of the help."""
    found = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    rest = sorted(set(found) - set(FIRST))
    return (*(name for name in FIRST if name in found), *rest)


def help_line(name: str) -> str:
    """Return the first line of a command module's docstring: ``measure the matrix``.

    It is read from the source: importing all commands takes far longer than printing the help.
    """
    source = find_spec(f"{commands.__name__}.{name}")
    text = source.loader.get_source(source.name) if source and source.loader else ""  # type: ignore[attr-defined]
    line = text.split('"""', 2)[1].splitlines()[0].rstrip(".")
    return line[:1].lower() + line[1:]


def load_command(name: str) -> Command | Group:  # type: ignore[type-arg] # of any options
    """Import a command's module and return its declaration."""
    found = import_module(f"{commands.__name__}.{name}").COMMAND
    assert isinstance(found, Command | Group), name  # noqa: S101 - a mistake of ours
    return found


def run_command(name: str, parsed: Namespace) -> int:
    """Run a command with what argparse parsed; return its exit code."""
    command = load_command(name)
    if isinstance(command, Group):
        _, command = command.actions[parsed.action]
    return int(command.run(read_options(command.options, parsed)))
