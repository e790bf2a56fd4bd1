"""Signatures from their YAML files: typed, every mistake with its position, all at once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from runner.config.fields import Fields
from runner.config.problems import Problems
from runner.config.values import requirement
from runner.config.yaml_source import compose
from runner.model.routes import remedy_ids
from runner.model.signature import Remedy, Signature
from runner.signatures.read_pattern import patterns, where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.yaml_nodes import Node

FOLDER = Path(__file__).resolve().parent / "known"
REPORTED = Path(__file__).resolve().parent / "reported"
KEYS = (
    *("id", "code", "title", "example", "match", "where", "cause", "remedies", "links", "quoted"),
    *("harmless", "in-a-log", "instead-of", "general", "causes", "check"),
)
REMEDY_KEYS = ("text", "route", "pin", "code")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CODE = re.compile(r"[FSX]\d\d[a-z]?|R\d{2,3}")
THREAD = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
SOURCE = re.compile(r"([\w.-]+/[\w.-]+)@([\w.-]+)/(\S+)")  # owner/name@tag/path


@cache
def load_signatures() -> tuple[Signature, ...]:
    """Return the signatures that come with kmatrix, the most telling first."""
    return read_signatures(FOLDER)


@cache
def load_reported() -> tuple[Signature, ...]:
    """Return the signatures of other people's reports, which only a diagnosis asks.

    They need nothing but text, so that they must not take part in the verdicts of a matrix.
    """
    return read_signatures(REPORTED)


def read_signatures(folder: Path) -> tuple[Signature, ...]:
    """Every signature of a folder's YAML files, in the order of the files and inside them.

    Raises ``ToolError`` (exit code 2) that lists all mistakes.
    """
    problems = Problems()
    nodes: list[Node] = []
    for path in sorted(folder.glob("*.yaml")):
        root = compose(path, problems)
        nodes.extend(root.items() if root is not None else ())
    found = [signature for node in nodes if (signature := _signature(node)) is not None]
    _no_id_twice(nodes, problems)
    problems.raise_if_any()
    return tuple(found)


def _signature(node: Node) -> Signature | None:
    """One signature, or None after noting its mistakes."""
    problems_before = len(node.problems)
    get = Fields.of(node, KEYS)
    place, remedies = get.maybe("where"), get.maybe("remedies")
    signature = Signature(
        id=get.matching("id", SLUG, "lower-case words and hyphens"),
        code=get.matching("code", CODE, "F, S or X and two digits, or R and two or three"),
        title=get.text("title"),
        example=get.text("example"),
        match=patterns(get.need("match")),
        where=where(place),
        cause=get.text("cause"),
        remedies=tuple(_remedies(remedies)) if remedies is not None else (),
        links=tuple(_links(get.maybe("links"))),
        quoted=get.flag("quoted"),
        harmless=get.flag("harmless"),
        in_a_log=get.patterns("in-a-log"),
        instead_of=get.texts("instead-of"),
        general=get.flag("general"),
        causes=get.texts("causes"),
        check=get.maybe_text("check"),
    )
    return signature if len(node.problems) == problems_before else None


def _remedies(node: Node) -> Iterator[Remedy]:
    for item in node.items():
        get = Fields.of(item, REMEDY_KEYS)
        route, pins = get.maybe("route"), get.maybe("pin")
        chosen = route.choice(remedy_ids(), "route") if route is not None else None
        yield Remedy(
            text=get.text("text"),
            route=chosen or None,
            pin=_pins(pins) if pins is not None else (),
            code=get.maybe_text("code"),
        )


def _pins(node: Node) -> tuple[str, ...]:
    return tuple(pin for item in node.one_or_more() if (pin := requirement(item)) is not None)


def _links(node: Node | None) -> Iterator[str]:
    """Addresses: ``owner/name#7`` of a thread, ``owner/name@tag/path`` of a source file."""
    for item in node.one_or_more() if node is not None else ():
        text = item.text("a link")
        if text is None:
            continue
        if match := THREAD.fullmatch(text):
            yield f"https://github.com/{match[1]}/issues/{match[2]}"
        elif match := SOURCE.fullmatch(text):
            yield f"https://github.com/{match[1]}/blob/{match[2]}/{match[3]}"
        elif text.startswith("https://"):
            yield text
        else:
            item.problem(
                f"{text!r} is not a link", "write owner/name#7, owner/name@tag/path or https://…"
            )


def _no_id_twice(nodes: list[Node], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for node in nodes:
        if not node.is_mapping:
            continue
        child = (node.mapping() or {}).get("id")
        name = str(child.raw.value) if child is not None else ""
        if child is not None and name in seen:
            problems.add(child.position, child.path, f"{name!r} is listed twice", seen[name])
        elif child is not None:
            seen[name] = f"first at {child.position}"
