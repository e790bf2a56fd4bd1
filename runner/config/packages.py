"""``models: - package: …``: a library of layers, its releases, and the environments they make."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from runner.config import values
from runner.config.settings import read_selection
from runner.model.matrix import Package

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.config.yaml_nodes import Node
    from runner.model.matrix import Environment

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
PATH = re.compile(r"(-e\s+)?(?P<path>\.{1,2}|(\.{1,2}|~|)[/\\].*|.*[/\\].*|.*\.whl)")
SOURCES = ("pyproject.toml", "setup.py", "setup.cfg")
VERSIONS_HINT = "name a release ('1.2'), versions ('>=1.2,<2'), or a path to a folder or wheel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release of a library: the package, and the mark it puts behind an id."""

    package: Package
    mark: str  # ``keras-tcn-3.1.2``


def read_releases(fields: dict[str, Node], folder: Path) -> tuple[Release, ...]:
    """Return the releases that an entry with the key ``package`` names.

    Empty after noting a problem.
    """
    node = fields["package"]
    text = node.text("a package, or the path of one")
    if text is None:
        return ()
    path = PATH.fullmatch(text)
    first = _local(node, folder / path["path"]) if path else None
    name = _name(node, text) if path is None else None
    name = first.name if first is not None else name
    if name is None:
        return ()
    needs = fields["requirements"].one_or_more() if "requirements" in fields else ()
    requirements = tuple(found for need in needs if (found := values.requirement(need)))
    packages = [first] if first else []
    if "versions" in fields:
        versions = fields["versions"].one_or_more()
        packages += [one for item in versions if (one := _release(item, name, folder))]
    elif not first:
        packages = [Package(name=name, requirement=name)]
    return tuple(
        Release(package=replace(package, requirements=requirements), mark=_mark(package))
        for package in packages
    )


def _name(node: Node, text: str) -> str | None:
    if NAME.fullmatch(text):
        return canonicalize_name(text)
    hint = "write package: keras-tcn and versions: [...], or package: . for a folder"
    node.problem(f"{text!r} is neither the name of a package nor a path", hint)
    return None


def _release(node: Node, name: str, folder: Path) -> Package | None:
    text = node.text("a version or a path")
    if text is None:
        return None
    if path := PATH.fullmatch(text):
        found = _local(node, folder / path["path"])
        if found is not None and found.name != name:
            node.problem(f"{text} is the package {found.name}, not {name}")
            return None
        return found
    try:
        return Package(name=name, requirement=f"{name}=={Version(text)}")
    except InvalidVersion:
        pass
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        node.problem(f"{text!r} is not a version", VERSIONS_HINT)
        return None
    return Package(name=name, requirement=f"{name}{''.join(text.split())}")


def _local(node: Node, path: Path) -> Package | None:
    """Return the package in a folder or a wheel, by its own name."""
    path = Path(path).expanduser().resolve()
    if path.suffix == ".whl" and path.is_file():
        try:
            return Package(name=parse_wheel_filename(path.name)[0], path=path)
        except InvalidWheelFilename:
            node.problem(f"{path.name} is not a file name of a wheel", "keep the builder's name")
            return None
    if not path.exists():
        hint = "paths are relative to the matrix file"
        node.problem(f"{path}: no such folder or wheel", hint)
    elif not any((path / name).is_file() for name in SOURCES):
        hint = "name a folder with a pyproject.toml or setup.py, or a wheel"
        node.problem(f"{path}: is not a package that can be built", hint)
    else:
        return Package(name=_project_name(node, path), path=path)
    return None


def _project_name(node: Node, path: Path) -> str:
    """Return what the project calls itself.

    The folder's name where only running setup.py would tell.
    """
    try:
        project = tomllib.loads((path / "pyproject.toml").read_text("utf-8")).get("project", {})
    except FileNotFoundError:
        project = {}
    except (OSError, ValueError) as error:
        node.problem(f"{path / 'pyproject.toml'}: cannot be read: {error}")
        project = {}
    name = project.get("name") if isinstance(project, dict) else None
    return canonicalize_name(name if isinstance(name, str) else path.name)


def _mark(package: Package) -> str:
    """Return what tells a release from the others in an id.

    A folder's version moves, its id does not.
    """
    if package.path is None:
        version = (package.requirement or "").removeprefix(package.name)
    elif package.path.suffix == ".whl":
        version = str(parse_wheel_filename(package.path.name)[1])
    else:
        version = "local"
    return "-".join(
        filter(None, (package.name, re.sub(r"[^A-Za-z0-9.]+", "-", version).strip("-")))
    )


def recipe_files(node: Node, folder: Path, releases: Sequence[Release]) -> Iterator[Path]:
    """Files with recipes: named relative to the matrix file, or as modules of a local package."""
    local = [one.package.path for one in releases if one.package.path and one.package.path.is_dir()]
    for item in node.one_or_more():
        text = item.text("a Python file or a module")
        if text is None:
            continue
        if (folder / text).is_file():
            yield folder / text
            continue
        parts = Path(*text.split(".")).with_suffix(".py")
        module = [path for root in local for path in (root / parts, root / "src" / parts)]
        found = next((path for path in module if path.is_file()), None)
        if found is not None:
            yield found
        else:
            hint = "name a file relative to the matrix file, or a module of a local package"
            item.problem(f"{text}: no such file", hint)


def layered(
    environments: Sequence[Environment], releases: Iterable[Release], where: Node | None
) -> Iterator[Environment]:
    """Each environment that ``where`` selects, once with each release."""
    names = read_selection(where, [one.id for one in environments], "environment")
    releases = tuple(releases)
    for environment in environments:
        for release in releases if environment.id in names else ():
            base = environment.installation
            installation = replace(
                base,
                name=f"{base.name}+{release.mark}",
                requirements=(
                    *base.requirements,
                    *((release.package.requirement,) if release.package.requirement else ()),
                    *release.package.requirements,
                ),
                package=release.package,
                base=base,
            )
            name = f"{environment.id}+{release.mark}"
            yield replace(environment, id=name, installation=installation)
