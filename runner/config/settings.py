"""The small settings of a matrix file: formats, pairs, tolerance, limits."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from runner.config import values
from runner.config.fields import keys_of
from runner.config.problems import nearest
from runner.model.matrix import Format, ImageOptions, Limits, PairRule, Pairs, Tolerance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.config.yaml_nodes import Node

ALL = "all"


def read_formats(node: Node | None) -> tuple[Format, ...]:
    """Return the named formats, in the order of ``Format``; all formats if the key is missing."""
    if node is None:
        return tuple(Format)
    found: set[str] = set()
    for item in node.one_or_more():
        text = item.choice((*Format, ALL), "format")
        found |= set(Format) if text == ALL else {text or ""}
    return tuple(item for item in Format if item in found)


def read_pairs(node: Node | None, environments: Sequence[str]) -> Pairs:
    """``all``, ``adjacent``, ``{touching: [glob]}`` or ``{adjacent-and: [glob]}``."""
    if node is None:
        return Pairs()
    if not node.is_mapping:
        rule = node.choice(PairRule, "pair rule")
        return Pairs(rule=PairRule(rule)) if rule else Pairs()
    fields = node.fields(("touching", "adjacent-and"))
    if len(fields) != 1:
        what = "only one of 'touching' and 'adjacent-and'" if fields else "the key 'touching'"
        node.problem(
            f"{what} can be given" if fields else f"{what} is missing",
            "or write pairs: all, pairs: adjacent, pairs: {adjacent-and: [glob]}",
        )
        return Pairs()
    ((key, child),) = fields.items()
    names = read_selection(child, environments, "environment")
    if key == "touching":
        return Pairs(touching=names)
    return Pairs(rule=PairRule.ADJACENT, everywhere=names)


def read_selection(node: Node | None, known: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the names that globs select, in the order of ``known``.

    A glob must match something.
    """
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


DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Host, port, path, tag; lower case as Docker wants it, and no room for a scheme or a password.
REFERENCE = re.compile(r"[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[\w.-]+)?")
PYTHON = "{python}"


def read_image(node: Node | None, default: ImageOptions) -> ImageOptions:
    """Return what the mapping says on top of ``default``."""
    if node is None:
        return default
    fields = node.fields(keys_of(ImageOptions))
    image = default
    if "base" in fields and (base := _reference(fields["base"], "a base image")):
        image = replace(image, base=base)
    if "mirror" in fields and (mirror := _reference(fields["mirror"], "a registry and path")):
        image = replace(image, mirror=mirror)
    if "registry" in fields and (registry := _reference(fields["registry"], "a registry")):
        image = replace(image, registry=registry)
    if "digests" in fields:
        image = replace(image, digests=_digests(fields["digests"]))
    return image


def _reference(node: Node, what: str) -> str | None:
    text = node.text(what)
    if text is None:
        return None
    plain = text.replace(PYTHON, "3.12")
    if REFERENCE.fullmatch(plain.removesuffix("/")):
        return text.removesuffix("/")
    node.problem(
        f"{text!r} is not a name of {what}",
        "write it as registry.example/path/python:{python}-slim",
    )
    return None


def _digests(node: Node) -> tuple[tuple[str, str], ...]:
    found = {}
    for version, child in (node.mapping() or {}).items():
        if values.PYTHON.fullmatch(version) is None:
            child.key_problem(f"{version!r} is not a Python version", 'write it as "3.12"')
        text = child.text("a digest")
        if text is not None and DIGEST.fullmatch(text) is None:
            child.problem(f"{text!r} is not a digest", "write sha256: and 64 hexadecimal digits")
        elif text is not None:
            found[version] = text
    return tuple(sorted(found.items()))
