"""uv, the installer and resolver: found beside kmatrix, asked through its own command line."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from runner import child_processes
from runner.environment_variables import clean_environment
from runner.errors import ToolError

if TYPE_CHECKING:
    from runner.model.matrix import Installation

COMPILE_SECONDS = 600.0
# It asks sysconfig, whose variables a second thread sees half filled: python/cpython#92452.
_one_at_a_time = threading.Lock()


def uv_binary() -> Path:
    """Return the uv that came with kmatrix, else one on PATH.

    Raises ToolError when there is none.
    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - absent where a distribution has uv itself

        with _one_at_a_time:
            return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise ToolError("uv is not installed. Install it: python -m pip install uv")
    return Path(found)


def uv_environment() -> dict[str, str]:
    """Return uv's variables, with the user's settings for indexes and certificates."""
    variables = clean_environment()
    if "SSL_CERT_FILE" not in variables and "PIP_CERT" in variables:
        variables["SSL_CERT_FILE"] = variables["PIP_CERT"]  # what pip trusts, uv may
    variables["UV_NO_PROGRESS"] = "1"
    return variables


def compile_lock(
    installation: Installation,
    python: str,
    folder: Path,
    *,
    constraints: tuple[str, ...] = (),
    preferred: str = "",
) -> child_processes.Completed:
    """Resolve an installation to exact versions with hashes.

    ``folder``: relative find-links are resolved against it. ``constraints``: versions that must
    not move. ``preferred``: the body of a lock whose versions are kept wherever they can be. The
    output is the lock's body where the result is ``ok``, else the resolver's words.
    """
    with tempfile.TemporaryDirectory(prefix="kmatrix-lock-") as name:
        work = Path(name)
        (work / "requirements.in").write_text("\n".join(installation.requirements) + "\n")
        argv: list[str | Path] = [
            *(uv_binary(), "pip", "compile", "requirements.in"),
            *("--python", python, "--generate-hashes", "--no-header", "--quiet"),
            *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-build-options"),
            *("--output-file", "lock.txt"),
        ]
        if preferred:
            (work / "lock.txt").write_text(preferred, "utf-8")
        if installation.overrides:
            (work / "overrides.txt").write_text("\n".join(installation.overrides) + "\n")
            argv += ["--overrides", "overrides.txt"]
        if constraints:
            (work / "constraints.txt").write_text("\n".join(constraints) + "\n")
            argv += ["--constraints", "constraints.txt"]
        if installation.index.prerelease:
            argv += ["--prerelease", "allow"]
        if installation.index.exclude_newer:
            argv += ["--exclude-newer", installation.index.exclude_newer]
        for links in installation.index.find_links:
            argv += ["--find-links", os.path.normpath(folder / links)]
        done = child_processes.run(argv, seconds=COMPILE_SECONDS, env=uv_environment(), cwd=work)
        if not done.ok:
            return done
        return child_processes.Completed(code=0, output=(work / "lock.txt").read_text("utf-8"))
