"""What a command imports, and how it ends when nobody reads its output: in processes of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each takes 20 to 150 ms. A command that needs one imports it where it is used.
HEAVY = (
    *("docker", "numpy", "h5py", "jinja2", "sqlite3", "nox", "findpython", "requests", "uv"),
    *("cattrs", "rich", "yaml", "packaging", "filelock", "concurrent.futures", "urllib.request"),
)
SCRIPT = """
import runpy, sys
sys.argv = ["kmatrix", *sys.argv[1:]]
try:
    runpy.run_module("kmatrix", run_name="__main__")
finally:
    print("IMPORTED", *sorted(sys.modules), file=sys.stderr)
"""
ENVIRONMENT = {name: text for name, text in os.environ.items() if name != "KMATRIX_BUILD_DIR"}
ENVIRONMENT["PYTHONPATH"] = str(ROOT)
LOG = "TypeError: Unrecognized keyword arguments passed to LSTM: {'batch_shape': [1]}\n"
MATRIX = "environments: [{tensorflow: '2.15'}]\n"


def kmatrix(*words, folder, **more):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, words)],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        **more,
    )


def imported(words, folder):
    done = kmatrix(*words, folder=folder)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("IMPORTED")]
    return done, set(line.split()[1:])


@pytest.mark.parametrize("words", [["--help"], ["--version"], [], ["rnu"], ["version", "--help"]])
def test_help_and_a_typo_import_nothing_heavy(tmp_path, words):
    done, modules = imported(words, tmp_path)
    assert "kmatrix" in done.stdout + done.stderr
    assert not modules & set(HEAVY)
    assert "runner.cli.commands.run" not in modules


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["diagnose", "train.log"], {"rich", "yaml", "packaging", "concurrent.futures"}),
        (["inspect", "train.log"], {"cattrs", "rich", "packaging", "concurrent.futures"}),
        (["env", "list"], {"numpy", "rich", "yaml", "packaging", "findpython", "filelock", "uv"}),
        (["lock", "--check"], {"rich", "yaml", "packaging", "findpython", "filelock", "uv"}),
    ],
)
def test_a_command_imports_what_it_needs_only(tmp_path, words, needed):
    (tmp_path / "train.log").write_text(LOG)
    (tmp_path / "matrix.yaml").write_text(MATRIX)
    done, modules = imported(words, tmp_path)
    assert "Traceback" not in done.stderr
    assert modules & set(HEAVY) <= {*needed, "concurrent.futures", "urllib.request"}


@pytest.mark.parametrize(
    "words", [["check", "--from", "tf2.15", "--to", "tf2.21"], ["atlas", "show"]], ids=" ".join
)
def test_the_atlas_answers_without_anything_that_measures(tmp_path, words):
    done, modules = imported(words, tmp_path)
    assert done.returncode == (1 if words[0] == "check" else 0), done.stderr
    assert "tf2.21-keras3.15-py312" in done.stdout
    assert modules & set(HEAVY) <= {"cattrs", "packaging", "concurrent.futures", "urllib.request"}
    assert not {name for name in modules if name.startswith(("runner.run.", "runner.worker"))}


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["env", "list"],
        ["plan", "--cells"],
        ["diagnose", "train.log"],
        ["inspect", "train.log"],
        ["runs"],
        ["lock", "--check"],
        ["doctor", "--python", sys.executable],
    ],
    ids=" ".join,
)
def test_a_closed_pipe_does_not_change_the_exit_code(tmp_path, words):
    """``kmatrix ... | head -0`` ends as without ``head``."""
    (tmp_path / "train.log").write_text(LOG)
    (tmp_path / "matrix.yaml").write_text(MATRIX)
    read, write = os.pipe()
    os.close(read)
    try:
        closed, whole = (
            subprocess.run(
                [sys.executable, "-m", "kmatrix", *words],
                cwd=tmp_path,
                env=ENVIRONMENT,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                timeout=120,
            )
            for output in (write, subprocess.DEVNULL)
        )
    finally:
        os.close(write)
    assert "Traceback" not in closed.stderr
    assert "BrokenPipe" not in closed.stderr
    assert closed.returncode == whole.returncode
