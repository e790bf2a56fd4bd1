"""List the versions of a package on the configured index, through pip's client."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner import child_processes
from runner.display_text import cut
from runner.environments.build_faults import explain
from runner.environments.uv import uv_binary, uv_environment
from runner.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS = 180.0
NO_RELEASE = "No matching distribution found"  # pip has one exit code for all that goes wrong


def versions(
    package: str,
    *,
    python: str,
    any_python: bool = True,
    wheels: bool = False,
    find_links: Iterable[str | Path] = (),
) -> tuple[Version, ...]:
    """Every version with files for this Python and this machine, pre-releases too, oldest first.

    ``any_python``: also those that say that they need another Python. ``wheels``: only those that
    are installed without building.

    Which index that is, is a matter of the user's own settings. Raises ToolError (exit code 3)
    if it does not answer, or does not have the package. Yanked releases are left out.
    """
    with tempfile.TemporaryDirectory(prefix="kmatrix-index-") as name:
        log = Path(name) / "pip.log"
        argv = _argv(
            *(("--ignore-requires-python",) if any_python else ()),
            *(("--only-binary", ":all:") if wheels else ()),
            *(part for links in find_links for part in ("--find-links", str(links))),
            *("--python-version", python, "--log", str(log), package),
        )
        try:
            done = child_processes.run(argv, seconds=SECONDS, env=uv_environment())
        except OSError as error:
            raise ToolError(f"{package}: the index did not answer ({error})") from error
        lost = _lost(log)
    if not done.ok and not lost and NO_RELEASE in done.output:
        raise ToolError(
            f"{package}: the index has no release of it for Python {python}; check the name"
        )
    if not done.ok or lost:
        why = f"no answer in {SECONDS:.0f} s" if done.code is None else explain(done.output)
        raise ToolError(
            f"{package}: the index did not answer: {lost or why}. "
            "Check pip's settings: pip config list"
        )
    return _parse(package, done.output)


def _argv(*arguments: str) -> list[str]:
    return [
        *(str(uv_binary()), "tool", "run", "--quiet", "pip"),
        *("index", "versions", "--json", "--pre", "--disable-pip-version-check"),
        *arguments,
    ]


def _lost(log: Path) -> str:
    """Return what pip could not fetch and did not report as an error."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if "Could not fetch URL" in line]
    # A place that answers that it does not have the package has answered.
    return next((cut(line, 300) for line in lines if "Client Error" not in line), "")


def _parse(package: str, output: str) -> tuple[Version, ...]:
    """From the one line of JSON among whatever else the client had to say."""
    for line in output.splitlines():
        if line.startswith("{"):
            try:
                return tuple(sorted(_public(json.loads(line)["versions"])))
            except (ValueError, KeyError, TypeError):
                break
    raise ToolError(f"{package}: the index' client answered in a form kmatrix does not know")


def _public(texts: Iterable[str]) -> Iterable[Version]:
    for text in texts:
        try:
            version = Version(text)
        except InvalidVersion:
            continue  # older than the rules for versions
        if version.local is None and not version.is_devrelease:
            yield version
