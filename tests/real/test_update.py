"""``kmatrix update`` against the index that this machine is set up for; a handful of queries."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.real.conftest import ROOT

PARTS = ("kmatrix", "runner", "reports", "environments")


def update(folder, *options, **variables):
    return subprocess.run(
        [sys.executable, "-m", "kmatrix", "update", *options],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture
def checkout(tmp_path):
    """A copy of this one, of which a version less is known."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = tmp_path / "environments" / "catalogue.yaml"
    lines = catalogue.read_text().splitlines(keepends=True)
    (first,) = [place for place, line in enumerate(lines) if line.startswith('  "3.15"')]
    catalogue.write_text("".join(lines[:first] + lines[first + 2 :]).replace("3.15.1", "3.14.1"))
    (tmp_path / "matrix.yaml").write_text(
        "environments:\n"
        '  - {keras: "3.14", backend: numpy}  # cheap\n'
        "models: [mlp_sequential]  # one will do\n"
    )
    shutil.rmtree(tmp_path / "environments" / "locks")
    return tmp_path


def test_a_new_release_is_found_written_and_locked(checkout):
    done = update(checkout, "--write", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert ("keras", "3.14.1") in {(one["package"], one["known"]) for one in found["new"]}
    assert found["written"]
    catalogue = (checkout / "environments" / "catalogue.yaml").read_text()
    assert '  "3.15": {newest: "3.15' in catalogue
    assert "# What kmatrix knows about versions" in catalogue
    matrix = (checkout / "matrix.yaml").read_text()
    assert "# cheap" in matrix
    assert "# one will do" in matrix
    assert (checkout / "environments" / "locks" / "keras3.14-numpy-py312.txt").is_file()
    check = subprocess.run(
        [sys.executable, "-m", "kmatrix", "lock", "--check"], cwd=checkout, timeout=60
    )
    assert check.returncode == 0


def test_an_index_that_does_not_answer_is_exit_code_3_and_one_line(checkout):
    nowhere = "http://127.0.0.1:9/simple"
    done = update(
        checkout, PIP_INDEX_URL=nowhere, PIP_EXTRA_INDEX_URL="", PIP_RETRIES="0", PIP_FIND_LINKS=""
    )
    assert done.returncode == 3
    assert "the index did not answer" in done.stderr
    assert "Traceback" not in done.stderr
