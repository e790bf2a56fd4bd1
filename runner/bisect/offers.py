"""What the index offers of a package, for every Python that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import child_processes
from runner.bisect.releases import Offered, Releases, distance, releases
from runner.environments.interpreters import find_interpreter
from runner.errors import ToolError
from runner.scaffold.index_versions import versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from packaging.version import Version

MINORS = range(6, 20)  # of Python 3
FARTHEST = 3  # minor versions from the held Python
THREADS = 4


def all_releases(
    package: str,
    *,
    held: str,
    only: str | None,
    find_links: Iterable[str],
    prereleases: bool,
    ends: Collection[Version] = (),
) -> Releases:
    """Ask the index. held: the Python of the held environment. only: the one Python to use.

    Other Pythons are not asked where both ends are named, and the first has wheels of both.
    Raises ToolError (3) where the index does not answer, or has no release.
    """
    links = tuple(find_links)
    first = only or held
    wheels = _wheels(package, first, links)
    if len(ends) > 1 and wheels >= set(ends):
        enough = Offered(python=first, versions=wheels, wheels=wheels)
        return releases(package, [enough], held=first, prereleases=prereleases)
    everything = versions(package, python=first, any_python=False, find_links=links)
    pythons = (first,) if only else (first, *_other_pythons(first))

    def ask(python: str) -> Offered:
        found = _wheels(package, python, links)
        return Offered(python=python, versions=found, wheels=found)

    offered = child_processes.side_by_side(ask, pythons[1:], threads=THREADS)
    own = Offered(python=first, versions=frozenset(everything), wheels=wheels)
    found = releases(package, [own, *offered], held=first, prereleases=prereleases)
    if not found.all:
        raise ToolError(f"{package}: the index offers no release of it for Python {first}")
    return found


def _other_pythons(first: str) -> tuple[str, ...]:
    known = (f"3.{minor}" for minor in MINORS)
    return tuple(
        python
        for python in known
        if python != first
        and distance(python, first)[0] <= FARTHEST
        and find_interpreter(python) is not None
    )


def _wheels(package: str, python: str, find_links: tuple[str, ...]) -> frozenset[Version]:
    """Those with wheels; none where the index says that there is no such file at all."""
    try:
        found = versions(
            package, python=python, any_python=False, wheels=True, find_links=find_links
        )
    except ToolError:
        return frozenset()  # it answered for the held Python
    return frozenset(found)
