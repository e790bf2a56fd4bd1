"""Puts a script together: what it needs, its imports, its parts, and its last lines."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from runner.model.scripts import AUTHOR, NEEDS

PARTS = Path(__file__).parent / "parts"


@dataclass(slots=True)
class ScriptBuilder:
    """A script in the making. ``text`` is what comes of it."""

    author: set[str] = field(default_factory=set)  # names that only the author's module has
    variables: list[tuple[str, str]] = field(default_factory=list)  # set before Keras is imported
    imports: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # comments at the top

    def need(self, statement: str) -> None:
        """Import something, once."""
        if statement not in self.imports:
            self.imports.append(statement)

    def of_author(self, name: str) -> str:
        """A name of the author's module, as the script uses it."""
        self.author.add(name)
        return name

    def part(self, name: str) -> None:
        """Take in a file of ``parts``, and what it imports."""
        imports, inner, body = _part(name)
        for one in inner:
            self.part(one)
        if body not in self.parts:
            self.parts.append(body)
        for statement in imports:
            self.need(statement)

    def write(self, *lines: str) -> None:
        """Add lines at the end."""
        self.lines += lines

    def text(self) -> str:
        """The whole script."""
        head = list(self.notes)
        if self.author:
            names = sorted(name + ("()" if name.islower() else "") for name in self.author)
            head.insert(0, f"{NEEDS}{AUTHOR}.py with {' and '.join(names)}")
        if self.variables:
            head.append("import os")
            head += ["", *(f"os.environ[{name!r}] = {value!r}".replace("'", '"')
                           for name, value in self.variables)]  # fmt: skip
        head += sorted(self.imports, key=_place)
        if self.author:
            head.append(f"from {AUTHOR} import {', '.join(sorted(self.author))}")
        blocks = ["\n".join(head), *self.parts, "\n".join(self.lines)]
        return "\n\n\n".join(blocks) + "\n" if self.parts else "\n\n".join(blocks) + "\n"


def quoted(text: str) -> str:
    """A text as Python writes it between double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _place(statement: str) -> tuple[bool, str]:
    """The standard library first, then by name."""
    module = statement.split()[1].split(".", maxsplit=1)[0]
    return module not in STANDARD, statement


STANDARD = frozenset({"json", "os", "re", "shutil", "sys", "zipfile"})


@cache
def _part(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Imports from outside, parts that it needs, and its code without imports and docstring."""
    source = (PARTS / f"{name}.py").read_text("utf-8")
    imports, inner, lines = [], [], source.splitlines()
    dropped: set[int] = set()
    for node in ast.parse(source).body:
        own = range(node.lineno - 1, (node.end_lineno or node.lineno))
        if isinstance(node, ast.ImportFrom) and node.level:
            inner.append(str(node.module))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append("\n".join(lines[number] for number in own))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        dropped.update(own)
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    return tuple(imports), tuple(inner), "\n".join(kept).strip()
