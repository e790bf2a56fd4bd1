from dataclasses import replace

import pytest

from runner.compare.difference import compare
from runner.model.comparison import Mark, Turn, change_kind
from runner.model.finding import EnvironmentStatus, Verdict
from tests.unit.factories import results

OLD = {"b": (("keras", "3.12.0"), ("numpy", "2.0.0"), ("absl_py", "1.0"))}
NEW = {"b": (("keras", "3.15.0"), ("numpy", "2.0.0"), ("absl-py", "2.0"), ("optree", "0.1"))}


def only(found):
    (change,) = found.cells
    return change


def with_artifacts(found, **changes):
    return replace(found, artifacts=tuple(replace(item, **changes) for item in found.artifacts))


def test_two_equal_runs_have_no_difference():
    run = results({"a/m/h5/b": "refused", "a/m/h5/a": "identical"})
    found = compare(run, run)
    assert not found.any
    assert found.unchanged == 2
    assert found.environments == ()


def test_cells_are_added_removed_changed_or_unchanged():
    before = results({"a/m/h5/b": "refused", "a/n/h5/b": "identical", "a/o/h5/b": "identical"})
    after = results({"a/m/h5/b": "identical", "a/n/h5/b": "identical", "a/p/h5/b": "drifted"})
    found = compare(before, after)
    assert {change.id: str(change.mark) for change in found.cells} == {
        "a/m/h5/b": "C",
        "a/o/h5/b": "D",
        "a/p/h5/b": "A",
    }
    assert found.unchanged == 1
    assert [change.id for change in found.marked(Mark.ADDED)] == ["a/p/h5/b"]


def test_what_got_worse_comes_first():
    before = results({"a/m/h5/b": "refused", "a/n/h5/b": "identical"})
    after = results({"a/m/h5/b": "identical", "a/n/h5/b": "drifted"})
    assert [change.turn for change in compare(before, after).cells] == [
        Turn.WORSE,
        Turn.BETTER,
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("identical", "degraded", "worse"),
        ("refused", "drifted", "worse"),
        ("identical", "unsupported", "worse"),
        ("refused", "remedied", "better"),
        ("refused", "crashed", "other"),
        ("refused", "unavailable", "other"),
        ("missing", "identical", "other"),
    ],
)
def test_a_change_has_a_direction(before, after, expected):
    assert change_kind(Verdict(before), Verdict(after)).turn == expected


def test_every_verdict_that_is_an_answer_has_a_place_in_the_order():
    unanswered = {Verdict.UNAVAILABLE, Verdict.MISSING}
    for verdict in set(Verdict) - unanswered:
        pairs = ((Verdict.IDENTICAL, verdict), (verdict, Verdict.IDENTICAL))
        others = {change_kind(*pair).turn for pair in pairs}
        assert others == ({Turn.OTHER} if verdict is Verdict.IDENTICAL else {"better", "worse"})


def test_a_flipped_cell_names_the_packages_that_changed_keras_first():
    before = results({"a/m/h5/b": "identical"}, packages=OLD)
    after = results({"a/m/h5/b": "refused"}, packages=NEW)
    found = compare(before, after)
    (cause,) = only(found).causes
    assert (cause.role, cause.environment) == ("loader", "b")
    assert [str(version) for version in cause.versions] == [
        "keras 3.12.0 -> 3.15.0",
        "absl-py 1.0 -> 2.0",
        "optree absent -> 0.1",
    ]
    (environment,) = found.environments
    assert (environment.id, environment.mark) == ("b", Mark.CHANGED)


def test_a_saver_that_changed_is_named_only_where_its_file_is_another_one():
    before = results({"b/m/h5/a": "identical"}, packages=OLD)
    after = results({"b/m/h5/a": "refused"}, packages=NEW)
    same_bytes = only(compare(before, after))
    assert same_bytes.causes[0].note == "no package changed on either side"
    (cause,) = only(compare(before, with_artifacts(after, digest="sha256:new"))).causes
    assert (cause.role, cause.environment) == ("saver", "b")


def test_on_the_diagonal_one_environment_is_both_sides():
    before = results({"b/m/h5/b": "identical"}, packages=OLD)
    after = results({"b/m/h5/b": "broken"}, packages=NEW)
    assert [cause.role for cause in only(compare(before, after)).causes] == ["both"]


def test_another_kmatrix_is_a_cause_too():
    before = results({"a/m/h5/b": "identical"}, kmatrix="0.1.0")
    after = results({"a/m/h5/b": "refused"}, kmatrix="0.2.0")
    (cause,) = only(compare(before, after)).causes
    assert str(cause.versions[0]) == "kmatrix 0.1.0 -> 0.2.0"


def test_where_no_package_changed_the_recipe_or_the_same_question_is_named():
    before = results({"a/m/h5/b": {"verdict": "identical", "key": "k"}})
    after = results({"a/m/h5/b": {"verdict": "refused", "key": "k"}})
    assert "the same question" in only(compare(before, after)).causes[0].note
    recipe = with_artifacts(after, key="another")
    assert "the recipe or kmatrix's worker" in only(compare(before, recipe)).causes[0].note


def test_variables_and_status_of_an_environment_are_differences():
    before = results({"a/m/h5/b": "identical"})
    after = results({"a/m/h5/b": "refused"})
    after = replace(
        after,
        environments=tuple(
            replace(item, status=EnvironmentStatus.BROKEN, variables=(("KERAS_BACKEND", "jax"),))
            for item in after.environments
        ),
    )
    found = compare(before, after)
    assert found.environments[0].notes == (
        "status ready -> broken",
        "KERAS_BACKEND=(unset) -> jax",
    )
    assert only(found).causes[0].note.startswith("status ready")


def test_an_environment_that_came_or_went_is_marked():
    before = results({"a/m/h5/b": "identical"})
    after = results({"a/m/h5/c": "identical"})
    marks = {change.id: str(change.mark) for change in compare(before, after).environments}
    assert marks == {"b": "D", "c": "A"}
