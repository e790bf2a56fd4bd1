"""``--with``: add-on libraries on top of environments, and the module that imports them.

The locks are in a folder below ``build/with``, so that nothing of the user's is written.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.cli.lock_files import LockFiles
from runner.cli.project import Project, installations_of
from runner.config.packages import Release, layered
from runner.environments.locks import lock_path
from runner.errors import ExitCode, ToolError
from runner.model.inspection import FileFormat
from runner.model.matrix import Package
from runner.modelfile.addons import load_addons, owners_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment

# The user's installed packages know their classes; load_model wants them by name.
MODULE = '''\
"""Import the packages of --with, and supply the classes that the file asks for."""

import importlib
import sys

PACKAGES = {packages!r}
ASKED = {asked!r}
CUSTOM_OBJECTS = {{}}

for package in PACKAGES:
    importlib.import_module(package)
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] == package:
            for asked in ASKED:
                if hasattr(module, asked):
                    CUSTOM_OBJECTS.setdefault(asked, getattr(module, asked))
'''


# Two characters before one, so that each sign is replaced once.
SIGNS = {"==": "", "~=": "about", "!=": "not", ">=": "from", "<=": "to", ">": "over", "<": "below"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What ``--with`` names: one package that is imported, and those installed with it."""

    release: Release
    modules: tuple[str, ...]  # what to import


def read_added(texts: Sequence[str]) -> Added:
    """Read ``tensorflow-addons==0.22`` and the like. Raises ToolError (exit code 2)."""
    found = [_requirement(text) for text in texts]
    names = [canonicalize_name(one.name) for one in found]
    mark = "-".join(_mark(text) for text in texts)
    package = Package(
        name=names[0],
        requirement=str(found[0]),
        requirements=tuple(str(one) for one in found[1:]),
    )
    modules = {one.package: one.module for one in load_addons()}
    return Added(
        release=Release(package=package, mark=mark),
        modules=(
            modules.get(names[0], names[0].replace("-", "_")),
            # Others may have any import name: only those that are known are imported.
            *(modules[name] for name in names[1:] if name in modules),
        ),
    )


def _requirement(text: str) -> Requirement:
    try:
        found = Requirement(text)
    except InvalidRequirement:
        found = None
    if found is None or found.url is not None or found.extras or found.marker is not None:
        raise ToolError(
            f"--with {text}: not a package of an index; write tensorflow-addons==0.22",
            exit_code=ExitCode.USAGE,
        )
    return found


def _mark(text: str) -> str:
    """Return what a requirement adds to the id of an environment."""
    for sign, word in SIGNS.items():
        text = text.replace(sign, f"-{word}-")
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-")


def environments_with(
    project: Project, environments: Iterable[Environment], added: Added, say: Callable[[str], None]
) -> tuple[Project, tuple[Environment, ...]]:
    """Return the environments with the packages on top, and the project that has their locks.

    Raises ToolError where the resolver gives no answer. That packages do not go together with an
    environment is an answer: the environment is unavailable, and says why.
    """
    bases = tuple(environments)
    found = tuple(layered(bases, (added.release,), None))
    digest = hashlib.sha256(str(project.folder).encode()).hexdigest()[:8]
    folder = project.build.resolve() / "with" / digest
    for base in installations_of(bases):
        own = lock_path(project.folder, base)
        if own.exists():
            target = lock_path(folder, base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(own, target)
    locks = LockFiles(folder=folder, say=say)
    if failures := locks.write_missing(found):
        raise ToolError("\n".join(failures))
    matrix = replace(project.matrix, file=folder / project.matrix.file.name, environments=found)
    return Project(matrix=matrix, build=project.build), found


def write_module(added: Added, inspections: Iterable[Inspection], build: Path) -> Path:
    """Write the Python file that imports the packages; the same text is the same file."""
    asked = sorted({name for each in inspections for name in _classes(each)})
    text = MODULE.format(packages=added.modules, asked=tuple(asked))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = build.resolve() / "with" / digest / "packages_of_with.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def import_note(added: Added, inspection: Inspection) -> str:
    """Return what a program has to do, besides installing the packages, to load the file."""
    names = _classes(inspection)
    classes = f", and pass these as custom_objects: {', '.join(names)}" if names else ""
    return f"Import {', '.join(added.modules)} before loading{classes}."


def _classes(inspection: Inspection) -> list[str]:
    """Return the names to pass as custom_objects.

    A SavedModel holds its functions and needs none.
    """
    if inspection.format is FileFormat.SAVEDMODEL:
        return []
    return sorted({one.key.rpartition(">")[2] for one in inspection.custom})


def addons_asked(inspection: Inspection) -> tuple[str, ...]:
    """Return the packages that have the classes a file asks for, each once."""
    found = [
        owner.package
        for one in inspection.custom
        for owner in (owners_of(one.module or "") or owners_of(one.key))
    ]
    return tuple(dict.fromkeys(found))
