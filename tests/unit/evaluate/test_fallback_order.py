"""Which route comes next: cheapest first, patches behind a drift, nothing after a success."""

from dataclasses import replace

import pytest

from runner.evaluate import routes_page as document
from runner.evaluate.route_order import next_route, patches_for
from runner.model.finding import Verdict
from runner.model.keras_identity import RecurrentDefaults
from runner.model.matrix import Backend, Format
from runner.model.routes import PATCHES, ROUTES, SCENARIOS, Situation, find_route, routes_for
from runner.route_scripts import route_text
from runner.worker import formats, scenarios, script_run

DEFAULTS = "defaults-of-"

PLAIN = Situation(
    format=Format.H5,
    as_is=Verdict.REFUSED,
    custom=False,
    runs_code=False,
    compiled=False,
    hard_sigmoid=False,
    convolution=False,
    saver_backend=Backend.TENSORFLOW,
    loader_backend=Backend.TENSORFLOW,
    saver_keras3=False,
    loader_keras3=True,
    loader_tensorflow=True,
)


def followed(situation, outcome=None):
    """Every route in order when all are refused; ``outcome`` says otherwise for some."""
    tried = {}
    while (route := next_route(situation, tried)) is not None:
        tried[route] = (outcome or {}).get(route, Verdict.REFUSED)
    return list(tried)


def test_nothing_is_tried_after_a_route_that_works():
    assert followed(PLAIN, {"edited-copy": Verdict.DEGRADED})[-1] == "edited-copy"


def test_the_cheapest_that_can_apply_comes_first():
    assert followed(PLAIN) == ["edited-copy", "rebuild-weights", "copied-weights"]


def test_compile_false_is_tried_only_where_something_was_compiled():
    assert followed(replace(PLAIN, compiled=True))[0] == "compile-false"


def test_a_scope_is_tried_only_where_there_are_custom_objects():
    assert "custom-object-scope" in followed(replace(PLAIN, custom=True))
    assert "custom-object-scope" not in followed(PLAIN)


def test_safe_mode_is_turned_off_only_for_files_that_run_code():
    assert "safe-mode-off" in followed(replace(PLAIN, runs_code=True))
    assert "safe-mode-off" not in followed(replace(PLAIN, custom=True, compiled=True))


def test_what_a_signature_suggests_comes_before_cheaper_guesses():
    situation = replace(PLAIN, compiled=True, suggested=("copied-weights",))
    assert followed(situation)[:2] == ["copied-weights", "compile-false"]


def test_a_suggestion_that_cannot_apply_is_not_tried():
    assert "tfsm-layer" not in followed(replace(PLAIN, suggested=("tfsm-layer",)))


def test_a_drift_of_theano_convolutions_is_first_mended_by_flipping():
    situation = replace(
        PLAIN, as_is=Verdict.DRIFTED, convolution=True, saver_backend=Backend.THEANO
    )
    assert followed(situation)[0] == "as-is+flipped-kernels"


@pytest.mark.parametrize(
    ("saver", "loader", "patch"),
    [(False, True, "+old-hard-sigmoid"), (True, False, "+new-hard-sigmoid"), (True, True, "")],
)
def test_hard_sigmoid_is_patched_towards_the_saver(saver, loader, patch):
    situation = replace(PLAIN, hard_sigmoid=True, saver_keras3=saver, loader_keras3=loader)
    assert patches_for(situation) == patch


def test_a_route_that_drifts_is_tried_again_with_the_patches():
    situation = replace(PLAIN, hard_sigmoid=True)
    found = followed(situation, {"edited-copy": Verdict.DRIFTED})
    assert found[:2] == ["edited-copy", "edited-copy+old-hard-sigmoid"]


def test_a_route_that_is_refused_is_not_patched():
    assert not [name for name in followed(replace(PLAIN, hard_sigmoid=True)) if "+" in name]


def test_weights_under_a_misleading_name_are_renamed():
    situation = replace(PLAIN, format=Format.WEIGHTS_H5, legacy_weights=True)
    assert followed(situation)[0] == "renamed-file"
    assert "renamed-file" not in followed(replace(situation, legacy_weights=False))


def test_legacy_keras_is_tried_where_it_is_installed_and_the_file_is_of_keras_2():
    assert followed(replace(PLAIN, tf_keras=True))[0] == "legacy-keras"
    assert "legacy-keras" not in followed(PLAIN)
    assert "legacy-keras" not in followed(replace(PLAIN, tf_keras=True, saver_keras3=True))


def test_a_saved_model_needs_tensorflow_in_the_loader():
    situation = replace(PLAIN, format=Format.SAVEDMODEL)
    graph = ["tfsm-layer", "saved-model-graph"]
    assert followed(situation) == [*graph, "checkpoint-variables", "saved-model-session"]
    recurrent = replace(situation, saver_defaults="tf-2")
    assert followed(recurrent)[-2:] == ["defaults-of-tf-2", "saved-model-session"]
    jax = replace(situation, loader_backend=Backend.JAX, loader_tensorflow=False)
    assert followed(jax) == []


@pytest.mark.parametrize("format_", list(Format))
def test_other_default_arguments_are_the_last_guess_in_every_format(format_):
    situation = replace(PLAIN, format=format_, saver_defaults="keras-2.2")
    models = [route for route in followed(situation) if route != "saved-model-session"]
    assert models[-1] == "defaults-of-keras-2.2"
    assert not [name for name in followed(PLAIN) if name.startswith(DEFAULTS)]


def test_a_drift_between_generations_of_recurrent_layers_is_first_mended_by_their_arguments():
    situation = replace(PLAIN, as_is=Verdict.DRIFTED, saver_defaults="keras-2.2")
    assert followed(situation)[0] == "defaults-of-keras-2.2"


def test_every_route_and_every_patch_has_a_script_and_nothing_else_has():
    assert {route.id for route in ROUTES} == set(route_text.BASES)
    assert {patch.id for patch in PATCHES} == set(route_text.PATCHES)
    assert set(script_run.NEEDED) < set(route_text.BASES)


def test_the_worker_has_every_format_and_no_others():
    assert set(formats.FORMATS) == set(Format)


def test_the_worker_knows_the_scenarios_that_change_a_definition():
    assert set(scenarios.CHANGED) <= {scenario.id for scenario in SCENARIOS}


def test_two_routes_of_a_format_never_cost_the_same():
    for format_ in Format:
        costs = [route.cost for route in routes_for(format_)]
        assert len(set(costs)) == len(costs)


def test_the_page_has_the_routes_as_they_are_declared():
    page = document.PATH.read_text("utf-8")
    assert page == document.document(page), "write it: python -m runner.evaluate.routes_page"
    assert document.main(["--check"]) == 0
    for route in (*ROUTES, *PATCHES):
        assert f"| `{route.id}` |" in page


def test_there_is_a_route_for_the_defaults_of_every_generation():
    named = {route.id for route in ROUTES if route.id.startswith(DEFAULTS)}
    assert named == {DEFAULTS + name for name in RecurrentDefaults}


def test_a_patched_route_is_described_by_its_parts():
    route = find_route("edited-copy+old-hard-sigmoid")
    assert "translated" in route.title
    assert "Keras 2 defined it" in route.title
