"""Add-on libraries: whose class, registered name, layer name or operation something is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OWN_CODE = "Custom"  # Keras's package name for classes that were registered without one
PATH = Path(__file__).resolve().parent / "addons.yaml"
KEYS = (
    *("package", "module", "registered", "classes", "suffixes", "ops", "layers"),
    *("requires", "source"),
)
# What a message names: a class, an operation, a registered name, a module.
NAMED_OP = re.compile(r"Op type not registered '([^']+)'")
NAMED_CLASS = re.compile(
    r"(?:Unknown (?:layer|optimizer|loss function|metric function|metric|quantizer|object)"
    r"(?: function)?: ?'?|Could not locate (?:class|function) '|Error when deserializing class '|"
    r"'class_name': '|'registered_name': '|No module named '|from ')([\w>.]+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddOn:
    """A library whose classes or operations saved models ask for."""

    package: str
    module: str
    registered: str | None
    classes: frozenset[str]
    suffixes: tuple[str, ...]
    ops: tuple[re.Pattern[str], ...]
    layers: tuple[re.Pattern[str], ...]
    requires: str
    source: str

    def has(self, name: str) -> bool:
        """Whether a class, module path or registered name (``package>Class``) is this library's."""
        prefix, _, last = name.rpartition(">")
        if prefix and prefix != OWN_CODE:
            return prefix == self.registered
        if name.split(".", maxsplit=1)[0] == self.module:
            return True
        return last in self.classes or ("." not in name and last.endswith(self.suffixes or ("\0",)))


def owners_of(name: str) -> tuple[AddOn, ...]:
    """Return the libraries that have this name, none for Keras's own and unknown names."""
    return tuple(addon for addon in load_addons() if addon.has(name))


def owners_of_op(name: str) -> tuple[AddOn, ...]:
    """Return the libraries that register this operation."""
    return tuple(
        addon for addon in load_addons() if any(each.fullmatch(name) for each in addon.ops)
    )


def owners_in(message: str) -> tuple[tuple[str, tuple[AddOn, ...]], ...]:
    """Return the names in a message that belong to add-on libraries, each with its libraries."""
    found = {name: owners_of_op(name) for name in NAMED_OP.findall(message)}
    found.update({name: owners_of(name) for name in NAMED_CLASS.findall(message)})
    return tuple((name, owners) for name, owners in found.items() if owners)


@cache
def load_addons() -> tuple[AddOn, ...]:
    """Return the libraries of ``addons.yaml``."""
    # PyYAML is slow to import, and most files name no other library's class.
    from runner.config.fields import Fields  # noqa: PLC0415
    from runner.config.problems import Problems  # noqa: PLC0415
    from runner.config.yaml_source import compose  # noqa: PLC0415

    problems = Problems()
    root = compose(PATH, problems)
    found = []
    for node in root.items() if root is not None else ():
        get = Fields.of(node, KEYS)
        found.append(
            AddOn(
                package=get.text("package"),
                module=get.text("module"),
                registered=get.maybe_text("registered"),
                classes=frozenset(get.texts("classes")),
                suffixes=get.texts("suffixes"),
                ops=get.patterns("ops"),
                layers=get.patterns("layers"),
                requires=get.text("requires"),
                source=get.text("source"),
            )
        )
    problems.raise_if_any()
    return tuple(found)
