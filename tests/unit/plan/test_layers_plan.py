"""Environments with a library of layers, and its models, keep to themselves."""

from dataclasses import replace

from runner.model.matrix import Package, PairRule, Pairs
from runner.plan.planner import Known, make_plan, wanted_pairs
from tests.unit.factories import environment, recipe, spec

CONTROL = recipe("mlp_sequential")


def layered(name):
    base = environment(name).installation
    package = Package(name="foo", requirement="foo==1")
    return environment(name, installation=replace(base, package=package, base=base))


def asked(**changes):
    return spec(
        ("a", "b", layered("a+1"), layered("a+2"), layered("b+1")),
        recipes=(CONTROL, recipe("tcn", package="foo")),
        **changes,
    )


def test_environments_meet_those_with_the_same_library():
    met = {(saver.id, loader.id) for saver, loader in wanted_pairs(asked())}
    assert len(met) == 2 * 2 + 3 * 3
    assert ("a+1", "b+1") in met
    assert ("a", "a+1") not in met


def test_neighbours_are_those_with_the_same_library():
    pairs = wanted_pairs(asked(pairs=Pairs(rule=PairRule.ADJACENT)))
    met = {(saver.id, loader.id) for saver, loader in pairs}
    assert ("a+2", "b+1") in met
    assert ("a+1", "b+1") not in met


def test_a_librarys_models_are_saved_where_it_is_and_other_models_are_not():
    names = ("a", "b", "a+1", "a+2", "b+1")
    known = Known(digests={name: name for name in names}, worker="w", evidence={}, last={})
    plan = make_plan(asked(), known, control=CONTROL)
    shown = {step.id for step in plan.saves if not step.control}
    assert shown == {
        *("a/mlp_sequential/h5", "b/mlp_sequential/h5"),
        *("a+1/tcn/h5", "a+2/tcn/h5", "b+1/tcn/h5"),
    }
    hidden = {step.id for step in plan.saves if step.control}
    assert hidden == {f"{name}/mlp_sequential/h5" for name in ("a+1", "a+2", "b+1")}
