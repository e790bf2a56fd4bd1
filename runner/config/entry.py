"""One entry below ``environments:``: what the user wrote, typed, before any fact is added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from runner.config import values
from runner.config.settings import read_image
from runner.model.matrix import Backend, ImageOptions, IndexOptions, KerasApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.config.nodes import Node

BUILDERS = ("nox", "docker")
PACKAGES = ("tensorflow", "tensorflow-cpu")
SHORT_KEYS = ("tensorflow", "keras", "nightly", "package", "pins")
COMMON_KEYS = (
    "id",
    "python",
    "requirements",
    "api",
    "backend",
    "legacy-keras",
    "eager",
    "variables",
    "overrides",
    "prerelease",
    "exclude-newer",
    "find-links",
    "builder",
    "docker",
)
KEYS = (*SHORT_KEYS, *COMMON_KEYS)
# Words that other tools use for the same thing.
_ALIASES = {
    "env": "variables",
    "environment": "variables",
    "dependencies": "requirements",
    "packages": "requirements",
    "backends": "backend",
    "tf": "tensorflow",
    "legacy": "legacy-keras",
    "name": "id",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What an entry says. ``nodes`` holds its keys, for problems found later."""

    node: Node
    nodes: Mapping[str, Node] = field(repr=False)
    id: str | None = None  # the user's own; None: derived
    tensorflow: str | None = None
    keras: str | None = None
    nightly: bool = False
    package: str | None = None
    pins: tuple[str, ...] = ()
    python: str | None = None
    requirements: tuple[str, ...] | None = None  # given: the full form
    api: KerasApi | None = None
    backends: tuple[Backend, ...] = ()
    legacy: tuple[bool, ...] = (False,)
    eager: tuple[bool, ...] = (True,)
    variables: tuple[tuple[str, str], ...] = ()
    overrides: tuple[str, ...] = ()
    index: IndexOptions = field(default_factory=IndexOptions)
    builder: str = "nox"
    image: ImageOptions = field(default_factory=ImageOptions)

    def problem(self, key: str, message: str, hint: str = "") -> None:
        """Note a mistake at the value of that key, or at the entry where it has no such key."""
        self.nodes.get(key, self.node).problem(message, hint)


def read_entry(node: Node, *, key: str | None, builder: str, image: ImageOptions) -> Entry | None:
    """Read an entry; None when it is so wrong that nothing can be derived from it.

    key: the id, where environments are a mapping. builder, image: what the matrix says for all.
    """
    before = len(node.problems)
    nodes = node.fields(KEYS, aliases=_ALIASES, or_else=" such as {tensorflow: '2.10'}")
    own_id = _own_id(node, nodes, key)
    requirements = _list(nodes, "requirements")
    entry = Entry(
        node=node,
        nodes=nodes,
        id=own_id,
        tensorflow=nodes["tensorflow"].text("a version") if "tensorflow" in nodes else None,
        keras=nodes["keras"].text("a version") if "keras" in nodes else None,
        nightly=_flag(nodes, "nightly"),
        package=nodes["package"].choice(PACKAGES, "package") if "package" in nodes else None,
        pins=_list(nodes, "pins") or (),
        python=values.python(nodes["python"]) if "python" in nodes else None,
        requirements=requirements,
        api=_api(nodes),
        backends=_backends(nodes),
        legacy=_flags(nodes, "legacy-keras", default=False),
        eager=_flags(nodes, "eager", default=True),
        variables=_variables(nodes),
        overrides=_list(nodes, "overrides") or (),
        index=_index(nodes),
        builder=_builder(nodes, builder),
        image=read_image(nodes.get("docker"), image),
    )
    _check_form(entry)
    return entry if len(node.problems) == before else None


def read_builder(node: Node) -> str:
    """``nox`` or ``docker``; nox after noting a problem."""
    return node.choice(BUILDERS, "builder") or "nox"


def _builder(nodes: Mapping[str, Node], default: str) -> str:
    return read_builder(nodes["builder"]) if "builder" in nodes else default


def _own_id(node: Node, nodes: Mapping[str, Node], key: str | None) -> str | None:
    given = nodes.get("id")
    if key is not None:
        if given is not None:
            given.key_problem("an id is not needed here", "the key above is the id")
        return values.name(node, key, "an environment")
    text = given.text("an id") if given is not None else None
    return values.name(given, text, "an environment") if given is not None and text else None


def _flag(nodes: Mapping[str, Node], key: str) -> bool:
    return bool(nodes[key].flag()) if key in nodes else False


def _list(nodes: Mapping[str, Node], key: str) -> tuple[str, ...] | None:
    """Requirements under a key; None when the key is not there."""
    if key not in nodes:
        return None
    found: dict[tuple[str, str], str] = {}
    for node in nodes[key].one_or_more():
        text = values.requirement(node)
        if text is None:
            continue
        parsed = Requirement(text)
        same = (canonicalize_name(parsed.name), str(parsed.marker or ""))
        if same in found:
            node.problem(
                f"{parsed.name} stands twice in this list", f"the first is {found[same]!r}"
            )
        found.setdefault(same, text)
    return tuple(found.values())


def _api(nodes: Mapping[str, Node]) -> KerasApi | None:
    text = nodes["api"].choice(KerasApi, "api") if "api" in nodes else None
    return KerasApi(text) if text else None


def _backends(nodes: Mapping[str, Node]) -> tuple[Backend, ...]:
    if "backend" not in nodes:
        return ()
    found: dict[Backend, None] = {}
    for node in nodes["backend"].one_or_more():
        text = node.choice(Backend, "backend")
        if text is None:
            continue
        if Backend(text) in found:
            node.problem(f"{text} stands twice in this list")
        found[Backend(text)] = None
    return tuple(found)


def _flags(nodes: Mapping[str, Node], key: str, *, default: bool) -> tuple[bool, ...]:
    if key not in nodes:
        return (default,)
    found: dict[bool, None] = {}
    for node in nodes[key].one_or_more():
        value = node.flag()
        if value is None:
            continue
        if value in found:
            node.problem(f"{str(value).lower()} stands twice in this list")
        found[value] = None
    return tuple(found) or (default,)


def _variables(nodes: Mapping[str, Node]) -> tuple[tuple[str, str], ...]:
    return tuple(values.variables(nodes["variables"]).items()) if "variables" in nodes else ()


def _index(nodes: Mapping[str, Node]) -> IndexOptions:
    links = nodes["find-links"].one_or_more() if "find-links" in nodes else ()
    return IndexOptions(
        prerelease=_flag(nodes, "prerelease"),
        exclude_newer=values.day(nodes["exclude-newer"]) if "exclude-newer" in nodes else None,
        find_links=tuple(text for node in links if (text := values.folder(node)) is not None),
    )


def _check_form(entry: Entry) -> None:
    """The short form names versions, the full form requirements; never both."""
    if not entry.node.is_mapping:
        return
    short = [key for key in SHORT_KEYS if key in entry.nodes]
    if "requirements" in entry.nodes:
        for key in short:
            entry.nodes[key].key_problem(
                "cannot stand beside `requirements`", "state everything there, or nothing"
            )
        return
    if not entry.nightly and not set(short) & {"tensorflow", "keras"}:
        entry.node.problem(
            "says nothing to install",
            "write tensorflow: '2.10', keras: '3.15' and a backend, nightly: true, or requirements",
        )
    if entry.nightly:
        for key in ("tensorflow", "keras", "package", "backend", "legacy-keras"):
            if key in entry.nodes:
                entry.nodes[key].key_problem(
                    "cannot stand beside `nightly`", "for other combinations use requirements"
                )
