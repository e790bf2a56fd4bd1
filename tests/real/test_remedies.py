"""Causes and remedies on real environments: most failures are known, and help was really tried."""

import sqlite3

import pytest

from runner.model.finding import Verdict
from tests.real.conftest import (
    BUILD,
    JAX,
    KERAS3,
    TF1,
    TF210,
    TF215,
    THEANO,
    kmatrix,
    results_of,
    share_environments,
)

FAILING = {Verdict.REFUSED, Verdict.DRIFTED, Verdict.CRASHED, Verdict.HUNG, Verdict.BROKEN}


def failing(results):
    """Cells that fail as a user would first try them, and that were really asked."""
    return [cell for cell in results.cells if cell.as_is in FAILING and cell.key is not None]


def test_nearly_every_failing_cell_carries_a_signature(results):
    found = failing(results)
    nameless = [f"{cell.id}: {cell.reason}" for cell in found if not cell.signatures]
    assert len(found) > 100
    assert len(nameless) <= 0.05 * len(found), "\n".join(nameless)


def test_most_failing_cells_have_a_verified_remedy(results):
    found = failing(results)
    without = [f"{cell.id}: {cell.reason}" for cell in found if cell.remedy is None]
    assert len(without) <= 0.15 * len(found), "\n".join(without)


def test_a_remedy_is_an_attempt_whose_predictions_matched(results):
    for cell in results.cells:
        verified = [attempt.route for attempt in cell.attempts if attempt.verified]
        assert verified == ([cell.remedy] if cell.remedy else [])


def test_a_verified_route_turns_a_refusal_into_remedied_and_leaves_a_drift_a_drift(results):
    for cell in results.cells:
        if cell.remedy is not None:
            silent = cell.as_is in {Verdict.DRIFTED, Verdict.BROKEN}
            assert cell.verdict is (cell.as_is if silent else Verdict.REMEDIED), cell.id


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        (f"{THEANO}/conv_bn/h5/{TF215}", "as-is+flipped-kernels"),
        (f"{TF215}/activations/h5/{KERAS3}", "as-is+old-hard-sigmoid"),
        (f"{KERAS3}/compiled_string_loss/h5/{KERAS3}", "compile-false"),
        (f"{JAX}/mlp_sequential/h5/{TF210}", "edited-copy"),
        (f"{TF210}/conv1d/savedmodel/{TF1}", "checkpoint-variables"),
        (f"{TF210}/lstm/savedmodel/{TF1}", "defaults-of-tf-2"),
        (f"{TF1}/lstm/weights-h5/{TF210}", "defaults-of-keras-2.2"),
        (f"{TF210}/mlp_sequential/savedmodel/{JAX}", f"resave:{TF210}:h5"),
        (f"{TF210}/mlp_sequential/weights-h5/{KERAS3}", "renamed-file"),
    ],
)
def test_known_remedies_come_out(cells, cell, remedy):
    assert cells[cell].remedy == remedy, cells[cell].attempts


def test_the_drift_of_theano_convolutions_begins_in_the_convolution(cells):
    cell = cells[f"{THEANO}/conv1d/h5/{TF215}"]
    assert "begins in layer" in cell.reason
    assert "(Conv1D)" in cell.reason


def test_scenarios_say_what_became_of_each_way_to_supply_a_class(cells):
    cell = cells[f"{TF215}/custom_layer/h5/{TF215}"]
    found = {attempt.route: attempt for attempt in cell.scenarios}
    assert found["nothing-supplied"].verdict is Verdict.REFUSED
    assert "Unknown layer" in found["nothing-supplied"].reason
    assert found["changed-maths"].verdict is Verdict.DRIFTED
    assert found["changed-weight-shape"].verdict is Verdict.REFUSED
    assert found["renamed-argument"].verdict is Verdict.REFUSED
    assert found["changed-default"].verdict.safe
    assert "ImportError" in found["definition-missing"].error
    assert "a_package_that_is_not_installed" in found["import-fails"].error


def test_without_its_evidence_a_remedy_is_not_verified_any_more(results, tmp_path):
    """The word must go with the evidence: the store is emptied of it, and nothing may run."""
    build = share_environments(tmp_path / "build")
    cell = f"{TF215}/activations/h5/{KERAS3}"
    chosen = ("--environments", TF215, KERAS3, "--models", "activations", "--formats", "h5")
    kmatrix("run", *chosen, build=build)
    before = {item.id: item for item in results_of(build).cells}[cell]
    assert before.remedy == "as-is+old-hard-sigmoid"
    with sqlite3.connect(build / "store" / "evidence.sqlite") as store:
        store.execute("DELETE FROM evidence WHERE subject LIKE '%#%'")
    kmatrix("run", *chosen, "--no-fallbacks", build=build)
    after = {item.id: item for item in results_of(build).cells}[cell]
    assert after.remedy is None
    assert not [attempt for attempt in after.attempts if attempt.verified]


def test_the_run_left_its_evidence_where_remedies_point_to(results):
    with sqlite3.connect(BUILD / "store" / "evidence.sqlite") as store:
        keys = {key for (key,) in store.execute("SELECT key FROM evidence")}
    pointed = {attempt.key for cell in results.cells for attempt in cell.attempts}
    assert pointed <= keys


def test_theano_reads_theano(cells):
    assert cells[f"{THEANO}/conv_bn/h5/{THEANO}"].verdict is Verdict.IDENTICAL
    assert cells[f"{THEANO}/conv_bn/h5/{TF1}"].verdict is Verdict.IDENTICAL
