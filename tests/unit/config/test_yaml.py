"""What YAML itself can bring: encodings, anchors, depth, damage."""

from contextlib import suppress

import pytest

from runner.config.matrix_file import load_matrix
from runner.errors import ToolError


def test_a_byte_order_mark_is_no_part_of_the_text(read):
    matrix = read(b"\xef\xbb\xbfenvironments: [{tensorflow: '2.10'}]\n")
    assert matrix.environments[0].id == "tf2.10-py39"


def test_a_byte_order_mark_does_not_move_positions(mistakes):
    assert mistakes(b"\xef\xbb\xbfenvironments: [{tensorflow: '7.7'}]\n")[0].startswith(
        "matrix.yaml:1:29: environments[0].tensorflow: version '7.7' is not known"
    )


def test_windows_line_ends_are_line_ends(mistakes):
    (found,) = mistakes(b"models: all\r\nenvironments:\r\n- tensorflow: '7.7'\r\n")
    assert found.startswith("matrix.yaml:3:15: ")


def test_tabs_are_named_as_what_is_wrong(mistakes):
    (found,) = mistakes("environments:\n\t- tensorflow: '2.10'\n")
    assert found.startswith("matrix.yaml:2:1: not YAML: ")
    assert found.endswith("indent with spaces, not with tabs")


def test_text_that_is_not_utf_8_is_placed(mistakes):
    (found,) = mistakes("environments: []\nmodels: [caf\xe9]\n".encode("latin-1"))
    assert found == "matrix.yaml:2:13: is not UTF-8 text; save it with the encoding UTF-8"


def test_utf_16_is_refused_in_words(mistakes):
    (found,) = mistakes("environments: []\n".encode("utf-16"))
    assert "is not UTF-8 text" in found


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\uffff"])
def test_characters_that_yaml_does_not_allow_are_placed(mistakes, character):
    (found,) = mistakes(f"environments:\n- id: a{character}b\n")
    assert found == (
        f"matrix.yaml:2:8: not YAML: the character U+{ord(character):04X} is not allowed"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "null\n"])
def test_an_empty_file_says_what_to_write(mistakes, text):
    (found,) = mistakes(text)
    assert "matrix.yaml:" in found
    assert "environments" in found or "expected a mapping" in found


@pytest.mark.parametrize(("text", "kind"), [("- a\n", "a list"), ("hello\n", "text")])
def test_something_else_at_the_top_is_named(mistakes, text, kind):
    assert mistakes(text) == [f"matrix.yaml:1:1: expected a mapping, found {kind}"]


def test_a_second_document_is_refused(mistakes):
    (found,) = mistakes("environments: [{nightly: true}]\n---\nmodels: all\n")
    assert "one file is one matrix" in found


def test_nesting_without_end_is_refused(mistakes):
    (found,) = mistakes("environments: " + "[" * 5000 + "]" * 5000 + "\n")
    assert "nested too deeply" in found


def test_nesting_where_a_value_belongs_is_a_plain_mistake(mistakes):
    (found,) = mistakes("environments: " + "[" * 50 + "]" * 50 + "\n")
    assert "expected a mapping such as {tensorflow: '2.10'}, found a list" in found


def test_a_file_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(ToolError, match="no such file; name a matrix file, change into"):
        load_matrix(tmp_path / "nowhere.yaml")
    with pytest.raises(ToolError, match="is a folder, not a file; did you mean"):
        load_matrix(tmp_path)


# Anchors, aliases, merge keys


def test_an_alias_stands_for_its_anchor(read):
    matrix = read(
        """
        environments:
          - {tensorflow: "2.10", pins: &pins ["numpy==1.23.5"]}
          - {tensorflow: "2.11", pins: *pins}
        """
    )
    assert all("numpy==1.23.5" in e.installation.requirements for e in matrix.environments)


def test_a_merge_key_takes_over_what_is_not_stated(read):
    matrix = read(
        """
        environments:
          - &base {tensorflow: "2.10", pins: ["numpy==1.23.5"], python: "3.9"}
          - {<<: *base, python: "3.10"}
        """
    )
    first, second = (item.installation for item in matrix.environments)
    assert first.requirements == second.requirements
    assert (first.python, second.python) == ("3.9", "3.10")


def test_of_several_merged_mappings_the_first_wins(read):
    matrix = read(
        """
        environments:
          - &a {tensorflow: "2.10", id: a}
          - &b {tensorflow: "2.11", python: "3.9", id: b}
          - {<<: [*a, *b], id: c}
        """
    )
    third = matrix.environments[2].installation
    assert "tensorflow-cpu==2.10.1" in third.requirements
    assert third.python == "3.9"


def test_merging_reaches_through_merged_mappings(read):
    matrix = read(
        """
        environments:
          - &a {tensorflow: "2.10", id: a}
          - &b {<<: *a, id: b, python: "3.10"}
          - {<<: *b, id: c}
        """
    )
    assert matrix.environments[2].installation.python == "3.10"


def test_a_mistake_in_a_merged_mapping_is_placed_where_it_is_written(mistakes):
    found = mistakes("environments:\n- &a {tensorflow: '7.7', id: a}\n- {<<: *a, id: b}\n")
    assert [line.split(": ")[0] for line in found] == ["matrix.yaml:2:19", "matrix.yaml:2:19"]
    assert "environments[1].tensorflow" in found[1]


def test_only_mappings_can_be_merged(mistakes):
    found = mistakes("environments:\n- {<<: text, tensorflow: '2.10'}\n")
    (line,) = found
    assert line.startswith(
        "matrix.yaml:2:4: environments[0].<<: merges something that is not a mapping; "
    )


@pytest.mark.parametrize(
    "text",
    [
        "environments: &a [*a]\n",
        "environments: &a {x: *a}\n",
        "&a environments: *a\n",
        "environments: [&a {<<: *a, tensorflow: '2.10'}]\n",
        "models: &a [{name: *a}]\nenvironments: [nightly: true]\n",
    ],
)
def test_an_anchor_inside_itself_ends(write, text):
    with suppress(ToolError):  # most of them are no matrix; the point is that it ends
        load_matrix(write(text))


def test_aliases_of_aliases_cost_nothing(mistakes):
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    found = mistakes("\n".join([*lines, "environments: *a39", ""]))
    assert len(found) == 40 + 9


def test_duplicate_keys_are_mistakes_at_every_depth(mistakes):
    found = mistakes(
        """\
        environments:
          - nightly: true
            nightly: true
        limits: {cell: 2min, cell: 3min}
        limits: {}
        """
    )
    assert found == [
        "matrix.yaml:3:5: environments[0].nightly: is twice in this mapping; first on line 2",
        "matrix.yaml:4:22: limits.cell: is twice in this mapping; first on line 4",
        "matrix.yaml:5:1: limits: is twice in this mapping; first on line 4",
    ]


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!mine", "!!binary", "!!set"])
def test_tags_run_nothing(mistakes, tag):
    found = mistakes(f"environments: [{{tensorflow: {tag} '2.10'}}]\n")
    assert all("matrix.yaml:1:" in line for line in found)


def test_keys_that_are_no_text_are_mistakes(mistakes):
    found = mistakes("? [a, b]\n: 1\nenvironments: [{nightly: true}]\n")
    assert found == ["matrix.yaml:1:3: a key must be plain text"]


def test_a_message_is_one_line_whatever_stands_in_the_file(mistakes):
    found = mistakes('"new\\nline": 1\nenvironments: [{tensorflow: "2.10", id: "a\\nb"}]\n')
    assert len(found) == 2
    assert found[0].startswith("matrix.yaml:1:1: new\\nline: unknown key")


def test_a_novel_as_a_key_is_cut(mistakes):
    found = mistakes(f"? {'x' * 5000}\n: 1\nenvironments: [{{tensorflow: {'y' * 5000}}}]\n")
    assert max(map(len, found)) < 1000
