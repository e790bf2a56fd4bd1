"""``kmatrix env list`` and ``kmatrix plan`` for a person and for a pipe; nothing is started."""

from pathlib import Path

from runner.cli.commands.env import columns
from runner.cli.main import main

ROOT = Path(__file__).parents[3]


def test_a_row_is_a_line_cut_at_the_terminals_edge():
    rows = [("environment", "packages"), ("tf2.10-py39", "tensorflow==2.10.0, numpy==1.23.5")]
    assert columns(rows, width=None) == [
        "environment  packages",
        "tf2.10-py39  tensorflow==2.10.0, numpy==1.23.5",
    ]
    narrow = columns(rows, width=30)
    assert [len(line) for line in narrow] == [21, 30]
    assert narrow[1].endswith("…")


def test_a_pipe_gets_every_environment_on_a_line_of_its_own(capsys, tmp_path):
    arguments = ["--matrix", str(ROOT / "matrix.yaml"), "--build-dir", str(tmp_path)]
    assert main(["env", "list", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["environment", "python", "backend", "lock", "built", "packages"]
    (row,) = [line for line in lines if line.startswith("tf2.10-py39 ")]
    assert row.split()[1:5] == ["3.9", "tensorflow", "fresh", "no"]
    assert row.endswith("tensorflow==2.10.0, keras==2.10.0, numpy==1.23.5")


def test_a_stranger_is_told_which_locks_are_bundled_and_which_to_write(capsys, tmp_path):
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text("environments: [{tensorflow: '2.15'}, {tensorflow: '2.15', python: '3.9'}]\n")
    assert main(["env", "list", "--matrix", str(matrix)]) == 0
    _, bundled, missing = capsys.readouterr().out.splitlines()
    assert bundled.split()[:4] == ["tf2.15-py311", "3.11", "tensorflow", "bundled"]
    assert missing.split()[:4] == ["tf2.15-py39", "3.9", "tensorflow", "missing"]
    assert main(["plan", "--matrix", str(matrix)]) == 0
    said = capsys.readouterr().out
    assert "lock   tf2.15-py39: missing; write it: " in said
    assert "tf2.15-py311: missing" not in said


def test_lock_check_tells_what_is_not_beside_the_matrix(capsys, tmp_path):
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text("environments: [{tensorflow: '2.15'}]\n")
    assert main(["lock", "--check", "--matrix", str(matrix)]) == 1
    assert "tf2.15-py311: missing; write it: " in capsys.readouterr().out
    assert main(["lock", "--check", "--matrix", str(ROOT / "matrix.yaml")]) == 0
