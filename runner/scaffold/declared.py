"""Reads requirements, pyproject, locks and environment files: text in, mentions out."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from runner.scaffold.repository import PACKAGES, Declared, Mention, mention

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping


CONDA_NAMES = {"pytorch": "torch", "pytorch-cpu": "torch"}  # where conda names a package otherwise


def read_declared(files: Mapping[str, str], *, packages: Collection[str] = PACKAGES) -> Declared:
    """Return what the files, by their path in the repository, say of packages.

    What is broken is passed over: see ``Declared.unread``.
    """
    mentions: list[Mention] = []
    unread: list[str] = []
    python, where = SpecifierSet(), None
    for path, text in files.items():
        reader = _reader(path)
        if reader is not None:
            try:
                found = [one for one in reader(path, text) if one is not None]
            except (ValueError, TypeError, AttributeError, KeyError, yaml.YAMLError):
                unread.append(path)  # not what its name says
                continue
            mentions += [one for one in found if one.package in packages]
        if where is None and (allowed := python_of(path, text)) is not None:
            python, where = allowed, path
    return Declared(
        mentions=tuple(mentions), python=python, python_where=where, unread=tuple(unread)
    )


def is_interesting(path: str) -> bool:
    """Whether a file of this path can say something."""
    return _reader(path) is not None or path == ".python-version"


def _reader(path: str) -> Callable[[str, str], Iterator[Mention | None]] | None:
    name = path.rsplit("/", 1)[-1].lower()
    if name in READERS:
        return READERS[name]
    in_folder = "/" in path and path.rsplit("/", 2)[-2].lower() == "requirements"
    if name.endswith((".txt", ".in")) and (
        in_folder or re.match(r"(requirements|constraints)", name)
    ):
        return _requirements
    return _conda if re.fullmatch(r"(environment|conda)[\w.-]*\.ya?ml", name) else None


def _requirement(text: str, where: str, *, lock: bool = False) -> Mention | None:
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return None
    return mention(found.name, str(found.specifier), where, lock=lock)


def _requirements(path: str, text: str) -> Iterator[Mention | None]:
    hashed = "--hash=" in text  # as compilers write them
    for number, line in enumerate(text.splitlines(), start=1):
        words = re.sub(r"(^|\s)#.*", "", line).split(" --hash")[0].rstrip("\\ ").strip()
        if words and not words.startswith("-"):
            yield _requirement(words, f"{path}:{number}", lock=hashed)


def _pyproject(path: str, text: str) -> Iterator[Mention | None]:
    data = tomllib.loads(text)
    project = data.get("project", {})
    groups = [project.get("dependencies", [])]
    groups += project.get("optional-dependencies", {}).values()
    groups += data.get("dependency-groups", {}).values()
    for group in groups:
        for one in group:
            if isinstance(one, str):
                yield _requirement(one, path)
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for table in tables:
        for name, value in table.items():
            version = value.get("version", "*") if isinstance(value, dict) else value
            if isinstance(version, str):
                yield mention(name, poetry_specifier(version), path)


def poetry_specifier(text: str) -> str:
    """``^2.15`` and ``~2.15.0`` as everybody else writes them."""
    text = text.strip()
    if text in {"*", ""}:
        return ""
    found = re.fullmatch(r"([\^~])\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?\S*", text)
    if found is None:
        return f"=={text}" if text[0].isdigit() else text
    version = text.lstrip("^~ ")
    major, minor = int(found[2]), int(found[3] or 0)
    if (found[1] == "^" and major > 0) or found[3] is None:
        return f">={version},<{major + 1}"
    return f">={version},<{major}.{minor + 1}"


def _toml_lock(path: str, text: str) -> Iterator[Mention | None]:
    for package in tomllib.loads(text).get("package", []):
        if "version" in package:
            yield mention(package["name"], f"=={package['version']}", path, lock=True)


def _pipfile_lock(path: str, text: str) -> Iterator[Mention | None]:
    data = json.loads(text)
    for section in ("default", "develop"):
        for name, value in data.get(section, {}).items():
            yield mention(name, value.get("version", ""), path, lock=True)


def _conda(path: str, text: str) -> Iterator[Mention | None]:
    for one in (yaml.safe_load(text) or {}).get("dependencies", []):
        if isinstance(one, dict):
            for inner in one.get("pip", []):
                yield _requirement(inner, path)
            continue
        found = re.match(r"(?:\S+::)?([\w.-]+)\s*(.*)", one)
        if found is not None:
            name = CONDA_NAMES.get(found[1], found[1])
            version = found[2].strip()
            single = re.fullmatch(r"=\s*([\d.]+\d)(=\S+)?", version)
            yield mention(name, f"=={single[1]}.*" if single else version, path)


def _setup_cfg(path: str, text: str) -> Iterator[Mention | None]:
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(r"\w", line):
            inside = line.startswith("install_requires")
        if inside:
            words = line.removeprefix("install_requires").strip(" =\t")
            yield _requirement(words, f"{path}:{number}")


def _setup_py(path: str, text: str) -> Iterator[Mention | None]:
    """Yield requirements among a setup.py's strings; it is read, and never run."""
    for number, line in enumerate(text.splitlines(), start=1):
        for words in re.findall(r"[\"']([A-Za-z][^\"']*)[\"']", line):
            yield _requirement(words, f"{path}:{number}")


def _nothing(_path: str, _text: str) -> Iterator[Mention | None]:
    yield from ()


READERS: dict[str, Callable[[str, str], Iterator[Mention | None]]] = {
    "pyproject.toml": _pyproject,
    "uv.lock": _toml_lock,
    "poetry.lock": _toml_lock,
    "pdm.lock": _toml_lock,
    "pylock.toml": _toml_lock,
    "pipfile.lock": _pipfile_lock,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    ".python-version": _nothing,
}


def python_of(path: str, text: str) -> SpecifierSet | None:
    """Return the Pythons that a file allows; None if it does not declare any."""
    try:
        if path == ".python-version":
            found = re.match(r"\s*(?:cpython-)?(\d+\.\d+)", text)
            return SpecifierSet(f"=={found[1]}.*") if found else None
        if path == "pyproject.toml":
            data = tomllib.loads(text)
            declared = data.get("project", {}).get("requires-python")
            poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
            if declared is None and isinstance(poetry, str):
                declared = poetry_specifier(poetry)
            return SpecifierSet(declared) if declared is not None else None
    except (ValueError, AttributeError, InvalidSpecifier):
        return None
    return None
