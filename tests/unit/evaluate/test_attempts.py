"""The fallbacks of one cell from evidence: what was tried, in order, and what comes next."""

from runner.evaluate.fallbacks import (
    explaining_step,
    follow,
    scenario_steps,
    situation_of,
)
from runner.model.evidence import TrainState
from runner.model.finding import Finding, FindingCode, Verdict
from runner.model.keras_identity import identity_from_modules
from runner.model.matrix import Format
from runner.model.routes import SCENARIOS
from runner.model.scripts import Script
from runner.model.steps import EXPLAIN, SCENARIO
from runner.plan.planner import in_another_way, make_plan
from tests.unit.factories import evidence, failure, observation, recipe, spec
from tests.unit.plan.test_planner import CONTROL, done, known

VERSIONS = {"a": {"keras": "3.15.1", "tensorflow": "2.21.0"}, "b": {"keras": "2.15.0"}}


def identity(item):
    return identity_from_modules(item, VERSIONS[item.id], {})


def load_step(format_=Format.H5, **of_recipe):
    asked = spec(recipes=(recipe("mlp", **of_recipe),), formats=(format_,))
    before = known()
    plan = make_plan(
        asked, done(make_plan(asked, before, control=CONTROL), before), control=CONTROL
    )
    return next(step for step in plan.loads if step.id.startswith(f"a/mlp/{format_}/b"))


def situation(load, as_is=Verdict.REFUSED, config="{}", **state):
    saved = evidence(
        "save",
        observation=observation(config=config, train_state=TrainState(compiled=False, **state)),
    )
    return situation_of(load, as_is, saved, identity)


def finding(verdict):
    return Finding(verdict=verdict, code=FindingCode.LOAD_FAILED, reason=f"it is {verdict}")


def script(route):
    return Script(text=route)


def judged(verdicts, load):
    """Evidence under the key of each route, and the judge that gives it its verdict."""
    keys = {
        in_another_way(load, route, script(route)).key: verdict
        for route, verdict in verdicts.items()
    }
    look = {key: evidence(failure=failure("no")) for key in keys}.get
    return look, lambda step, _: finding(keys[step.key])


def test_the_first_rung_is_next_where_nothing_was_tried():
    load = load_step()
    fallbacks = follow(load, situation(load), *judged({}, load), script)
    assert fallbacks.attempts == ()
    assert fallbacks.following.way == "edited-copy"
    assert fallbacks.following.id == load.id
    assert fallbacks.following.key != load.key


def test_a_cell_ends_at_the_route_that_works():
    load = load_step()
    tried = {"edited-copy": Verdict.REFUSED, "rebuild-weights": Verdict.IDENTICAL}
    fallbacks = follow(load, situation(load), *judged(tried, load), script)
    assert [attempt.route for attempt in fallbacks.attempts] == ["edited-copy", "rebuild-weights"]
    assert fallbacks.following is None
    assert fallbacks.remedy == "rebuild-weights"


def test_a_cell_without_success_has_no_remedy():
    load = load_step()
    tried = dict.fromkeys(("edited-copy", "rebuild-weights", "copied-weights"), Verdict.REFUSED)
    fallbacks = follow(load, situation(load), *judged(tried, load), script)
    assert fallbacks.following is None
    assert fallbacks.remedy is None


def test_an_attempt_keeps_its_key_its_error_and_its_words():
    load = load_step()
    fallbacks = follow(
        load, situation(load), *judged({"edited-copy": Verdict.REFUSED}, load), script
    )
    (attempt,) = fallbacks.attempts
    assert attempt.key == in_another_way(load, "edited-copy", script("edited-copy")).key
    assert attempt.error == "ValueError: no"
    assert not attempt.verified


def test_what_is_in_the_saved_configuration_decides_which_routes_apply():
    load = load_step()
    found = situation(load, config='{"class_name": "Lambda", "activation": "hard_sigmoid"}')
    assert found.runs_code
    assert found.hard_sigmoid
    assert not found.convolution
    assert found.saver_keras3
    assert not found.loader_keras3
    assert not found.loader_tensorflow


def test_scenarios_are_for_recipes_that_have_them_and_formats_that_hold_classes():
    plain, custom = load_step(), load_step(scenarios=True)
    assert scenario_steps(plain) == ()
    assert scenario_steps(load_step(Format.JSON, scenarios=True)) == ()
    ways = [step.way for step in scenario_steps(custom)]
    assert ways == [SCENARIO + item.id for item in SCENARIOS]


def test_every_way_of_a_cell_has_a_key_and_a_subject_of_its_own():
    load = load_step(scenarios=True)
    steps = (load, explaining_step(load), *scenario_steps(load))
    assert len({step.key for step in steps}) == len(steps)
    assert len({step.subject for step in steps}) == len(steps)
    assert {step.id for step in steps} == {load.id}
    assert explaining_step(load).way == EXPLAIN
