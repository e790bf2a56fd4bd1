"""What a new user types, and what comes back."""

import re

import pytest

from runner.cli.main import main
from runner.cli.parser import make_parser
from runner.model.finding import Verdict


def test_nothing_at_all_gets_the_whole_help_and_counts_as_wrong_usage(capsys):
    assert main([]) == 2
    said = capsys.readouterr().err
    assert "the main job:" in said
    assert "exit codes:" in said


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["run", "--fail-on", "driftd"], "did you mean 'drifted'?"),
        (["run", "--tuching", "x"], "did you mean '--touching'?"),
        (["env", "biuld"], "did you mean 'build'?"),
        (["env"], "the following arguments are required: ACTION"),
        (["run", "--jobs", "0"], "0: at least 1"),
        (["run", "--profile"], "expected one argument"),
    ],
)
def test_a_typo_gets_one_line_a_hint_and_exit_code_2(capsys, typed, hint):
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    first, second = capsys.readouterr().err.splitlines()
    assert hint in first
    assert first.startswith("kmatrix")
    assert second.startswith("See: kmatrix")
    assert second.endswith("--help")


@pytest.mark.parametrize("command", ["run", "plan", "lock", "report", "env list", "env shell"])
def test_every_command_has_a_help_that_explains_it(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"usage: kmatrix {command}" in said
    assert "--matrix FILE" in said


def test_examples_in_help_keep_their_lines(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert "\n  kmatrix run --touching tf2.15-py311  " in capsys.readouterr().out


def test_every_example_in_help_can_be_parsed():
    import shlex

    parser = make_parser()
    examples = 0
    for text in _epilogs(parser):
        for line in text.splitlines():
            if line.startswith("  kmatrix "):
                command = re.split(r"  | \| | > ", line.strip().removeprefix("kmatrix "))[0]
                parser.parse_args(shlex.split(command))
                examples += 1
    assert examples > 10


def _epilogs(parser):
    yield parser.epilog or ""
    for action in parser._actions:
        for child in (action.choices or {}).values() if hasattr(action, "_choices_actions") else ():
            yield from _epilogs(child)


def test_fail_on_takes_every_verdict():
    options = make_parser().parse_args(["run", *(f"--fail-on={verdict}" for verdict in Verdict)])
    assert options.fail_on == list(Verdict)
