"""``docker:``, of the matrix or of one environment: base images, their digests, a registry."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.nouns.spec import ImageOptions
from runner.spec import values
from runner.spec.fields import keys_of

if TYPE_CHECKING:
    from runner.spec.nodes import Node

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Host, port, path, tag; lower case as Docker wants it, and no room for a scheme or a password.
REFERENCE = re.compile(r"[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[\w.-]+)?")
PYTHON = "{python}"


def read_image(node: Node | None, default: ImageOptions) -> ImageOptions:
    """What the mapping says on top of ``default``."""
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
