import numpy as np

from runner.evaluate.save_findings import evaluate_save
from runner.model.evidence import Ending
from runner.model.finding import ArtifactStatus
from runner.model.matrix import Tolerance
from tests.unit.factories import evidence, failure


def ask(save, *, writes_control=True, is_control=False):
    return evaluate_save(
        save, writes_control=writes_control, is_control=is_control, tolerance=Tolerance()
    )


def test_a_save_that_came_to_its_end_is_saved():
    assert ask(evidence("save")).status is ArtifactStatus.SAVED


def test_a_failure_where_the_control_can_be_written_is_the_models():
    found = ask(evidence("save", failure=failure("get_config", "NotImplementedError")))
    assert found.status is ArtifactStatus.FAILED
    assert found.reason == "NotImplementedError: get_config"


def test_a_failure_where_even_the_control_cannot_be_written_is_the_formats():
    found = ask(evidence("save", failure=failure("extension")), writes_control=False)
    assert found.status is ArtifactStatus.UNSUPPORTED


def test_what_the_recipe_says_is_not_available_is_unsupported():
    found = ask(evidence("save", not_available="no mixed precision here"))
    assert (found.status, found.reason) == (
        ArtifactStatus.UNSUPPORTED,
        "no mixed precision here",
    )


def test_a_crash_while_saving_is_a_failure():
    assert ask(evidence("save", ending=Ending.CRASHED)).status is ArtifactStatus.FAILED


def test_a_saver_that_contradicts_numpy_is_never_the_truth():
    expected = (np.array([1.0, 3.0], dtype="float32"),)
    found = ask(evidence("save", expected=expected))
    assert found.status is ArtifactStatus.FAILED
    assert "plain NumPy" in found.reason


def test_a_saver_that_agrees_with_numpy_says_so():
    expected = (np.array([1.0, 2.0], dtype="float32"),)
    found = ask(evidence("save", expected=expected))
    assert found.oracle is not None
    assert found.oracle.equal
