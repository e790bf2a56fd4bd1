"""Expectations, accept and diff on a small real matrix of its own folder."""

import shutil
import subprocess

import pytest

from tests.real.conftest import KERAS3, ROOT, TF215, kmatrix, results_of, share_environments

MATRIX = """\
environments:
  - tensorflow: "2.15"
  - {tensorflow: "2.21", keras: "3.15"}
models: [mlp_sequential, activations, compiled_string_loss]
formats: [h5, keras]  # the two that everybody has
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    shutil.copytree(ROOT / "environments" / "locks", folder / "environments" / "locks")
    share_environments(folder / "build")
    (folder / "matrix.yaml").write_text(MATRIX)
    return folder


def run(folder, *arguments):
    return kmatrix(
        *arguments, build=folder / "build", matrix=folder / "matrix.yaml", check=False, seconds=600
    )


def red(folder):
    return [cell.id for cell in results_of(folder / "build").cells if cell.verdict.failing]


def test_from_no_expectations_to_all_of_them_and_back(folder):
    done = run(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr  # nothing is expected: nothing gates
    assert f"{TF215}/activations/h5/{KERAS3}" in red(folder)

    (folder / "expectations.yaml").write_text("# ours\n")
    done = run(folder, "run")
    assert done.returncode == 1, done.stdout
    assert f"unexpected failure: {TF215}/activations/h5/{KERAS3}: drifted" in done.stdout

    patch = run(folder, "accept", "--diff").stdout
    assert (folder / "expectations.yaml").read_text() == "# ours\n"
    (folder / "it.patch").write_text(patch)
    place = str(folder / "expectations.yaml").lstrip("/")
    assert f"+++ b/{place}" in patch
    subprocess.run(["git", "apply", "--check", "--unsafe-paths", "--directory=/", "it.patch"],
                   cwd=folder, check=True)  # fmt: skip

    done = run(folder, "accept")
    assert done.returncode == 0, done.stderr
    accepted = (folder / "expectations.yaml").read_text()
    assert accepted.startswith("# ours\n")
    assert "expect: drifted" in accepted

    assert "nothing to accept" in run(folder, "accept").stdout
    assert (folder / "expectations.yaml").read_text() == accepted

    done = run(folder, "run")
    assert done.returncode == 0, done.stdout
    assert "as expected: 0 unexpected failures, 0 unexpected passes" in done.stdout

    done = run(folder, "diff", "--exit-code")
    assert done.returncode == 0, done.stdout
    assert "0 cells changed" in done.stdout

    (folder / "expectations.yaml").write_text(
        accepted + "- {cells: '*/mlp_sequential/keras/*', expect: refused, reason: r}\n"
        "- {cells: 'tf9*/*/*/*', expect: refused, reason: r}\n"
    )
    done = run(folder, "run")
    assert done.returncode == 1
    assert f"unexpected pass: {TF215}/mlp_sequential/keras/{TF215}: identical" in done.stdout
    assert "stale: " in done.stdout
    assert "tf9*/*/*/* decides no cell" in done.stdout

    listed = run(folder, "runs").stdout.splitlines()
    assert [line.endswith("as expected") for line in listed[1:]] == [False, True, False, False]
    done = run(folder, "diff", "last-green", "last", "--format", "markdown")
    assert done.stdout.startswith("**0 cells changed")
