"""From what is new to lines of the catalogue and of the matrix. Pure: texts in, edits out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from packaging.version import Version

from runner.config import yaml_edit
from runner.scaffold.new_releases import Kind, Release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.config.catalogue import Catalogue, KerasFacts, TensorflowFacts
    from runner.config.yaml_edit import Edit

NEW = frozenset({Kind.MINOR, Kind.PRERELEASE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What to change for one release: a line to add, or a value to replace, and where."""

    release: Release
    file: str  # ``catalogue`` or ``matrix``
    line: str  # what a person would write there
    edit: Edit


def catalogue_proposals(
    content: str, catalogue: Catalogue, news: Sequence[Release], legacy: Sequence[Version]
) -> list[Proposal]:
    """Return new lines and patches for the catalogue's text. legacy: versions of tf-keras."""
    sections = yaml_edit.root(content)
    found = []
    for release in sorted(news, key=lambda one: Version(one.version)):
        if release.kind is Kind.BACKEND:
            continue
        key = "newest" if release.package != "tf-keras" else "tf-keras"
        section = yaml_edit.mapping(
            sections["tensorflow" if key == "tf-keras" else release.package]
        )
        if release.kind is Kind.PATCH:
            node = yaml_edit.mapping(section[release.minor])[key]
            line = f'"{release.minor}": {{… {key}: "{release.version}" …}}'
            edit = yaml_edit.replace_scalar(node, release.version)
        else:
            line = (
                _tensorflow_line(catalogue, release, legacy)
                if release.package == "tensorflow"
                else _keras_line(catalogue, release, news)
            )
            last = section[max(section, key=Version)]
            edit = yaml_edit.insert_after(content, last, f"  {line}\n")
        found.append(Proposal(release=release, file="catalogue", line=line, edit=edit))
    return found


def _tensorflow_line(catalogue: Catalogue, release: Release, legacy: Sequence[Version]) -> str:
    """As the newest one that is known: what a release really accepts shows when it is locked."""
    before = catalogue.tensorflow[max(catalogue.tensorflow, key=Version)]
    same = [one for one in legacy if f"{one.major}.{one.minor}" == release.minor]
    parts = [
        f'newest: "{release.version}"',
        f"package: {release.wheel}",
        f'python: "{before.python}"',
        f'pythons: "{_specifier(before.pythons)}"',
        f'keras: "{before.keras}"',
        f'accepts-keras: "{_specifier(before.accepts_keras)}"',
    ]
    if same:
        parts.append(f'tf-keras: "{max(same)}"')
    return _wrapped(release, parts)


def _keras_line(catalogue: Catalogue, release: Release, news: Sequence[Release]) -> str:
    before = catalogue.keras[max(catalogue.keras, key=Version)]
    finals = [one.minor for one in news if one.package == "tensorflow" and one.kind is Kind.MINOR]
    newest = max([*catalogue.tensorflow, *finals], key=Version)
    parts = [
        f'newest: "{release.version}"',
        f"kind: {before.kind}",
        f'python: "{before.python}"',
        f'pythons: "{_specifier(before.pythons)}"',
        f'tensorflow: "{newest}"',
    ]
    return _wrapped(release, parts)


def _wrapped(release: Release, parts: list[str]) -> str:
    pre = "a pre-release; " if release.kind is Kind.PRERELEASE else ""
    why = f'why: "{pre}not run; Python and Keras as for the minor before (inferred)"'
    half = (len(parts) + 1) // 2
    indent = " " * (len(release.minor) + 7)
    first, second = ", ".join(parts[:half]), ", ".join(parts[half:])
    return f'"{release.minor}": {{{first},\n{indent}{second},\n{indent}{why}}}'


def _specifier(specifier: object) -> str:
    """``>=3.10,<3.14``: the lower bound first, as a person writes it."""
    return ",".join(sorted(str(specifier).split(","), key=lambda one: one.startswith("<")))


def matrix_proposals(content: str, news: Sequence[Release]) -> list[Proposal]:
    """Return new environments, after the newest of their kind, and newer pins of backends."""
    entries = yaml_edit.root(content).get("environments")
    if not isinstance(entries, yaml.SequenceNode):
        return []  # environments as a mapping have ids of their own: the owner's to choose
    found = []
    for release in news:
        if release.kind is Kind.BACKEND:
            found += _pins(entries, release)
        elif release.kind in NEW and release.package in {"tensorflow", "keras"}:
            line = _entry(entries, release)
            last = _newest_entry(entries, release.package)
            if line is None or last is None:
                continue
            indent = " " * (last.start_mark.column - 2)
            edit = yaml_edit.insert_after(content, last, f"{indent}{line}\n")
            found.append(Proposal(release=release, file="matrix", line=line, edit=edit))
    return found


def overdue(content: str, catalogue: Catalogue) -> list[Release]:
    """Of TensorFlow and Keras the newest that is known, where the matrix has only older ones."""
    entries = yaml_edit.root(content).get("environments")
    if not isinstance(entries, yaml.SequenceNode):
        return []
    found = []
    known: Mapping[str, TensorflowFacts | KerasFacts]
    for package, known in (("tensorflow", catalogue.tensorflow), ("keras", catalogue.keras)):
        entry = _newest_entry(entries, package)
        minor = max(known, key=Version)
        have = _version(_value(entry, package) or "0") if entry is not None else Version("0")
        if entry is not None and (have.major, have.minor) < Version(minor).release[:2]:
            newest = known[minor].newest
            found.append(
                Release(
                    package=package,
                    version=newest,
                    minor=minor,
                    kind=Kind.MINOR,
                    known=str(have),
                    wheel=package,
                )
            )
    return found


def _entry(entries: yaml.SequenceNode, release: Release) -> str | None:
    if release.package == "tensorflow":
        # The newest Keras that the matrix has, so that the pair differs in one thing.
        known = [text for entry in entries.value if (text := _value(entry, "keras"))]
        with_keras = f', keras: "{max(known, key=_version)}"' if known else ""
        return f'- {{tensorflow: "{release.minor}"{with_keras}}}'
    newest = _newest_entry(entries, "tensorflow")
    tensorflow = _value(newest, "tensorflow") if newest is not None else None
    if tensorflow is None:
        return None
    return f'- {{tensorflow: "{tensorflow}", keras: "{release.minor}"}}'


def _newest_entry(entries: yaml.SequenceNode, key: str) -> yaml.Node | None:
    found = [
        entry
        for entry in entries.value
        if _value(entry, key) is not None
        and _value(entry, "legacy-keras") is None
        and (key == "keras" or _value(entry, "backend") in {None, "tensorflow"})
    ]
    if key == "keras":
        on_tensorflow = [entry for entry in found if _value(entry, "tensorflow")]
        found = on_tensorflow or found
    return max(found, key=lambda entry: _version(_value(entry, key) or "0"), default=None)


def _value(entry: yaml.Node, key: str) -> str | None:
    node = yaml_edit.mapping(entry).get(key)
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _version(text: str) -> Version:
    return Version(text) if re.fullmatch(r"[0-9][0-9a-z.]*", text) else Version("0")


def _pins(entries: yaml.SequenceNode, release: Release) -> list[Proposal]:
    found = []
    for entry in entries.value:
        pins = yaml_edit.mapping(entry).get("pins")
        for pin in pins.value if isinstance(pins, yaml.SequenceNode) else ():
            if pin.value == f"{release.package}=={release.known}":
                line = f"{release.package}=={release.version}"
                edit = yaml_edit.replace_scalar(pin, line)
                found.append(Proposal(release=release, file="matrix", line=line, edit=edit))
    return found
