from pathlib import Path

import pytest

from runner.cli.stored_runs import choose, read_results
from runner.errors import ExitCode, ToolError
from runner.store.run_store import StoredRun

BUILD = Path("build")


def run(day, *, profile="default", green=False):
    return StoredRun(
        id=f"202601{day:02}T000000-aaaaaa",
        started=f"2026-01-{day:02}T00:00:00Z",
        complete=True,
        matrix="matrix.yaml",
        profile=profile,
        cells=1,
        red=0,
        green=green,
    )


RUNS = (
    run(9, green=True),
    run(8, profile="quick", green=True),
    run(7),
    run(6, green=True),
    run(5, green=True),
)


def test_last_is_the_newest():
    assert choose(RUNS, "last", BUILD) == RUNS[0]


def test_previous_is_the_one_before_of_the_same_profile():
    assert choose(RUNS, "previous", BUILD) == RUNS[2]


def test_last_green_is_the_newest_one_as_expected_before_the_last():
    assert choose(RUNS, "last-green", BUILD) == RUNS[3]


def test_an_id_may_be_cut_short_as_long_as_it_is_one():
    assert choose(RUNS, "20260107", BUILD) == RUNS[2]
    with pytest.raises(ToolError, match="names several runs: 20260109") as caught:
        choose(RUNS, "2026", BUILD)
    assert caught.value.exit_code is ExitCode.USAGE


def test_an_unknown_word_is_told_what_there_is():
    with pytest.raises(ToolError, match=r"'lats' is not a run in the store: 20260109.*last-green"):
        choose(RUNS, "lats", BUILD)


@pytest.mark.parametrize("word", ["previous", "last-green"])
def test_where_there_is_no_other_run_that_is_said(word):
    with pytest.raises(ToolError, match=word):
        choose(RUNS[:2], word, BUILD)
    with pytest.raises(ToolError, match="no run yet"):
        choose((), word, BUILD)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99}', '{"schema": 1, "run": 7}'])
def test_a_file_that_is_no_results_json_is_one_clear_message(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ToolError, match=r"results.json: not a results.json of this kmatrix"):
        read_results(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 100_000, b"\x00", b'{"run": []}'])
def test_bytes_that_are_not_results_are_one_clear_message(tmp_path, content):
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(ToolError, match=r"results.json: not a results.json of") as caught:
        read_results(path)
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ToolError, match=r"gone.json: cannot be read"):
        read_results(tmp_path / "gone.json")
