"""Architectures as YAML, which Keras 1 to 2.3 wrote, as JSON: no Python object is made of a tag."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml


class _Plain(yaml.SafeLoader):
    """Plain data only; tuples and old texts of Python 2 are what they look like."""


def _sequence(loader: _Plain, node: yaml.Node) -> list[Any]:
    assert isinstance(node, yaml.SequenceNode)  # noqa: S101 - a tuple's node
    return list(loader.construct_sequence(node, deep=True))


def _text(loader: _Plain, node: yaml.Node) -> str:
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - a text's node
    return str(loader.construct_scalar(node))


_Plain.add_constructor("tag:yaml.org,2002:python/tuple", _sequence)
for _name in ("unicode", "str"):
    _Plain.add_constructor(f"tag:yaml.org,2002:python/{_name}", _text)


def yaml_as_json(text: str) -> tuple[str, str] | None:
    """The SHA-256 of the text, and the same as JSON; None where it is no mapping in YAML."""
    try:
        found = yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return hashlib.sha256(text.encode("utf-8")).hexdigest(), json.dumps(found)
