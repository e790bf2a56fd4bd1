"""Mistakes in files: each with its place, collected, and raised together."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from runner.display_text import cut
from runner.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.matrix import Position


PATH_LENGTH, MESSAGE_LENGTH = 120, 400  # characters; keys and values can be arbitrarily long


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One mistake: where it is, which setting it is about, what is wrong, what to do."""

    position: Position
    path: str  # ``environments[2].python``; empty for the file as a whole
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """One line, whatever the file contains."""
        message = _one_line(self.message, MESSAGE_LENGTH)
        text = f"{_one_line(self.path, PATH_LENGTH)}: {message}" if self.path else message
        hint = f"; {_one_line(self.hint, MESSAGE_LENGTH)}" if self.hint else ""
        return f"{self.position}: {text}{hint}"


class Problems:
    """Collects mistakes while a file is read, so that the user sees all of them at once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, position: Position, path: str, message: str, hint: str = "") -> None:
        """Note one mistake; reading goes on. The same mistake twice counts once."""
        problem = Problem(position=position, path=path, message=message, hint=hint)
        if problem not in self._found:
            self._found.append(problem)

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise ``ToolError`` (exit code 2) with one line per mistake, sorted by position."""
        if not self._found:
            return
        places = {problem.position.file: None for problem in self._found}
        order = {file: number for number, file in enumerate(places)}
        found = sorted(
            self._found,
            key=lambda each: (
                order[each.position.file],
                each.position.line,
                each.position.column,
            ),
        )
        raise ToolError("\n".join(map(str, found)), exit_code=ExitCode.USAGE)


def _one_line(text: str, length: int) -> str:
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
    return cut(shown, length)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean 'python'?``, or nothing if no known word is similar."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Name up to three similar known words; the first known ones if none is similar."""
    names = list(known)
    if not names:
        return "there is none"
    bare = word.strip("!*?")
    close = get_close_matches(bare, names, n=3, cutoff=0.5)
    if close:
        return "nearest: " + ", ".join(close)
    return "there are: " + ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
