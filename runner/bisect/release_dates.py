"""The day of a release, as the configured index tells it to uv."""

from __future__ import annotations

import tempfile
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runner import child_processes
from runner.environments.uv import uv_binary, uv_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECONDS = 60.0


def release_date(package: str, version: str, python: str, find_links: Iterable[str]) -> str | None:
    """Return the day on which the first file of a release was uploaded.

    None where nothing tells it.
    """
    with tempfile.TemporaryDirectory(prefix="kmatrix-date-") as name:
        work = Path(name)
        (work / "requirements.in").write_text(f"{package}=={version}\n", "utf-8")
        argv: list[str | Path] = [
            *(uv_binary(), "pip", "compile", "requirements.in", "--quiet", "--no-header"),
            *("--no-deps", "--format", "pylock.toml", "--output-file", "pylock.toml"),
            *("--python", python),
            *(part for links in find_links for part in ("--find-links", links)),
        ]
        done = child_processes.run(argv, seconds=SECONDS, env=uv_environment(), cwd=work)
        if not done.ok:
            return None
        return first_upload((work / "pylock.toml").read_text("utf-8"))


def first_upload(pylock: str) -> str | None:
    """Return the earliest upload of the packages in a ``pylock.toml``. Pure."""
    try:
        found = tomllib.loads(pylock).get("packages", [])
    except tomllib.TOMLDecodeError:
        return None
    times = [one for package in found for one in _times(package)]
    return min(times).date().isoformat() if times else None


def _times(package: dict[str, object]) -> Iterator[datetime]:
    wheels, sdist = package.get("wheels"), package.get("sdist")
    for file in (*(wheels if isinstance(wheels, list) else ()), sdist):
        time = file.get("upload-time") if isinstance(file, dict) else None
        if isinstance(time, datetime):
            yield time
