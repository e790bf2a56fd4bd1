"""Find an environment in which a file loads, and write its pinned requirements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.environment_variables import defining_variables
from runner.plan.candidates import by_likelihood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.builds import Lock
    from runner.model.inspection import Inspection
    from runner.model.user_file import FileCell
    from runner.plan.candidates import Candidate
    from runner.run.file_run import FileRun

OWN = "KMATRIX_"  # variables that only kmatrix's worker reads


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An environment that loads the file, and how."""

    candidate: Candidate
    load: FileCell
    note: str | None = None  # what a program has to do besides


def find_environment(
    path: Path,
    inspection: Inspection,
    candidates: Sequence[Candidate],
    run: FileRun,
) -> tuple[Found | None, tuple[FileCell, ...]]:
    """Return the nearest that loads the file as is, else by a route, and all tried.

    One environment after the other: nothing is built that is not needed.
    """
    tried: list[FileCell] = []
    remedied: Found | None = None
    for candidate in by_likelihood(inspection, candidates):
        loads = run.execute([(path, inspection)], [candidate])[0].environments
        if not loads:
            break
        tried.append(loads[0])
        if loads[0].verdict.safe:
            return Found(candidate=candidate, load=loads[0]), tuple(tried)
        if loads[0].route is not None and remedied is None:
            remedied = Found(candidate=candidate, load=loads[0])
    return remedied, tuple(tried)


def header(path: Path, found: Found) -> list[str]:
    """Return what the requirements are for, as comment lines."""
    environment = found.candidate.environment
    route = found.load.route or ""
    lines = [
        (
            f"# {path.name} loads {'as is' if route == 'as-is' else f'by {route}'} with these: "
            f"tried in {environment.id}, Python {environment.installation.python}."
        )
    ]
    if route != "as-is":
        lines += [f"#   {line}".rstrip() for line in (found.load.code or "").splitlines()]
    if found.note:
        lines.append(f"# {found.note}")
    lines += [f"# Set {name}={value}" for name, value in variables(found.candidate)]
    return lines


def variables(candidate: Candidate) -> list[tuple[str, str]]:
    """Return the environment variables that the environment needs, kmatrix's own left out."""
    found = defining_variables(candidate.environment)
    return [(name, value) for name, value in sorted(found.items()) if not name.startswith(OWN)]


def as_requirements(path: Path, found: Found, lock: Lock) -> str:
    """``requirements.txt``: exact versions, without hashes."""
    pins = [f"{name}=={version}" for name, version in lock.packages]
    return "\n".join([*header(path, found), *pins]) + "\n"


def as_lock(path: Path, found: Found, lock: Lock) -> str:
    """Return the lock with its hashes, as pip and uv install it."""
    return "\n".join([*header(path, found), lock.path.read_text("utf-8").rstrip()]) + "\n"


def as_dockerfile(path: Path, found: Found, lock: Lock) -> str:
    """Return an image with that Python and these packages."""
    python = found.candidate.environment.installation.python
    pins = [f"{name}=={version}" for name, version in lock.packages]
    return "\n".join(
        [
            *header(path, found),
            f"FROM python:{python}-slim",
            *(f"ENV {name}={value}" for name, value in variables(found.candidate)),
            "RUN pip install --no-cache-dir --no-deps \\",
            *(f"    {pin} \\" for pin in pins[:-1]),
            f"    {pins[-1]}",
            "",
        ]
    )


FORMATS = {"txt": as_requirements, "lock": as_lock, "dockerfile": as_dockerfile}
