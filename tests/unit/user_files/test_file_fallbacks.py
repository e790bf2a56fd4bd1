from runner.evaluate.file_fallbacks import next_way
from runner.model.finding import Verdict
from runner.model.inspection import FileFormat
from runner.model.matrix import Format
from tests.unit.user_files.things import TF210, TF221, inspection, staged

REFUSED, DRIFTED = Verdict.REFUSED, Verdict.DRIFTED


def follow(found, where, candidate, *outcomes):
    """The routes that are tried when they end in these outcomes, then in refusal."""
    tried, ends = {}, list(outcomes)
    while (way := next_way(found, where, candidate, tried)) is not None:
        tried[way] = ends.pop(0) if ends else REFUSED
    return list(tried)


def test_as_is_comes_first_and_a_load_ends_the_attempts():
    assert follow(inspection(keras="2.9.0"), staged(), TF221, Verdict.IDENTICAL) == ["as-is"]


def test_a_refused_file_tries_the_routes_that_need_no_code_of_the_models():
    found = follow(inspection(keras="2.9.0"), staged(), TF221)
    assert found == ["as-is", "compile-false", "edited-copy"]


def test_a_misnamed_file_is_renamed_before_anything_else():
    found = follow(inspection(keras="2.9.0"), staged(misnamed=True), TF221)
    assert found[:2] == ["as-is", "renamed-file"]


def test_a_file_that_runs_code_is_loaded_without_safe_mode():
    found = inspection(FileFormat.KERAS, keras="3.9.2", code=("bytecode",))
    assert "safe-mode-off" in follow(found, staged(Format.KERAS), TF221)


def test_drift_of_a_hard_sigmoid_is_mended_by_its_patch():
    found = inspection(keras="2.9.0", remarks=("hard-sigmoid",))
    assert follow(found, staged(), TF221, DRIFTED)[:2] == ["as-is", "as-is+old-hard-sigmoid"]


def test_drift_of_theanos_kernels_is_mended_by_flipping_them():
    found = inspection(keras="2.3.1", backend="theano", layers=("Conv2D",))
    assert follow(found, staged(), TF210, DRIFTED)[:2] == ["as-is", "as-is+flipped-kernels"]


def test_a_savedmodel_ends_at_its_graph():
    found = inspection(FileFormat.SAVEDMODEL, keras="2.4.0")
    ways = follow(found, staged(Format.SAVEDMODEL), TF221)
    graph = ["tfsm-layer", "saved-model-graph", "saved-model-session"]
    assert ways == ["as-is", "compile-false", *graph]


def test_a_load_over_its_time_limit_is_not_tried_by_other_routes():
    assert follow(inspection(keras="2.9.0"), staged(), TF221, Verdict.HUNG) == ["as-is"]


def test_a_hang_on_a_route_ends_the_attempts_too():
    ends = (REFUSED, Verdict.HUNG)
    assert follow(inspection(keras="2.9.0"), staged(), TF221, *ends) == ["as-is", "compile-false"]
