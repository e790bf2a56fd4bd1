import json

from runner.compare.difference import compare
from runner.compare.difference_text import as_json, as_markdown, as_text
from tests.unit.factories import results

BEFORE = results(
    {"a/m/h5/b": "identical", "a/n/h5/b": "refused", "a/o/h5/b": "identical"},
    packages={"b": (("keras", "3.12.0"),)},
)
AFTER = results(
    {
        "a/m/h5/b": {"verdict": "refused", "reason": "Unknown <b>layer</b> | `Scale`"},
        "a/n/h5/b": "identical",
        "a/p/h5/b": "identical",
    },
    packages={"b": (("keras", "3.15.0"),)},
)
FOUND = compare(BEFORE, AFTER)


def test_the_text_counts_first_then_names_cause_and_cells():
    text = "\n".join(as_text(FOUND))
    assert (
        "2 cells changed (1 worse, 1 better, 0 otherwise), 1 added, 1 removed, 0 unchanged" in text
    )
    assert "C b: keras 3.12.0 -> 3.15.0" in text
    worse = text.index("\n1 worse, with loader b: keras 3.12.0 -> 3.15.0")
    assert worse < text.index("\n1 better, with")
    assert "  C a/m/h5/b: identical -> refused: Unknown <b>layer</b>" in text
    assert "  A a/p/h5/b: identical" in text
    assert "  D a/o/h5/b: identical" in text


def test_a_long_list_is_cut_unless_all_is_asked_for():
    many = results({f"a/m{number}/h5/b": "identical" for number in range(60)})
    found = compare(results({"a/x/h5/b": "identical"}), many)
    assert "and 10 more: --all names them" in "\n".join(as_text(found))
    assert "more" not in "\n".join(as_text(found, shown=None))


def test_no_difference_is_said_as_well():
    assert as_text(compare(BEFORE, BEFORE))[-1].endswith("3 unchanged")


def test_text_of_others_is_no_markup_in_markdown():
    text = as_markdown(FOUND)
    assert "<b>" not in text
    assert "Unknown &lt;b>layer&lt;/b> \\| 'Scale'" in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_json_holds_every_change_and_survives_a_reader():
    data = json.loads(json.dumps(as_json(FOUND)))
    assert data["schema"] == 1
    changed = {cell["id"]: cell for cell in data["cells"]}
    assert changed["a/m/h5/b"]["before"] == "identical"
    assert changed["a/m/h5/b"]["causes"][0]["versions"][0]["package"] == "keras"
    assert changed["a/p/h5/b"]["mark"] == "A"
