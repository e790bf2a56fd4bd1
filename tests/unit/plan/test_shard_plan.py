"""What a shard plans: its pairs, and the controls that keep "unsupported" honest."""

from runner.model.matrix import Pairs
from runner.plan.planner import Known, make_plan, wanted_pairs
from tests.unit.factories import recipe, spec

CONTROL = recipe("mlp_sequential")


def plan(pairs, environments=("a", "b", "c")):
    wanted = spec(environments, recipes=("lstm",), pairs=Pairs(only=frozenset(pairs)))
    known = Known(digests={name: name for name in environments}, worker="w", evidence={}, last={})
    return make_plan(wanted, known, control=CONTROL), wanted


def test_only_the_pairs_of_the_shard_are_wanted():
    _, wanted = plan([("a", "b"), ("b", "b")])
    found = [(saver.id, loader.id) for saver, loader in wanted_pairs(wanted)]
    assert found == [("a", "b"), ("b", "b")]


def test_the_loader_saves_the_control_model_though_nothing_of_its_own_is_asked_for():
    found, _ = plan([("a", "b")])
    saves = {step.id: step.control for step in found.saves}
    assert saves == {
        "a/mlp_sequential/h5": True,
        "a/lstm/h5": False,
        "b/mlp_sequential/h5": True,
        "c/mlp_sequential/h5": True,
    }


def test_the_loader_is_asked_for_the_control_of_the_same_saver():
    found, _ = plan([("a", "b")])
    assert [(save.id, loader.id) for save, loader in found.later] == [
        ("a/mlp_sequential/h5", "b"),
        ("a/lstm/h5", "b"),
    ]
