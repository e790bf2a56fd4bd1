from runner.model.matrix import Format, PairRule, Pairs
from runner.model.steps import Why
from runner.plan.planner import Known, make_plan, wanted_pairs
from tests.unit.factories import recipe, spec

CONTROL = recipe("mlp_sequential")


def known(environments=("a", "b"), *, worker="w1", evidence=None, last=None, **digests):
    return Known(
        digests={name: digests.get(name, f"{name}1") for name in environments},
        worker=worker,
        evidence=evidence or {},
        last=last or {},
    )


def done(plan, before, artifact="art"):
    """What is known after everything in ``plan`` ran."""
    evidence = dict(before.evidence)
    last = dict(before.last)
    for step in plan.saves:
        evidence[step.key] = f"{artifact} of {step.id}"
        last[step.id] = dict(step.parts)
    for step in plan.loads:
        evidence[step.key] = None
        last[step.id] = dict(step.parts)
    return Known(digests=before.digests, worker=before.worker, evidence=evidence, last=last)


def whole(asked, before):
    """Everything run once: saves, then the loads that they make possible."""
    after_saves = done(make_plan(asked, before, control=CONTROL), before)
    return done(make_plan(asked, after_saves, control=CONTROL), after_saves)


def test_at_first_everything_is_to_be_saved_and_loads_come_later():
    plan = make_plan(spec(), known(), control=CONTROL)
    assert [step.id for step in plan.saves] == ["a/mlp_sequential/h5", "b/mlp_sequential/h5"]
    assert {step.why for step in plan.saves} == {Why.NEW}
    assert len(plan.later) == 4
    assert plan.loads == ()


def test_a_second_run_of_an_unchanged_matrix_has_nothing_to_do():
    asked = spec(recipes=("mlp_sequential", "conv"), formats=(Format.H5, Format.KERAS))
    plan = make_plan(asked, whole(asked, known()), control=CONTROL)
    assert {step.why for step in (*plan.saves, *plan.loads)} == {Why.KNOWN}
    assert plan.later == ()
    assert len(plan.loads) == 2 * 2 * 2 * 2


def test_one_more_environment_adds_exactly_its_row_and_column():
    before = whole(spec(("a", "b")), known(("a", "b")))
    now = Known(
        digests={"a": "a1", "b": "b1", "c": "c1"},
        worker="w1",
        evidence=before.evidence,
        last=before.last,
    )
    asked = spec(("a", "b", "c"))
    plan = make_plan(asked, now, control=CONTROL)
    assert [step.id for step in plan.saves if step.why is not Why.KNOWN] == ["c/mlp_sequential/h5"]
    new = {step.id for step in plan.loads if step.why is not Why.KNOWN}
    assert new == {"a/mlp_sequential/h5/c", "b/mlp_sequential/h5/c"}
    assert {(save.saver.id, loader.id) for save, loader in plan.later} == {
        ("c", "a"),
        ("c", "b"),
        ("c", "c"),
    }


def test_a_changed_lock_runs_its_row_and_column_and_says_why():
    before = whole(spec(), known())
    now = Known(
        digests={"a": "a2", "b": "b1"}, worker="w1", evidence=before.evidence, last=before.last
    )
    plan = make_plan(spec(), now, control=CONTROL)
    whys = {step.id: step.why for step in (*plan.saves, *plan.loads)}
    assert whys["a/mlp_sequential/h5"] is Why.SAVER_CHANGED
    assert whys["b/mlp_sequential/h5"] is Why.KNOWN
    assert whys["b/mlp_sequential/h5/a"] is Why.LOADER_CHANGED
    assert whys["b/mlp_sequential/h5/b"] is Why.KNOWN


def test_a_changed_recipe_runs_only_itself():
    before = whole(spec(recipes=("mlp_sequential", "conv")), known())
    asked = spec(recipes=("mlp_sequential", recipe("conv", digest="edited")))
    plan = make_plan(asked, before, control=CONTROL)
    changed = {step.id: step.why for step in plan.saves if step.why is not Why.KNOWN}
    assert changed == {"a/conv/h5": Why.RECIPE_CHANGED, "b/conv/h5": Why.RECIPE_CHANGED}


def test_another_worker_runs_everything_again():
    before = whole(spec(), known())
    now = Known(digests=before.digests, worker="w2", evidence=before.evidence, last=before.last)
    plan = make_plan(spec(), now, control=CONTROL)
    assert {step.why for step in plan.saves} == {Why.WORKER_CHANGED}


def test_a_save_that_wrote_nothing_has_no_loads():
    first = make_plan(spec(), known(), control=CONTROL)
    nothing = {step.key: None for step in first.saves}
    plan = make_plan(spec(), known(evidence=nothing), control=CONTROL)
    assert plan.loads == plan.later == ()


def test_the_control_model_is_planned_though_nobody_asked_for_it():
    plan = make_plan(spec(recipes=("conv",)), known(), control=CONTROL)
    assert {(step.recipe.name, step.control) for step in plan.saves} == {
        ("mlp_sequential", True),
        ("conv", False),
    }


def test_a_single_cell_brings_only_its_save_and_the_controls():
    asked = spec(recipes=("mlp_sequential", "conv"), formats=(Format.H5, Format.KERAS))
    plan = make_plan(asked, whole(asked, known()), control=CONTROL, cells={"a/conv/h5/b"})
    assert {step.id for step in plan.loads} == {"a/conv/h5/b", "a/mlp_sequential/h5/b"}
    assert {step.id for step in plan.loads if not step.control} == {"a/conv/h5/b"}


def test_adjacent_pairs_are_neighbours_and_the_diagonal():
    asked = spec(("a", "b", "c"), pairs=Pairs(rule=PairRule.ADJACENT))
    names = {(saver.id, loader.id) for saver, loader in wanted_pairs(asked)}
    assert ("a", "c") not in names
    assert ("c", "a") not in names
    assert len(names) == 7


def test_touching_keeps_a_row_a_column_and_the_controls_on_the_diagonal():
    asked = spec(("a", "b", "c"), pairs=Pairs(touching=("b",)))
    names = {(saver.id, loader.id) for saver, loader in wanted_pairs(asked)}
    assert names == {
        *[("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")],
        *[("a", "a"), ("b", "b"), ("c", "c")],
    }
