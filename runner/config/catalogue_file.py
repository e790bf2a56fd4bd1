"""Reads ``environments/catalogue.yaml``, with the same positions and messages as a matrix."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from runner.config import values
from runner.config.catalogue import (
    BackendFacts,
    Catalogue,
    KerasFacts,
    LegacyFacts,
    NightlyFacts,
    PinCondition,
    PinRule,
    TensorflowFacts,
)
from runner.config.fields import Fields
from runner.config.problems import Problems
from runner.config.yaml_source import compose
from runner.model.keras_identity import KerasKind
from runner.model.matrix import Backend
from runner.paths import ENVIRONMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from runner.config.yaml_nodes import Node

CATALOGUE = ENVIRONMENTS / "catalogue.yaml"


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
    sections = Fields.of(root, Catalogue)
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


def _tensorflow(node: Node) -> TensorflowFacts:
    get = Fields.of(node, TensorflowFacts)
    return TensorflowFacts(
        newest=get.text("newest"),
        package=get.text("package"),
        python=get.text("python"),
        pythons=get.specifier("pythons") or SpecifierSet(),
        keras=get.maybe_text("keras"),
        accepts_keras=get.specifier("accepts-keras") or SpecifierSet(),
        tf_keras=get.maybe_text("tf-keras"),
        why=get.text("why"),
    )


def _keras(node: Node) -> KerasFacts:
    get = Fields.of(node, KerasFacts)
    kind = get.need("kind").choice(tuple(KerasKind), "kind")
    return KerasFacts(
        newest=get.text("newest"),
        kind=KerasKind(kind) if kind else KerasKind.KERAS3,
        python=get.text("python"),
        pythons=get.specifier("pythons"),
        tensorflow=get.maybe_text("tensorflow"),
        why=get.text("why"),
    )


def _backend_name(node: Node, key: str) -> Backend | None:
    if key in tuple(Backend):
        return Backend(key)
    node.key_problem(f"unknown backend {key!r}", "known are " + ", ".join(Backend))
    return None


def _backend(node: Node) -> BackendFacts:
    get = Fields.of(node, BackendFacts)
    return BackendFacts(
        keras=get.specifier("keras") or SpecifierSet(),
        packages=get.texts("packages"),
        variables=tuple(sorted(get.variables())),
        why=get.text("why"),
    )


def _rule(node: Node) -> PinRule:
    get = Fields.of(node, PinRule)
    when = Fields.of(get.need("when"), PinCondition)
    backend = when.choice("backend", Backend, "backend")
    return PinRule(
        when=PinCondition(
            tensorflow=when.specifier("tensorflow"),
            keras=when.specifier("keras"),
            python=when.specifier("python"),
            backend=Backend(backend) if backend else None,
        ),
        pins=tuple(pin for item in get.need("pins").items() if (pin := values.requirement(item))),
        why=get.text("why"),
    )


def _legacy(node: Node) -> LegacyFacts:
    get = Fields.of(node, LegacyFacts)
    return LegacyFacts(
        variables=tuple(sorted(get.variables())),
        overrides=get.texts("overrides"),
        why=get.text("why"),
    )


def _nightly(node: Node) -> NightlyFacts:
    get = Fields.of(node, NightlyFacts)
    return NightlyFacts(
        packages=get.texts("packages"),
        python=get.text("python"),
        prerelease=bool(get.need("prerelease").flag()),
        why=get.text("why"),
    )
