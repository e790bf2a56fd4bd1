"""``kmatrix diagnose`` on files and standard input; tests/real has it run a command."""

import io
import json
import sys

import pytest

from reports import results_json
from runner.cli.main import main
from runner.model.finding import Verdict
from runner.model.results import AttemptResult
from tests.unit.reports import factories as made

LOG = """\
INFO TensorFlow version: 2.10.0
Traceback (most recent call last):
  File "load.py", line 3, in <module>
TypeError: Unrecognized keyword arguments: ['batch_shape']
"""
ATTEMPT = AttemptResult(
    route="rebuild-weights", verdict=Verdict.IDENTICAL, reason="predicts the same", key="k"
)
CELL = made.cell(
    "keras3/lstm/h5/tf2.10",
    Verdict.REMEDIED,
    reason="",
    route="rebuild-weights",
    signatures=("batch-shape",),
    attempts=(ATTEMPT,),
)


@pytest.fixture
def build(tmp_path):
    return tmp_path / "build"


def diagnose(build, *arguments):
    return main(["diagnose", "--build-dir", str(build), *arguments])


def log_file(tmp_path, text=LOG):
    (tmp_path / "load.log").write_text(text)
    return str(tmp_path / "load.log")


def ran(build, *cells):
    results = made.results(run=made.run(started="2026-11-24T00:00:00Z"), cells=cells)
    (build / "report").mkdir(parents=True)
    text = json.dumps(results_json.to_json(results))
    (build / "report" / "results.json").write_text(text)


def test_a_known_failure_is_explained_with_what_helps(tmp_path, build, capsys):
    assert diagnose(build, log_file(tmp_path)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "[batch-shape]" in said
    assert "Keras 3 renamed batch_input_shape" in said
    assert 'pip install "keras>=3"' in said
    assert "https://github.com/tensorflow/tensorflow/issues/64685" in said
    assert "verified" not in said


def test_cells_of_the_last_run_that_show_it_are_named_with_what_was_verified(
    tmp_path, build, capsys
):
    ran(build, CELL)
    assert diagnose(build, log_file(tmp_path)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "in the last run: keras3/lstm/h5/tf2.10" in said
    assert said.count("(verified in 1 cells of the last run)") == 1


def test_without_the_evidence_the_word_verified_disappears(tmp_path, build, capsys):
    from dataclasses import replace

    ran(build, replace(CELL, attempts=(replace(ATTEMPT, key=None),)))
    assert diagnose(build, log_file(tmp_path)) == 0
    assert "verified" not in capsys.readouterr().out


def test_an_unknown_failure_says_so_and_ends_with_1(tmp_path, build, capsys):
    assert diagnose(build, log_file(tmp_path, "RuntimeError: the moon is full")) == 1
    said = capsys.readouterr().out
    assert "not a failure that kmatrix knows (fingerprint " in said
    assert "cause" not in said


def test_a_log_comes_through_standard_input(build, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))
    assert diagnose(build) == 0
    assert "[batch-shape]" in capsys.readouterr().out


def test_json_is_what_a_program_reads(tmp_path, build, capsys):
    ran(build, CELL)
    assert diagnose(build, log_file(tmp_path), "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert found["known"] is True
    assert found["versions"] == {"tensorflow": "2.10.0"}
    assert found["exception"]["type"] == "TypeError"
    (signature,) = found["signatures"]
    assert (signature["id"], signature["code"]) == ("batch-shape", "F02")
    assert signature["cells"] == ["keras3/lstm/h5/tf2.10"]
    assert signature["verified"] == {"rebuild-weights": 1}


def test_the_first_bytes_of_a_file_that_the_log_names_are_looked_at(
    tmp_path, build, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.h5").write_text("version https://git-lfs.github.com/spec/v1\n")
    text = "load_model('model.h5')\nOSError: Unable to open file (file signature not found)\n"
    assert diagnose(build, log_file(tmp_path, text)) == 0
    assert "[git-lfs-pointer]" in capsys.readouterr().out


def test_a_log_that_cannot_be_read_is_wrong_usage(tmp_path, build, capsys):
    assert diagnose(build, str(tmp_path / "none.log")) == 2
    assert "none.log: cannot be read (No such file or directory)" in capsys.readouterr().err


def test_a_damaged_results_file_is_left_out_and_said(tmp_path, build, capsys):
    (build / "report").mkdir(parents=True)
    (build / "report" / "results.json").write_text("{")
    assert diagnose(build, log_file(tmp_path)) == 0
    assert "results.json: left out" in capsys.readouterr().err
