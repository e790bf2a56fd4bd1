import io

from runner.cli.console import Console
from runner.cli.loaded import show
from runner.model.finding import Verdict
from runner.model.inspection import FileFormat, Inspection, Saver
from runner.model.user_file import FileAttempt, FileCell, FileResult

LONG = "TypeError: Unrecognized keyword arguments passed to LSTM: " + "{'time_major': False}" * 40


def attempt(route, verdict, reason, *signatures):
    return FileAttempt(
        route=route, verdict=verdict, reason=reason, signatures=signatures, stage="read",
        error=None, outputs=None, agrees_with=None, seconds=0.1,
    )  # fmt: skip


def shown(width):
    attempts = (
        attempt("as-is", Verdict.REFUSED, LONG, "time-major"),
        attempt("edited-copy", Verdict.IDENTICAL, "predicts the same as tf2.15"),
    )
    loads = (
        FileCell(environment="tf2.21", verdict=Verdict.REMEDIED, route="edited-copy",
                        reason="because", attempts=attempts),
        FileCell(environment="tf1.15", verdict=Verdict.UNAVAILABLE, route=None,
                        reason="no Python 3.7 here"),
    )  # fmt: skip
    inspection = Inspection(
        path="m.h5", format=FileFormat.H5, title="a whole model", bytes=1, saver=Saver()
    )
    found = FileResult(
        path="m.h5", inspection=inspection, answer="load it by edited-copy", reference="tf2.15",
        environments=loads,
    )  # fmt: skip
    stream = io.StringIO()
    show(Console(file=stream, width=width, soft_wrap=True, highlight=False), found)
    return stream.getvalue()


def test_on_a_narrow_terminal_every_line_fits_and_the_cause_is_named_in_spite_of_a_long_message():
    text = shown(80)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "[time-major]" in text
    assert len(text.splitlines()) <= 12


def test_the_answer_comes_first_and_each_environment_with_what_was_tried_in_it():
    lines = [line.strip() for line in shown(120).splitlines()]
    assert lines[1] == "load it by edited-copy"
    assert lines.index("tf2.21") < lines.index("tf1.15")
    words = ["edited-copy", "identical", "predicts", "the", "same", "as", "tf2.15"]
    assert any(line.split() == words for line in lines)
    assert any("unavailable" in line and "no Python 3.7 here" in line for line in lines)
    assert lines[-1] == "compared with: tf2.15"
