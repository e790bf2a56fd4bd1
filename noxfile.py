# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "cattrs>=24.1",
#   "cramjam>=2.9",
#   "docker>=7",
#   "filelock>=3.12",
#   "findpython>=0.6",
#   "h5py>=3.9",
#   "jinja2>=3.1",
#   "nox>=2025.2.9",
#   "numpy>=1.26",
#   "packaging>=23.2",
#   "pyyaml>=6.0.1",
#   "rich>=13.7",
#   "uv>=0.5",
# ]
# ///
"""Sessions: the main job, each environment, tests, lint, locks, benchmarks.

nox reads the block above and installs those packages into an environment of its own, so that
`python3 -m pip install nox && nox -s matrix` is all it takes. They are kmatrix's own
dependencies; a test keeps the block and pyproject.toml the same.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # the nox command does not put the noxfile's folder there

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["matrix"]
nox.options.error_on_external_run = False

COMMANDS = ("update", "diff", "gate", "init", "check", "shards", "layers")
REAL = tuple(f"tests/real/test_{name}.py" for name in COMMANDS)
REAL_LONG = (
    *(f"tests/real/test_{name}.py" for name in ("resume", "printed")),
    "tests/environments",
)
REAL_MODELS = ("tests/real_models/test_commands.py", "tests/real_models/test_load.py")
KMATRIX = (sys.executable, "-m", "kmatrix")
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")


def environment_ids() -> list[str]:
    """Return the ids in matrix.yaml.

    None when it has mistakes, which `nox -s matrix` then explains.
    """
    from runner.config.matrix_file import load_matrix  # noqa: PLC0415
    from runner.errors import ToolError  # noqa: PLC0415 - importable from here on

    try:
        return [environment.id for environment in load_matrix(ROOT / "matrix.yaml").environments]
    except ToolError as error:
        print(f"kmatrix: {error}", file=sys.stderr)
        return []


@nox.session(venv_backend="none")
def matrix(session: nox.Session) -> None:
    """Measure the matrix and write build/report/index.html."""
    session.run(*KMATRIX, "run", *session.posargs)


@nox.session(venv_backend="none")
@nox.parametrize("environment", [nox.param(name, id=name) for name in environment_ids()])
def env(session: nox.Session, environment: str) -> None:
    """Build one environment."""
    session.run(*KMATRIX, "env", "build", environment, *session.posargs)


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Write locks: those that are missing or stale, or the environments named after `--`."""
    session.run(*KMATRIX, "lock", *session.posargs)


@nox.session(venv_backend="none")
def plan(session: nox.Session) -> None:
    """Show what `matrix` would run, and why."""
    session.run(*KMATRIX, "plan", *session.posargs)


@nox.session(venv_backend="none")
def check(session: nox.Session) -> None:
    """Say whether an upgrade is safe: nox -s check -- --from tf2.15 --to tf2.21."""
    session.run(*KMATRIX, "check", *session.posargs)


@nox.session(venv_backend="none")
def load(session: nox.Session) -> None:
    """Load your own saved file in the matrix's environments: nox -s load -- model.h5."""
    session.run(*KMATRIX, "load", *session.posargs)


@nox.session(venv_backend="uv|virtualenv")
def tests(session: nox.Session) -> None:
    """Lint and the tests: unit, worker on real old Pythons, real environments, browser, Docker.

    The coverage is that of the host's code in the test process; processes that tests start are
    not traced, so that their times are those of a user.
    """
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, "tests", "lint"))
    look_over(session)
    session.run("pytest", "--cov", "--cov-report=term", *session.posargs)


@nox.session(venv_backend="uv|virtualenv")
def real(session: nox.Session) -> None:
    """Run the commands of the README in real environments, on the smallest matrix for each.

    ``KMATRIX_REAL=full`` adds resume, every recipe, and users' files against a plain script: see
    CONTRIBUTING.md.
    """
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, "tests"))
    full = os.environ.get("KMATRIX_REAL") == "full"
    session.run("pytest", *REAL, *(REAL_LONG if full else ()), *session.posargs)
    if full:
        # The environments that the tests above have built.
        build = {"KMATRIX_BUILD_DIR": str(ROOT / "build" / "tests")}
        session.run("pytest", *REAL_MODELS, *session.posargs, env=build)


@nox.session(venv_backend="uv|virtualenv")
def lint(session: nox.Session) -> None:
    """Style, types, import contracts."""
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, "lint"))
    look_over(session)


def look_over(session: nox.Session) -> None:
    """Run the checks that `tests` and `lint` share."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session(venv_backend="none")
def bench(session: nox.Session) -> None:
    """All benchmarks in tests/bench, or the one named after `--`, with its arguments."""
    name, *arguments = session.posargs or ("*",)
    found = sorted((ROOT / "tests" / "bench").glob(f"{name}.py"))
    if not found:
        session.error(f"tests/bench holds no {name}.py")
    for path in found:
        session.run(sys.executable, str(path), *arguments)
