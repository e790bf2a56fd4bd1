"""The key ``expectations``, or the file ``expectations.yaml`` next to the matrix file."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runner.config import values
from runner.config.fields import keys_of
from runner.config.problems import Problems
from runner.config.yaml_source import compose
from runner.display_text import one_line
from runner.model.expectation import ANY, CellPattern, Expectation
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.config.yaml_nodes import Node

FILE = "expectations.yaml"
PARTS = ("saver", "model", "format", "loader")
# These depend on the machine and the network, not on the cell.
UNEXPECTABLE = frozenset({Verdict.UNAVAILABLE, Verdict.MISSING})
_ALIASES = {
    **dict.fromkeys(("pattern", "cell", "match", "where"), "cells"),
    **dict.fromkeys(("expected", "verdicts", "should"), "expect"),
    **dict.fromkeys(("signatures", "id"), "signature"),
    **dict.fromkeys(("because", "why", "comment"), "reason"),
    **dict.fromkeys(("issue", "url", "bug"), "link"),
    **dict.fromkeys(("until", "expiry", "expire"), "expires"),
}
_CELLS_HINT = "write saver/model/format/loader, such as 'tf2.15-*/lstm|gru/h5|keras/*'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Every name that a cell of the matrix can have in each part of its id."""

    environments: tuple[str, ...]
    recipes: tuple[str, ...]
    formats: tuple[str, ...]

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """In the order of a cell's id."""
        return (self.environments, self.recipes, self.formats, self.environments)


def read_expectations(
    node: Node | None, matrix: Path, names: Names, problems: Problems
) -> tuple[Expectation, ...] | None:
    """Read the expectations of a matrix; None if it has none, which is different from ``[]``.

    node: the value of the key, a list or the name of a file next to the matrix file.
    """
    root = node
    if node is None:
        path = matrix.parent / FILE
        if not path.is_file():
            return None
        root = compose(path, problems, may_be_empty=True)
    elif not node.is_list:
        text = node.text("a list of expectations, or the name of a file with them")
        if text is None:
            return ()
        if not (matrix.parent / text).is_file():
            node.problem(f"{text}: no such file", "paths are relative to the matrix file")
            return ()
        root = compose(matrix.parent / text, problems, may_be_empty=True)
    if root is None:
        return ()
    found = (_entry(item, names) for item in root.items())
    return tuple(item for item in found if item is not None)


def expectations_file(matrix: Path) -> Path:
    """Return the file with the expectations of a matrix that was read without mistakes.

    The matrix file itself, or the file that it names, or the default one, which may not exist
    yet.
    """
    root = compose(matrix, Problems())
    node = root.fields(("expectations",)).get("expectations") if root is not None else None
    if node is None:
        return matrix.parent / FILE
    return matrix if node.is_list else matrix.parent / (node.text() or FILE)


def _entry(node: Node, names: Names) -> Expectation | None:
    """One entry; None after noting what is wrong with it."""
    before = len(node.problems)
    fields = node.fields(keys_of(Expectation), aliases=_ALIASES)
    patterns = _patterns(fields, node)
    expected = _verdicts(fields.get("expect"))
    for key, hint in (
        ("expect", "a verdict, such as expect: refused"),
        ("reason", "say why in one line, for later readers"),
    ):
        if key not in fields and node.is_mapping:
            node.problem(f"the key {key!r} is missing", hint)
    reason = fields["reason"].text("a reason") if "reason" in fields else None
    expectation = Expectation(
        patterns=patterns,
        expected=expected,
        reason=one_line(reason or ""),
        position=node.position,
        verdicts=_verdicts(fields.get("verdict")),
        signatures=fields["signature"].texts("a signature") if "signature" in fields else (),
        link=_link(fields["link"]) if "link" in fields else None,
        expires=values.day(fields["expires"]) if "expires" in fields else None,
        unknown=_unknown(patterns, names),
        possible=any(_possible(pattern, names) for pattern in patterns),
    )
    return expectation if len(node.problems) == before else None


def _patterns(fields: Mapping[str, Node], node: Node) -> tuple[CellPattern, ...]:
    if "cells" not in fields:
        if node.is_mapping and not {"verdict", "signature"} & set(fields):
            node.problem("the key 'cells' is missing", _CELLS_HINT)
        return (CellPattern(),)
    found = (_pattern(item) for item in fields["cells"].one_or_more())
    return tuple(pattern for pattern in found if pattern is not None)


def _pattern(node: Node) -> CellPattern | None:
    if node.is_mapping:
        parts = node.fields(PARTS, aliases={"recipe": "model", "models": "model"})
        given = {
            "recipe" if name == "model" else name: child.texts(f"a glob of a {name}")
            for name, child in parts.items()
        }
        return CellPattern(**{name: globs or ANY for name, globs in given.items()})
    text = node.text("cells")
    if text is None:
        return None
    split = [tuple(word.strip() for word in part.split("|")) for part in text.strip("/").split("/")]
    if len(split) != len(PARTS) or not all(word for part in split for word in part):
        node.problem(f"{text!r} does not name cells", _CELLS_HINT)
        return None
    return CellPattern(saver=split[0], recipe=split[1], format=split[2], loader=split[3])


def _verdicts(node: Node | None) -> tuple[Verdict, ...]:
    if node is None:
        return ()
    found = []
    for item in node.one_or_more():
        text = item.choice(Verdict, "verdict")
        if text in UNEXPECTABLE:
            item.problem(
                f"{text} is not a property of a cell and cannot be expected",
                "cells that could not be measured are never counted",
            )
        elif text is not None:
            found.append(Verdict(text))
    return tuple(dict.fromkeys(found))


def _link(node: Node) -> str | None:
    text = node.text("a link")
    if text is not None and not text.startswith(("https://", "http://")):
        node.problem(f"{text!r} is not a link", "it must begin with https://")
        return None
    return text


def _unknown(patterns: tuple[CellPattern, ...], names: Names) -> tuple[str, ...]:
    """Globs that fit nothing, each once: likely a typo, or an environment that is gone."""
    return tuple(
        dict.fromkeys(
            glob
            for pattern in patterns
            for globs, known in zip(pattern.parts, names.parts, strict=True)
            for glob in globs
            if not any(fnmatchcase(name, glob) for name in known)
        )
    )


def _possible(pattern: CellPattern, names: Names) -> bool:
    return all(
        any(fnmatchcase(name, glob) for glob in globs for name in known)
        for globs, known in zip(pattern.parts, names.parts, strict=True)
    )
