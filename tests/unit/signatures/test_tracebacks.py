"""Tracebacks out of logs as people have them."""

import pytest

from runner.signatures.tracebacks import innermost, raised_in

PLAIN = """\
Traceback (most recent call last):
  File "load.py", line 3, in <module>
    model = load_model("model.h5")
ValueError: Unknown layer: Scale
"""


def test_the_last_line_of_a_traceback_is_its_exception():
    (found,) = raised_in(PLAIN)
    assert (found.type, found.message) == ("ValueError", "Unknown layer: Scale")


def test_a_message_of_several_lines_is_kept_to_its_end():
    text = PLAIN.replace("Scale", "Scale\n\nFull object config: {'a': 1}\n\nException: at the end")
    (found,) = raised_in(text)
    assert found.message.endswith("Exception: at the end")


def test_a_chain_gives_every_exception_and_the_last_one_last():
    text = PLAIN + (
        "\nThe above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "a.py", line 1\nRuntimeError: no\n'
    )
    assert [each.type for each in raised_in(text)] == ["ValueError", "RuntimeError"]
    assert raised_in(text)[0].message == "Unknown layer: Scale"


@pytest.mark.parametrize(
    "prefix",
    ["[worker 3] ", "2024-05-01 10:00:00,123 ERROR ", "app-1  | ", "    ", "\x1b[31m"],
)
def test_what_a_logger_puts_before_each_line_is_cut(prefix):
    text = "".join(prefix + line + "\n" for line in PLAIN.splitlines())
    (found,) = raised_in("INFO before\n" + text + "INFO after\n")
    assert (found.type, found.message.splitlines()[0]) == ("ValueError", "Unknown layer: Scale")


def test_a_prefix_whose_numbers_change_from_line_to_line_is_cut_as_well():
    text = "".join(
        f"2024-05-01 10:00:0{number} ERROR {line}\n"
        for number, line in enumerate(PLAIN.splitlines())
    )
    assert raised_in(text)[0].message == "Unknown layer: Scale"


def test_the_next_record_of_a_log_is_no_part_of_the_message():
    (found,) = raised_in(PLAIN + "2024-05-01 10:00:01 INFO saved\nINFO:root:bye\n")
    assert found.message == "Unknown layer: Scale"


def test_a_notebook_names_the_exception_above_the_traceback_too():
    text = (
        "---------------------------------------------------------------------------\n"
        "ValueError                                Traceback (most recent call last)\n"
        "Cell In[3], line 1\n----> 1 model = load_model('model.h5')\n\n"
        "File ~/keras/saving.py:12, in load(x)\n     11 def load(x):\n---> 12     raise\n\n"
        "ValueError: Unknown layer: Scale\n"
    )
    (found,) = raised_in(text)
    assert found.message == "Unknown layer: Scale"


def test_pytest_marks_the_lines_of_an_exception():
    text = (
        "    def test_load():\n>       load_model('model.h5')\n"
        "E       ValueError: Unknown layer: Scale\n\ntest_load.py:4: ValueError\n"
    )
    assert raised_in(text)[0].message.splitlines()[0] == "Unknown layer: Scale"


def test_windows_line_ends_are_line_ends():
    assert raised_in(PLAIN.replace("\n", "\r\n"))[0].message == "Unknown layer: Scale"


def test_an_exception_with_a_module_and_without_the_word_error_is_one():
    text = PLAIN.replace("ValueError", "zipfile.BadZipFile")
    assert raised_in(text)[0].type == "zipfile.BadZipFile"
    odd = PLAIN.replace("ValueError", "theano.gof.opt.LocalMetaOptimizerSkip")
    assert raised_in(odd)[0].type == "theano.gof.opt.LocalMetaOptimizerSkip"


def test_without_a_traceback_a_quoted_last_line_is_enough():
    (found,) = raised_in("it said\n  ValueError: Unknown layer: Scale\nwhat now?")
    assert found.message.splitlines()[0] == "Unknown layer: Scale"


def test_plain_text_holds_no_exception():
    assert raised_in("everything is fine\nEpoch 1/3: loss 0.3\n") == ()


def test_an_exception_without_a_message_has_an_empty_one():
    assert raised_in(PLAIN.replace(": Unknown layer: Scale", ""))[0].message == ""


def test_the_innermost_text_stands_behind_the_last_wrapper():
    assert innermost("a\n\nException encountered: b\n\nException encountered: c") == "c"
    assert innermost("nothing wrapped") == "nothing wrapped"
