"""A YAML file as a tree of nodes that know their line and column."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import yaml

from runner.config.yaml_nodes import Node
from runner.display_text import one_line
from runner.model.matrix import Position

if TYPE_CHECKING:
    from pathlib import Path

    from runner.config.problems import Problems


def read_text(path: Path, problems: Problems) -> str | None:
    """Return the file's text, or None after noting why it cannot be read."""
    place = Position(file=str(path), line=1, column=1)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.add(
            place,
            "",
            "no such file",
            "name a matrix file, change into its folder, or write one: kmatrix init",
        )
    except IsADirectoryError:
        problems.add(
            place, "", "is a folder, not a file", f"did you mean {str(path / path.name)!r}?"
        )
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - (error.object.rfind(b"\n", 0, error.start) + 1) + 1
        place = Position(file=str(path), line=line, column=column)
        problems.add(place, "", "is not UTF-8 text", "save it with the encoding UTF-8")
    except OSError as error:
        problems.add(place, "", f"cannot be read: {error.strerror or error}")
    return None


def compose(path: Path, problems: Problems, *, may_be_empty: bool = False) -> Node | None:
    """Return the root of the file's only document, or None after noting the problem.

    Nothing is constructed: scalars stay text, so ``3.10`` stays "3.10", and tags run no code.
    """
    text = read_text(path, problems)
    if text is None:
        return None
    place = Position(file=str(path), line=1, column=1)
    try:
        raw = _composed(text)
    except yaml.MarkedYAMLError as error:
        problems.add(_position(path, error), "", _syntax(error), _hint(error))
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        place = Position(file=str(path), line=line, column=column)
        problems.add(place, "", f"not YAML: the character {_character(error)} is not allowed")
        return None
    except RecursionError:
        problems.add(place, "", "not YAML that can be read: nested too deeply")
        return None
    if raw is None:
        if not may_be_empty:
            problems.add(place, "", "is empty", "declare at least `environments:`")
        return None
    return Node(raw=raw, path="", file=str(path), problems=problems)


def _composed(text: str) -> yaml.Node | None:
    """Return the root node. libyaml is eight times faster; mistakes get the messages of PyYAML."""
    fast = getattr(yaml, "CSafeLoader", None)  # not in every build of PyYAML
    if fast is not None:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=fast)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _position(path: Path, error: yaml.MarkedYAMLError) -> Position:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Position(file=str(path), line=1, column=1)
    return Position(file=str(path), line=mark.line + 1, column=mark.column + 1)


def _character(error: yaml.reader.ReaderError) -> str:
    """``U+0007``; PyYAML gives a number here and a character there."""
    found = error.character
    return f"U+{found if isinstance(found, int) else ord(str(found)[:1] or '?'):04X}"


def _hint(error: yaml.MarkedYAMLError) -> str:
    """Return what to do about frequent mistakes."""
    text = error.problem or ""
    if "'\\t'" in text:
        return "indent with spaces, not with tabs"
    if "another document" in text:
        return "one file is one matrix: remove the line ---"
    if "mapping values are not allowed" in text:
        return "quote a text that has ': ' in it"
    return ""


def _syntax(error: yaml.MarkedYAMLError) -> str:
    """Return the message of the YAML parser, on one line."""
    parts = [part for part in (error.context, error.problem) if part]
    return "not YAML: " + ", ".join(one_line(part) for part in parts)
