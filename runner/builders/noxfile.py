"""The nox session that builds one virtual environment. ``kmatrix`` runs it; see nox_builder."""

import json
import sys
from pathlib import Path

import nox

nox.options.error_on_external_run = False


@nox.session(venv_backend="none")
def venv(session: nox.Session) -> None:
    """Make a virtual environment and install a lock, and nothing else, into it."""
    request = json.loads(Path(session.posargs[0]).read_text("utf-8"))
    if request["uv"]:
        with_uv(session, request)
    else:
        with_pip(session, request)


def with_uv(session: nox.Session, request: dict[str, str]) -> None:
    """Hard links from uv's cache: seconds, and no second copy on disk."""
    uv, target = request["uv"], request["target"]
    session.run(uv, "venv", "--clear", "--python", request["python"], target, external=True)
    python = _python(target)
    session.run(
        *(uv, "pip", "sync", "--require-hashes", "--python", python),
        *(["--prerelease", "allow"] if request["prerelease"] else []),
        *[part for links in request["find_links"] for part in ("--find-links", links)],
        request["lock"],
        external=True,
    )


def with_pip(session: nox.Session, request: dict[str, str]) -> None:
    """For interpreters that uv does not serve."""
    session.run(request["python"], "-m", "venv", "--clear", request["target"], external=True)
    python = _python(request["target"])
    session.run(
        *(python, "-m", "pip", "install", "--require-hashes", "--no-deps"),
        *[part for links in request["find_links"] for part in ("--find-links", links)],
        *("--requirement", request["lock"]),
        external=True,
    )


def _python(target: str) -> str:
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return str(Path(target).joinpath(*inside))
