"""An argument parser that helps: typos get a suggestion, help keeps examples as they are."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, NoReturn

from runner.config.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

INVALID_CHOICE = "invalid choice: "


class HelpFormatter(argparse.HelpFormatter):
    """Wraps a paragraph; leaves text of several lines (examples) as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return textwrap.indent(text, indent)
        return super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """``ArgumentParser`` with that help; commands below it are of this class as well."""

    def _get_formatter(self) -> argparse.HelpFormatter:
        return HelpFormatter(prog=self.prog)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """As argparse does, with the nearest choice in front of the list of all."""
        choices = [str(choice) for choice in action.choices or ()]
        if action.choices is None or value in action.choices:
            return
        hint = did_you_mean(str(value), choices)
        listed = "choose from " + ", ".join(choices)
        message = f"{INVALID_CHOICE}{value!r}; {hint + ' ' if hint else ''}({listed})"
        raise argparse.ArgumentError(action, message)

    def error(self, message: str) -> NoReturn:
        """One line and where help is, as every other mistake: exit code 2."""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message:
            hint = did_you_mean(unknown.split()[0].split("=")[0], self._all_options())
            message = f"{message}; {hint}" if hint else message
        self.exit(2, f"{self.prog}: {message}\nSee: {self.prog} --help\n")

    def _all_options(self) -> Iterable[str]:
        """The options of this command and of those below it."""
        found: list[str] = []
        for action in self._actions:
            found += action.option_strings
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - it has no other name
                for child in action.choices.values():
                    found += child._all_options()  # noqa: SLF001 - of this class
        return found
