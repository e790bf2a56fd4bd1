"""One entry below ``environments:`` as the user wrote it, typed, before any fact is added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from runner.config import values
from runner.config.fields import Fields, keys_of
from runner.config.settings import read_image
from runner.model.axes import RUNTIME_AXES
from runner.model.matrix import BUILDERS, Backend, ImageOptions, IndexOptions, KerasApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.config.yaml_nodes import Node

PACKAGES = ("tensorflow", "tensorflow-cpu")
SHORT_FORM = ("tensorflow", "keras", "nightly", "package", "pins")  # never with requirements
# Words that other tools use for the same thing.
ALIASES = {
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

    node: Node = field(metadata={"keys": ()})
    nodes: Mapping[str, Node] = field(repr=False, metadata={"keys": ()})
    tensorflow: str | None = None
    keras: str | None = None
    nightly: bool = False
    package: str | None = None
    pins: tuple[str, ...] = ()
    id: str | None = None  # the user's own; None: derived
    python: str | None = None
    requirements: tuple[str, ...] | None = None  # given: the full form
    api: KerasApi | None = None
    backends: tuple[Backend, ...] = field(default=(), metadata={"keys": ("backend",)})
    legacy: tuple[bool, ...] = field(default=(False,), metadata={"keys": ("legacy-keras",)})
    # The values of each runtime axis, in the order of RUNTIME_AXES.
    runtime: tuple[tuple[bool, ...], ...] = field(
        default=(), metadata={"keys": tuple(axis.key for axis in RUNTIME_AXES)}
    )
    variables: tuple[tuple[str, str], ...] = ()
    overrides: tuple[str, ...] = ()
    index: IndexOptions = field(
        default_factory=IndexOptions, metadata={"keys": keys_of(IndexOptions)}
    )
    builder: str = "nox"
    image: ImageOptions = field(default_factory=ImageOptions, metadata={"keys": ("docker",)})

    def problem(self, key: str, message: str, hint: str = "") -> None:
        """Note a mistake at the value of that key, or at the entry if it has no such key."""
        self.nodes.get(key, self.node).problem(message, hint)


def read_entry(node: Node, *, key: str | None, builder: str, image: ImageOptions) -> Entry | None:
    """Read an entry; None when it is so wrong that nothing can be derived from it.

    key: the id, where environments are a mapping. builder, image: what the matrix says for all.
    """
    before = len(node.problems)
    get = Fields.of(node, Entry, aliases=ALIASES, or_else=" such as {tensorflow: '2.10'}")
    nodes = get.known
    api = get.choice("api", KerasApi, "api")
    entry = Entry(
        node=node,
        nodes=nodes,
        id=_own_id(get, key),
        tensorflow=get.maybe_text("tensorflow", "a version"),
        keras=get.maybe_text("keras", "a version"),
        nightly=get.flag("nightly"),
        package=get.choice("package", PACKAGES, "package"),
        pins=_requirements(nodes, "pins") or (),
        python=values.python(nodes["python"]) if "python" in nodes else None,
        requirements=_requirements(nodes, "requirements"),
        api=KerasApi(api) if api else None,
        backends=_backends(nodes),
        legacy=get.flags("legacy-keras", default=False),
        runtime=tuple(get.flags(axis.key, default=axis.default) for axis in RUNTIME_AXES),
        variables=get.variables(),
        overrides=_requirements(nodes, "overrides") or (),
        index=_index(get),
        builder=read_builder(nodes["builder"]) if "builder" in nodes else builder,
        image=read_image(nodes.get("docker"), image),
    )
    _check_form(entry)
    return entry if len(node.problems) == before else None


def read_builder(node: Node) -> str:
    """``nox`` or ``docker``; nox after noting a problem."""
    return node.choice(BUILDERS, "builder") or "nox"


def _own_id(get: Fields, key: str | None) -> str | None:
    given = get.maybe("id")
    if key is not None:
        if given is not None:
            given.key_problem("an id is not needed here", "the key above is the id")
        return values.name(get.node, key, "an environment")
    text = given.text("an id") if given is not None else None
    return values.name(given, text, "an environment") if given is not None and text else None


def _requirements(nodes: Mapping[str, Node], key: str) -> tuple[str, ...] | None:
    """Return the requirements below a key; None if the key is missing."""
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
            node.problem(f"{parsed.name} is twice in this list", f"the first is {found[same]!r}")
        found.setdefault(same, text)
    return tuple(found.values())


def _backends(nodes: Mapping[str, Node]) -> tuple[Backend, ...]:
    if "backend" not in nodes:
        return ()
    found: dict[Backend, None] = {}
    for node in nodes["backend"].one_or_more():
        text = node.choice(Backend, "backend")
        if text is None:
            continue
        if Backend(text) in found:
            node.problem(f"{text} is twice in this list")
        found[Backend(text)] = None
    return tuple(found)


def _index(get: Fields) -> IndexOptions:
    links = get.need("find-links").one_or_more() if "find-links" in get else ()
    newest = get.maybe("exclude-newer")
    return IndexOptions(
        prerelease=get.flag("prerelease"),
        exclude_newer=values.day(newest) if newest is not None else None,
        find_links=tuple(text for node in links if (text := values.folder(node)) is not None),
    )


def _check_form(entry: Entry) -> None:
    """Check that an entry names either versions (short form) or requirements (full form)."""
    if not entry.node.is_mapping:
        return
    short = [key for key in SHORT_FORM if key in entry.nodes]
    if "requirements" in entry.nodes:
        for key in short:
            entry.nodes[key].key_problem(
                "cannot be combined with `requirements`", "put all versions there, or none"
            )
        return
    if not entry.nightly and not set(short) & {"tensorflow", "keras"}:
        entry.node.problem(
            "has nothing to install",
            "write tensorflow: '2.10', keras: '3.15' and a backend, nightly: true, or requirements",
        )
    if entry.nightly:
        for key in ("tensorflow", "keras", "package", "backend", "legacy-keras"):
            if key in entry.nodes:
                entry.nodes[key].key_problem(
                    "cannot be combined with `nightly`", "for other combinations use requirements"
                )
