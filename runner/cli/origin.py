"""Which repository this kmatrix came from: asked of its installation, else of its checkout."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from runner import process
from runner.scaffold.action_source import action_at, directory_of, installed_from

SECONDS = 20
HERE = Path(__file__).resolve().parents[2]


def find_action() -> str | None:
    """``owner/kmatrix@commit``; None where that is not on GitHub, or nobody knows."""
    said = _direct_url()
    address = directory_of(said)
    folder = Path(url2pathname(urlsplit(address).path)) if address else HERE
    return installed_from(said) or _of_checkout(folder)


def _direct_url() -> str | None:
    try:
        return distribution("kmatrix").read_text("direct_url.json")
    except PackageNotFoundError:
        return None


def _of_checkout(folder: Path) -> str | None:
    if not (folder / ".git").exists():
        return None
    remote = _git(folder, "remote", "get-url", "origin")
    return action_at(remote, _git(folder, "rev-parse", "HEAD"))


def _git(folder: Path, *words: str) -> str:
    try:
        done = process.run(["git", "-C", folder, *words], seconds=SECONDS)
    except OSError:  # no git here
        return ""
    return done.output.strip() if done.ok else ""
