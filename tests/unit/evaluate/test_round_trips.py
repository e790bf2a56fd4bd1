"""What a saver's own load says of its cell and of the rest of the row."""

import pytest

from runner.evaluate.round_trips import OwnLoad, environment_works, of_other_load, of_own_load
from runner.model.finding import Finding, FindingCode, Verdict

FAILING = [Verdict.REFUSED, Verdict.CRASHED, Verdict.HUNG, Verdict.DRIFTED]


def finding(verdict, reason="no"):
    return Finding(verdict=verdict, code=FindingCode.LOAD_FAILED, reason=reason)


@pytest.mark.parametrize("verdict", FAILING)
def test_a_model_that_does_not_survive_its_own_saver_keeps_its_verdict(verdict):
    found = of_own_load(finding(verdict), works=True)
    assert found.verdict is verdict
    lost = verdict is Verdict.DRIFTED
    assert found.reason.startswith("lost when it was saved" if lost else "refused by the environ")


@pytest.mark.parametrize("verdict", FAILING)
def test_an_environment_that_loads_nothing_of_its_own_is_broken(verdict):
    assert of_own_load(finding(verdict), works=False).verdict is Verdict.BROKEN


def test_a_load_that_works_is_never_broken():
    assert of_own_load(finding(Verdict.IDENTICAL), works=False) == finding(Verdict.IDENTICAL)


@pytest.mark.parametrize("verdict", FAILING)
@pytest.mark.parametrize("own", FAILING)
def test_another_loader_is_not_blamed_for_what_the_file_lacks(verdict, own):
    found = of_other_load(finding(verdict, "here"), OwnLoad(finding=finding(own, "there")))
    assert found.verdict is Verdict.UNSUPPORTED
    assert found.code is FindingCode.FILE_LACKS_IT
    assert "there" in found.reason
    assert "here" in found.reason


@pytest.mark.parametrize("own", [Verdict.IDENTICAL, Verdict.DEGRADED])
def test_a_file_that_its_saver_loads_lacks_nothing(own):
    failed = finding(Verdict.REFUSED)
    assert of_other_load(failed, OwnLoad(finding=finding(own))) == failed


def test_a_route_that_works_for_the_saver_shows_that_the_file_holds_the_model():
    own = OwnLoad(finding=finding(Verdict.REFUSED), remedied=True)
    failed = finding(Verdict.REFUSED)
    assert of_other_load(failed, own) == failed


def test_a_drift_that_a_route_corrects_was_lost_all_the_same():
    """Nobody is told that they need the route."""
    own = OwnLoad(finding=finding(Verdict.DRIFTED), remedied=True)
    assert of_other_load(finding(Verdict.DRIFTED), own).verdict is Verdict.UNSUPPORTED


def test_a_loader_that_reads_it_all_the_same_keeps_its_verdict():
    own = OwnLoad(finding=finding(Verdict.REFUSED))
    found = finding(Verdict.IDENTICAL)
    assert of_other_load(found, own) == found


def test_nothing_is_said_of_a_row_whose_saver_was_not_asked():
    failed = finding(Verdict.REFUSED)
    assert of_other_load(failed, None) == failed


@pytest.mark.parametrize(
    ("control", "others", "works"),
    [
        (Verdict.IDENTICAL, (Verdict.REFUSED,), True),
        (Verdict.REFUSED, (), False),
        (Verdict.REFUSED, (Verdict.DRIFTED, Verdict.REFUSED), False),
        (Verdict.REFUSED, (Verdict.REFUSED, Verdict.DEGRADED), True),  # the control's own trouble
        (Verdict.UNSUPPORTED, (Verdict.REFUSED,), True),
        (None, (Verdict.REFUSED,), True),
    ],
)
def test_an_environment_works_where_it_loads_anything_of_its_own(control, others, works):
    assert environment_works(control, others) is works
