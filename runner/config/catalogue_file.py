"""Reads ``environments/catalogue.yaml``, with the same positions and messages as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from runner.config import values
from runner.config.catalogue import (
    BackendFacts,
    Catalogue,
    KerasFacts,
    KerasKind,
    LegacyFacts,
    NightlyFacts,
    PinRule,
    TensorflowFacts,
)
from runner.config.problems import Problems
from runner.config.yaml_source import compose
from runner.model.matrix import Backend

if TYPE_CHECKING:
    from runner.config.nodes import Node

CATALOGUE = Path(__file__).resolve().parents[2] / "environments" / "catalogue.yaml"
_SECTIONS = ("tensorflow", "keras", "backends", "pins", "legacy-keras", "nightly")


@cache
def default_catalogue() -> Catalogue:
    """Return the catalogue that comes with kmatrix."""
    return load_catalogue(CATALOGUE)


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue. Raises ``ToolError`` (exit code 2) that lists all its mistakes."""
    problems = Problems()
    root = compose(path, problems)
    problems.raise_if_any()
    assert root is not None  # noqa: S101 - compose notes a problem wherever it returns none
    sections = _Fields.of(root, _SECTIONS)
    catalogue = Catalogue(
        tensorflow={key: _tensorflow(node) for key, node in sections.children("tensorflow")},
        keras={key: _keras(node) for key, node in sections.children("keras")},
        backends={
            backend: _backend(node)
            for key, node in sections.children("backends")
            if (backend := _backend_name(node, key)) is not None
        },
        pins=tuple(_rule(node) for node in sections.need("pins").items()),
        legacy=_legacy(sections.need("legacy-keras")),
        nightly=_nightly(sections.need("nightly")),
    )
    problems.raise_if_any()
    return catalogue


@dataclass(frozen=True, slots=True)
class _Fields:
    """The children of a mapping, with one short reader for each type."""

    node: Node
    known: dict[str, Node]

    @classmethod
    def of(cls, node: Node, names: tuple[str, ...]) -> _Fields:
        return cls(node, node.fields(names))

    def need(self, key: str) -> Node:
        """The child of that key; itself, after noting that the key is missing."""
        if key not in self.known:
            self.node.problem(f"the key {key!r} is missing")
        return self.known.get(key, self.node)

    def children(self, key: str) -> list[tuple[str, Node]]:
        return list((self.need(key).mapping() or {}).items())

    def text(self, key: str) -> str:
        return self.need(key).text() or "" if key in self.known else self._missing(key)

    def maybe(self, key: str) -> str | None:
        return self.known[key].text() if key in self.known else None

    def texts(self, key: str) -> tuple[str, ...]:
        return self.known[key].texts() if key in self.known else ()

    def specifier(self, key: str) -> SpecifierSet | None:
        text = self.maybe(key)
        if text is None:
            return None
        try:
            return SpecifierSet(text)
        except InvalidSpecifier:
            self.known[key].problem(f"{text!r} is no version specifier", "write it as >=1.15,<2.6")
            return None

    def variables(self) -> tuple[tuple[str, str], ...]:
        node = self.known.get("variables")
        return tuple(sorted(values.variables(node).items())) if node else ()

    def _missing(self, key: str) -> str:
        self.node.problem(f"the key {key!r} is missing")
        return ""


def _tensorflow(node: Node) -> TensorflowFacts:
    names = ("newest", "package", "python", "pythons", "keras", "accepts-keras", "tf-keras", "why")
    get = _Fields.of(node, names)
    return TensorflowFacts(
        newest=get.text("newest"),
        package=get.text("package"),
        python=get.text("python"),
        pythons=get.specifier("pythons") or SpecifierSet(),
        keras=get.maybe("keras"),
        accepts_keras=get.specifier("accepts-keras") or SpecifierSet(),
        tf_keras=get.maybe("tf-keras"),
        why=get.text("why"),
    )


def _keras(node: Node) -> KerasFacts:
    get = _Fields.of(node, ("newest", "kind", "python", "pythons", "tensorflow", "why"))
    kind = get.need("kind").choice(tuple(KerasKind), "kind")
    return KerasFacts(
        newest=get.text("newest"),
        kind=KerasKind(kind) if kind else KerasKind.KERAS3,
        python=get.text("python"),
        pythons=get.specifier("pythons"),
        tensorflow=get.maybe("tensorflow"),
        why=get.text("why"),
    )


def _backend_name(node: Node, key: str) -> Backend | None:
    if key in tuple(Backend):
        return Backend(key)
    node.key_problem(f"unknown backend {key!r}", "known are " + ", ".join(Backend))
    return None


def _backend(node: Node) -> BackendFacts:
    get = _Fields.of(node, ("keras", "packages", "variables", "why"))
    return BackendFacts(
        keras=get.specifier("keras") or SpecifierSet(),
        packages=get.texts("packages"),
        variables=get.variables(),
        why=get.text("why"),
    )


def _rule(node: Node) -> PinRule:
    get = _Fields.of(node, ("when", "pins", "why"))
    when = _Fields.of(get.need("when"), ("tensorflow", "keras", "python", "backend"))
    backend = when.known["backend"].choice(Backend, "backend") if "backend" in when.known else None
    return PinRule(
        tensorflow=when.specifier("tensorflow"),
        keras=when.specifier("keras"),
        python=when.specifier("python"),
        backend=Backend(backend) if backend else None,
        pins=tuple(pin for item in get.need("pins").items() if (pin := values.requirement(item))),
        why=get.text("why"),
    )


def _legacy(node: Node) -> LegacyFacts:
    get = _Fields.of(node, ("variables", "overrides", "why"))
    return LegacyFacts(
        variables=get.variables(), overrides=get.texts("overrides"), why=get.text("why")
    )


def _nightly(node: Node) -> NightlyFacts:
    get = _Fields.of(node, ("packages", "python", "prerelease", "why"))
    return NightlyFacts(
        packages=get.texts("packages"),
        python=get.text("python"),
        prerelease=bool(get.need("prerelease").flag()),
        why=get.text("why"),
    )
