"""The small settings of a matrix file: formats, pairs, tolerance, limits."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from runner.nouns.spec import Format, Limits, PairRule, Pairs, Tolerance
from runner.spec import values
from runner.spec.fields import keys_of
from runner.spec.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.spec.nodes import Node

ALL = "all"


def read_formats(node: Node | None) -> tuple[Format, ...]:
    """The named formats, in the order of ``Format``; all formats if the key is missing."""
    if node is None:
        return tuple(Format)
    found: set[str] = set()
    for item in node.one_or_more():
        text = item.choice((*Format, ALL), "format")
        found |= set(Format) if text == ALL else {text or ""}
    return tuple(item for item in Format if item in found)


def read_pairs(node: Node | None, environments: Sequence[str]) -> Pairs:
    """``all``, ``adjacent`` or ``{touching: [glob]}``."""
    if node is None:
        return Pairs()
    if not node.is_mapping:
        rule = node.choice(PairRule, "pair rule")
        return Pairs(rule=PairRule(rule)) if rule else Pairs()
    fields = node.fields(("touching",))
    if "touching" not in fields:
        node.problem("the key 'touching' is missing", "or write pairs: all, pairs: adjacent")
        return Pairs()
    return Pairs(touching=read_selection(fields["touching"], environments, "environment"))


def read_selection(node: Node | None, known: Sequence[str], what: str) -> tuple[str, ...]:
    """The names that globs select, in the order of ``known``. A glob must match something."""
    if node is None:
        return tuple(known)
    found: set[str] = set()
    for item in node.one_or_more():
        glob = item.text(f"a name or glob: {what}")
        if glob is None:
            continue
        matches = {name for name in known if glob == ALL or fnmatchcase(name, glob)}
        if not matches and known:  # without known names the mistake is elsewhere, and noted there
            item.problem(f"{glob!r} matches no {what}", nearest(glob, known))
        found |= matches
    return tuple(name for name in known if name in found)


def read_tolerance(node: Node | None, default: Tolerance) -> Tolerance:
    """``{rtol: 1e-4, atol: 1e-5}``."""
    if node is None:
        return default
    fields = node.fields(keys_of(Tolerance))
    rtol = fields["rtol"].number() if "rtol" in fields else None
    atol = fields["atol"].number() if "atol" in fields else None
    return Tolerance(
        rtol=default.rtol if rtol is None else rtol, atol=default.atol if atol is None else atol
    )


def read_limits(node: Node | None) -> Limits:
    """Durations (``90s``) and memory (``4GiB``)."""
    limits = Limits()
    if node is None:
        return limits
    for key, child in node.fields(keys_of(Limits)).items():
        name = "memory_mb" if key == "memory" else f"{key}_seconds"
        value = values.memory(child) if key == "memory" else values.duration(child)
        if value is not None:
            changed: dict[str, Any] = {name: value}
            limits = replace(limits, **changed)
    return limits
