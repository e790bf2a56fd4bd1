"""The table of saved models by other people is what was measured, and says what it left out."""

from tests.real_models.measured import (
    PAGE,
    answered,
    measured_of,
    read_measured,
    table,
    written,
)


def test_the_table_in_the_docs_is_the_one_of_what_was_measured():
    text = PAGE.read_text("utf-8")
    assert written(text, read_measured()) == text


def load(environment, verdict, *signatures):
    attempts = [{"signatures": list(signatures)}]
    return {"environment": environment, "verdict": verdict, "attempts": attempts}


def test_files_are_counted_by_what_came_of_them_in_each_environment():
    answer = {
        "kmatrix": "1",
        "files": [
            {
                "path": "x/m1/a.h5",
                "environments": [load("a", "identical"), load("b", "refused", "x")],
            },
            {"path": "x/m2/a.h5", "environments": [load("a", "remedied"), load("b", "hung")]},
            {"path": "x/m3/a.h5", "environments": []},
        ],
    }
    text = " ".join(table(measured_of(answer)).split())
    assert "3 saved models" in text
    assert "in 2 environments" in text
    assert "1 load as they are in at least one of them, 1 more by a route, 0 in none" in text
    assert "1 hold weights alone" in text
    assert "1 of the 3 loads that do not go well as is show a known signature" in text
    assert "| `a` | 1 | 1 | 0 | 0 |" in text
    assert "| `b` | 0 | 0 | 0 | 2 |" in text


def test_files_with_requirements_are_those_it_ended_with_0_for():
    assert answered(["0 x/m2/a.h5", "1 x/m1/a.h5", "0 x/m3/b.keras"]) == ["m2", "m3"]
