"""Serialised objects in a configuration: walked, read, relieved of keys."""

from typing import Any, Optional, Tuple

from .calls import Untranslatable

ANY = object()  # a key may have any value


def walk(node: Any, change: Any) -> Any:
    """``change`` on every mapping, the inner ones first."""
    if isinstance(node, dict):
        return change({key: walk(value, change) for key, value in node.items()})
    if isinstance(node, (list, tuple)):
        return [walk(item, change) for item in node]
    return node


def drop(config: Any, key: str, allowed: Any, owner: Optional[str]) -> None:
    """Without ``key``, where its value is one of ``allowed``. Raises Untranslatable."""
    if key not in config:
        return
    if allowed is not ANY and config[key] not in allowed:
        raise Untranslatable(f"{owner}.{key} is {config[key]!r}, and has no counterpart here")
    del config[key]


def owner_of(node: Any) -> Tuple[Optional[str], Any]:
    """The class and configuration of a serialised object, or (None, None)."""
    if isinstance(node.get("class_name"), str) and isinstance(node.get("config"), dict):
        return node["class_name"], node["config"]
    return None, None
