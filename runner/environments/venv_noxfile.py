"""The nox session that builds one virtual environment. ``kmatrix`` runs it; see nox_builder."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.options.error_on_external_run = False

# Python 3.6 brings pip 18, which knows neither manylinux2014 wheels nor which pip is its last.
OLD_PYTHON, ITS_LAST_PIP = "3.6", "pip>=21.3,<22"
WATCH_SECONDS = 0.2


@nox.session(venv_backend="none")
def venv(session: nox.Session) -> None:
    """Make a virtual environment and install a lock, and nothing else, into it."""
    die_with(os.getppid())
    request = json.loads(Path(session.posargs[0]).read_text("utf-8"))
    if made_by_uv(session, request):
        sync_by_uv(session, request)
    else:
        install_by_pip(session, request)


def made_by_uv(session: nox.Session, request: dict[str, str]) -> bool:
    """Whether uv made the environment; no where it refuses the interpreter."""
    uv, python = request["uv"], request["python"]
    try:
        session.run(
            uv, "venv", "--no-project", "--python", python, request["target"], external=True
        )
    except CommandFailed:
        # A version, not a path: uv was to download it, and there is no interpreter to fall back to.
        if not Path(python).is_file() or is_served(session, uv, python):
            raise
        session.warn("uv refuses this interpreter; its own venv and pip are taken")
        return False
    return True


def is_served(session: nox.Session, uv: str, python: str) -> bool:
    """Whether uv takes that interpreter, so that it failed for another reason."""
    try:
        session.run(uv, "python", "find", "--no-project", python, external=True)
    except CommandFailed:
        return False
    return True


def sync_by_uv(session: nox.Session, request: dict[str, str]) -> None:
    """Hard links from uv's cache: seconds, and no second copy on disk."""
    session.run(
        *(request["uv"], "pip", "sync", "--require-hashes", "--python", _python(request)),
        *(["--prerelease", "allow"] if request["prerelease"] else []),
        *_find_links(request),
        request["lock"],
        external=True,
    )


def install_by_pip(session: nox.Session, request: dict[str, str]) -> None:
    """Install the same lock with pip, with the same hash checks, then remove pip."""
    session.run(request["python"], "-m", "venv", "--clear", request["target"], external=True)
    python = _python(request)
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    if request["version"] == OLD_PYTHON:
        session.run(*pip, "install", "--upgrade", ITS_LAST_PIP, external=True)
    session.run(
        *(*pip, "install", "--require-hashes", "--no-deps"),
        *_find_links(request),
        *("--requirement", request["lock"]),
        external=True,
    )
    locked = Path(request["lock"]).read_text("utf-8").splitlines()
    names = {line.split("==")[0].lower() for line in locked if "==" in line}
    session.run(*pip, "uninstall", "--yes", *({"pip", "setuptools"} - names), external=True)


def die_with(parent: int) -> None:
    """End this process group when kmatrix is killed: nobody would wait for the build any more."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os.killpg(0, signal.SIGKILL)

    if hasattr(os, "killpg"):
        threading.Thread(target=watch, daemon=True).start()


def _find_links(request: dict[str, str]) -> list[str]:
    return [part for links in request["find_links"] for part in ("--find-links", links)]


def _python(request: dict[str, str]) -> str:
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return str(Path(request["target"]).joinpath(*inside))
