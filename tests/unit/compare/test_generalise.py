import random
from datetime import date

import pytest

from runner.expectations.apply import apply
from runner.expectations.gate import gate
from runner.expectations.patterns import Universe, globs, propose
from runner.model.expectation import Expectation
from runner.model.matrix import Position
from runner.model.results import SignatureResult
from tests.unit.factories import results

TODAY = date(2026, 6, 1)
ENVIRONMENTS = ("tf1.15-py37", "tf2.10-py39", "keras3.15-jax", "keras3.15-numpy", "keras3.15-torch")
RECIPES = ("mlp", "lstm", "conv1d", "conv2d")
FORMATS = ("h5", "keras", "savedmodel")
UNIVERSE = Universe(environments=ENVIRONMENTS, recipes=RECIPES, formats=FORMATS)


def grid(verdict_of, environments=ENVIRONMENTS, recipes=RECIPES, formats=FORMATS):
    cells = {
        f"{saver}/{recipe}/{format_}/{loader}": verdict_of(saver, recipe, format_, loader)
        for saver in environments
        for recipe in recipes
        for format_ in formats
        for loader in environments
    }
    return results(cells, environments=environments, recipes=recipes, formats=formats)


def proposals(found):
    return propose(found, gate(found).cells, UNIVERSE)


def patterns(found):
    return [str(pattern) for proposal in proposals(found) for pattern in proposal.patterns]


def as_expectations(found):
    return tuple(
        Expectation(
            patterns=proposal.patterns,
            expected=(proposal.verdict,),
            reason=proposal.reason,
            position=Position(file="matrix.yaml", line=number, column=1),
        )
        for number, proposal in enumerate(found)
    )


def test_a_pair_that_fails_with_everything_is_one_pattern():
    found = grid(
        lambda saver, recipe, format_, loader: (
            "refused" if (saver, loader) == ("tf2.10-py39", "tf1.15-py37") else "identical"
        )
    )
    assert patterns(found) == ["tf2.10-py39/*/*/tf1.15-py37"]


def test_a_format_that_fails_everywhere_names_the_format():
    found = grid(
        lambda saver, recipe, format_, loader: (
            "refused" if format_ == "h5" and saver != loader else "identical"
        )
    )
    assert {pattern.split("/")[1:3] == ["*", "h5"] for pattern in patterns(found)} == {True}
    assert "*/*/h5/*" not in patterns(found)  # the diagonal works


def test_a_model_that_fails_alone_is_named_alone():
    found = grid(
        lambda saver, recipe, format_, loader: "drifted" if recipe == "lstm" else "identical"
    )
    assert patterns(found) == ["*/lstm/*/*"]


def test_cells_that_cannot_be_asked_do_not_stand_in_the_way():
    found = grid(
        lambda saver, recipe, format_, loader: (
            "unsupported"
            if format_ == "keras"
            else "refused"
            if (saver, loader) == ("tf2.10-py39", "tf1.15-py37")
            else "identical"
        )
    )
    assert patterns(found) == ["tf2.10-py39/*/*/tf1.15-py37"]


def test_one_model_out_of_many_is_never_all_models():
    found = grid(
        lambda saver, recipe, format_, loader: "refused" if recipe == "lstm" else "unsupported"
    )
    assert patterns(found) == ["*/lstm/*/*"]


def test_a_run_of_a_part_never_speaks_for_the_whole_matrix():
    found = grid(
        lambda *_: "refused", environments=ENVIRONMENTS[:2], recipes=RECIPES[:2], formats=("h5",)
    )
    assert patterns(found) == ["tf1.15-py37|tf2.10-py39/mlp|lstm/h5/tf1.15-py37|tf2.10-py39"]


def test_each_verdict_and_signature_is_an_entry_of_its_own_the_largest_first():
    def verdict(saver, recipe, _format, _loader):
        if saver != "tf2.10-py39":
            return "identical"
        signature = "F01" if recipe == "lstm" else "F02"
        return {"verdict": "refused", "signatures": (signature,)}

    found = grid(verdict)
    assert [str(item.patterns[0]) for item in proposals(found)] == [
        "tf2.10-py39/mlp|conv1d|conv2d/*/*",
        "tf2.10-py39/lstm/*/*",
    ]


def test_words_that_differ_in_names_and_numbers_only_are_one_cause():
    cells = {
        f"a/m{number}/h5/b": {"verdict": "refused", "reason": f"Unknown layer: 'L{number}' at 0x1f"}
        for number in range(3)
    }
    assert len(proposals(results(cells))) == 1


def test_the_reason_and_the_link_are_the_signature_s():
    from dataclasses import replace

    found = results({"a/m/h5/b": {"verdict": "refused", "signatures": ("F31",)}})
    known = SignatureResult(
        id="F31",
        title="batch_shape is unknown",
        cause="Keras 3 renamed it",
        links=("https://example.org/31",),
    )
    (proposal,) = proposals(replace(found, signatures=(known,)))
    assert proposal.reason == "F31: batch_shape is unknown. Keras 3 renamed it"
    assert proposal.link == "https://example.org/31"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (ENVIRONMENTS, ("*",)),
        (ENVIRONMENTS[2:], ("keras3.15-*",)),
        ((ENVIRONMENTS[0], *ENVIRONMENTS[2:]), ("tf1.15-py37", "keras3.15-*")),
        (ENVIRONMENTS[2:4], ENVIRONMENTS[2:4]),
        (ENVIRONMENTS[:1], ENVIRONMENTS[:1]),
    ],
)
def test_names_become_globs_that_fit_no_other_name(names, expected):
    assert globs(frozenset(names), ENVIRONMENTS) == expected


@pytest.mark.parametrize("seed", range(40))
def test_accepting_any_grid_makes_it_as_expected_and_a_second_time_changes_nothing(seed):
    dice = random.Random(seed)
    bias = dice.random()

    def verdict(saver, recipe, format_, loader):
        striped = random.Random(f"{seed}{saver}{format_}{loader}").random() < bias
        if striped and dice.random() < 0.9:
            return "refused"
        return dice.choice(
            ("identical", "refused", "drifted", "unsupported", "missing", "unavailable", "remedied")
        )

    found = grid(verdict, environments=ENVIRONMENTS[: dice.randint(1, 5)])
    expectations = as_expectations(proposals(found))
    after = apply(found, expectations, today=TODAY)
    assert gate(after).as_expected
    assert propose(after, gate(after).cells, UNIVERSE) == ()
    assert {status.state for status in after.expectations} <= {"met"}
    assert sum(status.cells for status in after.expectations) == len(gate(found).cells)


@pytest.mark.parametrize("seed", range(20))
def test_what_changes_after_an_acceptance_is_accepted_by_later_entries(seed):
    dice = random.Random(seed)
    verdicts = ("identical", "refused", "drifted", "unsupported", "remedied", "missing")
    first, second = (grid(lambda *_: dice.choice(verdicts)) for _ in range(2))
    old = as_expectations(proposals(first))
    now = apply(second, old, today=TODAY)
    new = as_expectations(propose(now, gate(now).cells, UNIVERSE))
    assert gate(apply(second, (*old, *new), today=TODAY)).as_expected
