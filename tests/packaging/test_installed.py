"""The wheel, installed: one name, its own data, and nothing of a stranger's."""

import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from kmatrix import __version__
from tests.packaging.conftest import clean

STRANGER = "raise SystemExit('a stranger\\'s package was imported')\n"
THREE_LINES = """\
environments:
  - tensorflow: "2.15"
  - {tensorflow: "2.15", python: "3.9"}
"""


@pytest.fixture
def folder(tmp_path):
    """A user's folder, with packages that are called like parts of kmatrix."""
    for name in ("runner", "reports", "environments", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(STRANGER)
    (tmp_path / "matrix.yaml").write_text(THREE_LINES)
    return tmp_path


def test_the_wheel_adds_one_name(distributions):
    with zipfile.ZipFile(distributions[1]) as wheel:
        names = {name.split("/")[0] for name in wheel.namelist()}
    assert names == {"kmatrix", f"kmatrix-{__version__}.dist-info"}


def test_the_wheel_holds_every_file_that_the_rooms_hold(distributions, tracked):
    with zipfile.ZipFile(distributions[1]) as wheel:
        held = set(wheel.namelist())
    rooms = ("runner", "reports", "environments")
    wanted = {f"kmatrix/_app/{path}" for path in tracked if path.parts[0] in rooms}
    assert wanted - held == set()
    assert {
        "kmatrix/_app/matrix.yaml",  # of `kmatrix load` in a folder without one
        "kmatrix/_app/environments/catalogue.yaml",
        "kmatrix/_app/runner/atlas/data/index.json",
        "kmatrix/_app/environments/locks/tf2.15-py311.txt",
        "kmatrix/_app/runner/worker/zygote.py",
        "kmatrix/_app/runner/worker/recipes/dense.py",
        "kmatrix/_app/runner/environments/venv_noxfile.py",
    } <= held


def test_the_wheel_carries_the_licence_and_no_tests(distributions):
    with zipfile.ZipFile(distributions[1]) as wheel:
        held = wheel.namelist()
    assert any(name.endswith("LICENSE") for name in held)
    assert not any("/tests/" in name for name in held)


def test_the_sdist_can_run_its_own_tests(distributions):
    with tarfile.open(distributions[0]) as sdist:
        held = {"/".join(name.split("/")[1:]) for name in sdist.getnames()}
    assert {"matrix.yaml", "noxfile.py", "tests/unit/conftest.py", "docs/matrix.md"} <= held


def test_the_command_answers_among_a_strangers_packages(kmatrix, folder):
    done = kmatrix("version", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"kmatrix {__version__}"


def test_an_upgrade_is_answered_in_an_empty_folder_in_under_a_second(kmatrix, tmp_path):
    """Of several calls the fastest: other programs of the machine may be at work."""
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        done = kmatrix("check", "--from", "tf2.10", "--to", "keras3.15-jax", cwd=tmp_path)
        seconds.append(time.monotonic() - begin)
        assert done.returncode == 1, done.stderr
        assert "from kmatrix's atlas, measured " in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert min(seconds) < 1.0


def test_so_does_python_m_kmatrix_even_with_the_folder_on_the_path(installed, folder):
    done = subprocess.run(
        [installed / "bin" / "python", "-m", "kmatrix", "plan"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean(PYTHONPATH=str(folder)),
    )
    assert done.returncode == 0, done.stderr


def test_it_runs_from_its_own_bundle_and_not_from_this_checkout(installed, folder):
    code = "from kmatrix.__main__ import main; main(); import runner; print(runner.__file__)"
    done = subprocess.run(
        [installed / "bin" / "python", "-c", code, "version"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean(),
    )
    bundle = Path(done.stdout.splitlines()[-1])
    assert bundle.is_relative_to(installed), done.stderr
    assert bundle.parts[-4:] == ("kmatrix", "_app", "runner", "__init__.py")


def test_a_stranger_with_a_three_line_matrix_is_told_what_to_do(kmatrix, folder):
    done = kmatrix("plan", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "2 environments" in done.stdout
    assert "lock   tf2.15-py39: missing; write it: kmatrix lock tf2.15-py39" in done.stdout
    assert "tf2.15-py311" not in done.stdout, "kmatrix's own lock answers this request"
    listed = kmatrix("env", "list", cwd=folder).stdout
    assert "bundled" in listed


def test_an_environment_without_a_lock_is_unavailable_and_says_what_writes_one(kmatrix, folder):
    done = kmatrix("env", "build", "tf2.15-py39", cwd=folder)
    assert done.returncode == 3
    assert done.stdout == (
        "tf2.15-py39: unavailable: it has no lock; write one: kmatrix lock tf2.15-py39\n"
    )


def test_locks_are_written_beside_the_users_matrix(kmatrix, folder):
    (folder / "matrix.yaml").write_text(
        "environments:\n  - {id: tiny, python: '3.11', requirements: [six==1.16.0], "
        "backend: numpy, api: keras}\n"
    )
    done = kmatrix("lock", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "tiny: 1 packages, new\n"), done.stderr
    text = (folder / "environments" / "locks" / "tiny.txt").read_text()
    assert "six==1.16.0" in text
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert kmatrix("lock", "--check", cwd=folder).returncode == 0


def test_a_pipe_that_closes_early_is_no_error(installed, folder):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{installed}/bin/kmatrix plan --cells | head -1"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("matrix.yaml, profile default")
