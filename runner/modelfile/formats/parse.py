"""JSON and YAML of a stranger, within bounds and without constructing anything."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import yaml

from runner.modelfile import limits
from runner.modelfile import printable as text

UNTERMINATED = re.compile(r'"(?:[^"\\]|\\.)*\\?\Z', re.DOTALL)  # a string without its end


class NotReadable(ValueError):  # noqa: N818 - a fact about a file
    """No JSON, or no YAML; the message is the parser's. ``ends_early``: all of it is valid so far.

    Only that proves that a part is missing: text that breaks the grammar was never valid, or was
    written by something else.
    """

    def __init__(self, message: str, *, ends_early: bool = False) -> None:
        super().__init__(message)
        self.ends_early = ends_early


def parse_json(data: str | bytes) -> Any:  # noqa: ANN401
    """Return a JSON value. Raises NotReadable, and TooMuch for more than is looked at."""
    if len(data) > limits.CONFIG_BYTES:
        raise limits.TooMuch(f"its config is larger than {text.size(limits.CONFIG_BYTES)}")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise limits.TooMuch("its JSON is nested too deep") from error
    except json.JSONDecodeError as error:
        raise NotReadable(text.clean(error), ends_early=_ends_early(error)) from error
    except ValueError as error:
        raise NotReadable(text.clean(error)) from error


def _ends_early(error: json.JSONDecodeError) -> bool:
    rest = error.doc[error.pos :]
    return not rest.strip() or UNTERMINATED.match(rest) is not None


class _Loader(yaml.SafeLoader):
    """SafeLoader; tags are noted, and what they stand for is never made."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.tags: dict[str, None] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        """Refuse what is nested deep before the parser's own recursion ends us."""
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > limits.DEPTH:
            raise limits.TooMuch(f"its YAML is nested more than {limits.DEPTH} levels deep")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _unknown(loader: _Loader, suffix: str, node: yaml.Node) -> Any:  # noqa: ANN401
    if suffix != "tuple":
        loader.tags[text.clean(suffix, 100)] = None
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return str(node.value)


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _unknown)
_Loader.add_multi_constructor("!", _unknown)


def parse_yaml(data: str) -> tuple[Any, tuple[str, ...]]:
    """Return a YAML value, and the tags in it that would run something.

    Raises as ``parse_json``.
    """
    if len(data) > limits.YAML_BYTES:
        raise limits.TooMuch(f"its YAML is larger than {text.size(limits.YAML_BYTES)}")
    try:
        loader = _Loader(data)
        value = loader.get_single_data()
    except limits.TooMuch:
        raise
    except RecursionError as error:
        raise limits.TooMuch("its YAML is nested too deep") from error
    except (yaml.YAMLError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise NotReadable(text.clean(error)) from error
    return value, tuple(loader.tags)


def yaml_as_json(data: str) -> tuple[str, str] | None:
    """Return the SHA-256 of a YAML text and the same as JSON, for scripts without a YAML reader.

    None where it is not a mapping, cannot be read, or has a tag that would run something.
    """
    try:
        found, tags = parse_yaml(data)
        if tags or not isinstance(found, dict):
            return None
        return hashlib.sha256(data.encode("utf-8")).hexdigest(), json.dumps(found)
    except (NotReadable, limits.TooMuch, TypeError):
        return None
