"""How a command ends badly: one line each, an exit code, no traceback."""

import errno
import sqlite3
from pathlib import Path

import pytest

from runner.cli.main import main
from runner.errors import ExitCode, ToolError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def failing(monkeypatch, capsys):
    """Let ``kmatrix version`` raise; return exit code and what was said."""

    def failing(error):
        def command(_name, _parsed):
            raise error

        monkeypatch.setattr("runner.cli.main.run_command", command)
        return main(["version"]), capsys.readouterr().err.splitlines()

    return failing


def test_a_tool_error_is_its_words_and_its_exit_code(failing):
    assert failing(ToolError("no uv", exit_code=ExitCode.MISSING)) == (3, ["kmatrix: no uv"])


def test_several_mistakes_are_a_line_each(failing):
    code, said = failing(ToolError("a.yaml:1:1: x\na.yaml:2:1: y", exit_code=ExitCode.USAGE))
    assert code == 2
    assert said == ["kmatrix: a.yaml:1:1: x", "kmatrix: a.yaml:2:1: y"]


def test_an_interrupt_says_how_to_go_on(failing):
    code, said = failing(KeyboardInterrupt())
    assert code == 130
    assert "run the same command to go on" in said[-1]


def test_a_full_disk_is_said_as_such(failing):
    full = OSError(errno.ENOSPC, "No space left on device", "build/store/x")
    code, (said,) = failing(full)
    assert code == 3
    assert said.startswith("kmatrix: build/store/x: No space left on device. Free space")
    code, (said,) = failing(sqlite3.OperationalError("database or disk is full"))
    assert code == 3
    assert "the store of evidence: database or disk is full. Free space" in said


def test_a_folder_that_cannot_be_written_is_named(failing):
    code, (said,) = failing(PermissionError(errno.EACCES, "Permission denied", "/opt/build"))
    assert code == 3
    assert said.startswith("kmatrix: /opt/build: Permission denied. ")
    assert said.endswith("--build-dir DIR")


def test_our_own_mistakes_keep_their_traceback(failing):
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_a_build_folder_that_is_a_file_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    matrix = str(ROOT / "matrix.yaml")
    assert main(["plan", "--matrix", matrix, "--build-dir", str(tmp_path / "file")]) == 3
    (said,) = capsys.readouterr().err.splitlines()
    assert "Not a directory" in said


def test_a_matrix_file_that_is_not_there_is_usage(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("kmatrix: matrix.yaml:1:1: no such file; ")
