"""kmatrix built from its tracked files and installed into a fresh environment, as a user would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.environments.uv import uv_binary

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300


@pytest.fixture(scope="session")
def tracked():
    """Paths of the files that git has, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def distributions(tmp_path_factory, tracked):
    """The sdist, and the wheel that was built from it."""
    source = tmp_path_factory.mktemp("source")
    for path in tracked:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    out = tmp_path_factory.mktemp("dist")
    run(uv_binary(), "build", "--out-dir", out, source)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="session")
def installed(tmp_path_factory, distributions):
    """The folder of an environment with nothing but the wheel and what it depends on."""
    target = tmp_path_factory.mktemp("installed") / "venv"
    run(uv_binary(), "venv", "--quiet", "--python", sys.executable, target)
    python = target / "bin" / "python"
    run(uv_binary(), "pip", "install", "--quiet", "--python", python, distributions[1])
    return target


@pytest.fixture
def kmatrix(installed):
    """Run the installed command in a folder; return how it ended."""

    def kmatrix(*arguments, cwd, **variables):
        return subprocess.run(
            [installed / "bin" / "kmatrix", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=clean(**variables),
        )

    return kmatrix


def clean(**variables):
    """A user's variables: nothing that leads back to this checkout."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    kept.pop("NOX_CURRENT_SESSION", None)
    return {**kept, **variables}


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, env=clean())
    assert done.returncode == 0, done.stderr
