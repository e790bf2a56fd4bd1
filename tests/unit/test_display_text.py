import pytest

from runner.display_text import code_span, cut, escape_pipes, one_line


@pytest.mark.parametrize(
    ("text", "limit", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, "")]
)
def test_a_text_is_never_longer_than_its_limit(text, limit, shown):
    assert cut(text, limit) == shown


def test_a_text_on_one_line_has_single_spaces():
    assert one_line(" a\n  b\tc ") == "a b c"
    assert one_line("a b c", 4) == "a b…"


def test_nothing_in_a_code_span_ends_it_or_its_cell():
    assert code_span("a `b` |\nc") == "`a 'b' \\| c`"
    assert code_span("abcdef", 4) == "`abc…`"
    assert escape_pipes("a|b") == "a\\|b"
