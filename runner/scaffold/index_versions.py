"""List the versions of a package on the configured index, through pip's client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from runner import process
from runner.environments.build_faults import explain
from runner.environments.uv import uv_binary, uv_environment
from runner.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS = 180.0


def versions(package: str, *, python: str) -> tuple[Version, ...]:
    """Every version with files for this Python and this machine, pre-releases too, oldest first.

    Which index that is, is a matter of the user's own settings. Raises ToolError (exit code 3)
    if it does not answer, or does not have the package.
    """
    argv = [
        *(str(uv_binary()), "tool", "run", "--quiet", "pip"),
        *("index", "versions", "--json", "--pre", "--disable-pip-version-check"),
        *("--ignore-requires-python", "--python-version", python, package),
    ]
    try:
        done = process.run(argv, seconds=SECONDS, env=uv_environment())
    except OSError as error:
        raise ToolError(f"{package}: the index did not answer ({error})") from error
    if not done.ok:
        why = f"no answer in {SECONDS:.0f} s" if done.code is None else explain(done.output)
        raise ToolError(
            f"{package}: the index did not answer: {why}. Check pip's settings: pip config list"
        )
    return _parse(package, done.output)


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
