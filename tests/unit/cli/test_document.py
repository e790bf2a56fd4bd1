from runner.cli.command_docs import PATH, document, main
from runner.cli.parser import make_parser


def test_the_page_about_the_command_line_is_up_to_date():
    assert PATH.read_text("utf-8") == document(make_parser()), (
        "docs/command-line.md is out of date; write it: python -m runner.cli.command_docs"
    )
    assert main(["--check"]) == 0


def test_the_page_has_every_command_and_option():
    page = document(make_parser())
    for words in ("`kmatrix env shell`", "`--fail-on VERDICT`", "`--jobs N`, `-j N`", "| `build`"):
        assert words.replace("| `build`", "[`build`](#kmatrix-env-build)") in page


def test_the_page_says_nothing_about_the_machine_it_was_written_on(monkeypatch):
    page = document(make_parser())
    monkeypatch.setattr("os.cpu_count", lambda: 99)
    monkeypatch.setenv("COLUMNS", "40")
    assert document(make_parser()) == page
