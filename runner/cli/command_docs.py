"""Writes docs/command-line.md from the parser: ``python -m runner.cli.command_docs``.

With ``--check`` it writes nothing and ends with 1 when the file is out of date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.parser import make_parser
from runner.display_text import escape_pipes, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATH = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
HEAD = """\
# The command line

<!-- Written by `python -m runner.cli.command_docs`; do not edit. -->

`nox -s matrix -- ARGUMENTS` is `kmatrix run ARGUMENTS`, `nox -s plan -- …` is `kmatrix plan …`,
`nox -s lock -- …` is `kmatrix lock …`, and `nox -s "env(ID)"` is `kmatrix env build ID`.
"""


def document(parser: argparse.ArgumentParser) -> str:
    """Return the whole page, the same under every version of Python."""
    return "\n".join([HEAD, *_command(parser, level=2)])


def _command(parser: argparse.ArgumentParser, *, level: int) -> Iterator[str]:
    yield f"{'#' * level} `{parser.prog}`\n"
    if parser.description:
        yield f"{_escape(parser.description)}\n"
    children = _children(parser)
    if children:
        yield "| command | what it does |\n|---|---|"
        for name, (child, text) in children.items():
            yield f"| [`{name}`](#{_anchor(child.prog)}) | {_escape(text)} |"
        yield ""
    options = [action for action in parser._actions if _is_shown(action)]  # noqa: SLF001 - read only
    if options:
        yield "| argument | what it does |\n|---|---|"
        for action in options:
            yield f"| {_names(action)} | {_escape(_help(parser, action))} |"
        yield ""
    if parser.epilog:
        yield f"```text\n{parser.epilog.rstrip()}\n```\n"
    for child, _ in children.values():
        yield from _command(child, level=level + 1)


def _children(
    parser: argparse.ArgumentParser,
) -> dict[str, tuple[argparse.ArgumentParser, str]]:
    for action in parser._actions:  # noqa: SLF001 - read only
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - it has no other name
            texts = {each.dest: each.help or "" for each in action._choices_actions}  # noqa: SLF001
            return {name: (child, texts.get(name, "")) for name, child in action.choices.items()}
    return {}


def _is_shown(action: argparse.Action) -> bool:
    hidden = isinstance(action, argparse._SubParsersAction | argparse._HelpAction)  # noqa: SLF001
    return not hidden and action.help != argparse.SUPPRESS


def _names(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return f"`{value}`"
    long_first = sorted(action.option_strings, key=len, reverse=True)
    return ", ".join(f"`{name} {value}`".replace(" `", "`") for name in long_first)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    name = str(action.metavar or action.dest.upper())
    match action.nargs:
        case "*":
            return f"[{name} ...]"
        case "+":
            return f"{name} [{name} ...]"
        case "?":
            return f"[{name}]"
        case argparse.REMAINDER:
            return f"[{name} ...]"
        case _:
            return name


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    values = {**vars(action), "prog": parser.prog}
    text = (action.help or "") % values
    if action.choices and action.metavar is not None:
        text += f" ({', '.join(map(str, action.choices))})"
    return text


def _anchor(title: str) -> str:
    return title.replace(" ", "-")


def _escape(text: str) -> str:
    return escape_pipes(one_line(text)).replace("<", "&lt;")


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it."""
    text = document(make_parser())
    if "--check" not in arguments:
        PATH.write_text(text, "utf-8")
        return 0
    if PATH.read_text("utf-8") == text:
        return 0
    print(f"{PATH} is out of date; write it: python -m runner.cli.command_docs", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
