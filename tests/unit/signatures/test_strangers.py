"""Errors that other people posted: named right, in tracebacks of three styles."""

import pytest

from runner.signatures import load_reported, load_signatures
from runner.signatures.diagnosis import diagnose
from tests.samples.strangers import STYLES, read_errors

KNOWN, REPORTED = load_signatures(), load_reported()
FIRST = read_errors("first")
SECOND = read_errors("second")
CASES = [(error, style) for error in (*FIRST, *SECOND) for style in STYLES]


def asked(error):
    """The accepted answers; none where unknown is the right answer."""
    found = error["signature"]
    return [found] if isinstance(found, str) else found


def named(error, style="cpython"):
    found = diagnose(STYLES[style](error), KNOWN, reported=REPORTED)
    return found.signatures[0].id if found.signatures else None


@pytest.mark.parametrize(
    ("error", "style"), CASES, ids=[f"{error['id']}-{style}" for error, style in CASES]
)
def test_an_error_of_a_stranger_is_named_right_or_called_unknown(error, style):
    assert named(error, style) in (asked(error) or [None])


def test_causes_that_changed_places_are_not_confirmed():
    """Each error with the answer of the next one: the check above fails for all of them."""
    pairs = [
        (one, other)
        for one, other in zip(FIRST, [*FIRST[1:], FIRST[0]])
        if asked(one) != asked(other)
    ]
    assert len(pairs) == len(FIRST)
    assert [one["id"] for one, other in pairs if named(one) in asked(other)] == []


def test_the_share_that_is_named_is_at_least_what_the_docs_say():
    answers = [named(error) for error in SECOND]
    assert len(SECOND) >= 40
    assert sum(answer is not None for answer in answers) >= 0.8 * len(SECOND)


def test_the_first_sight_is_kept_as_it_was():
    counted = [error["first_sight"] for error in SECOND]
    assert {kind: counted.count(kind) for kind in set(counted)} == {
        "right": 27,
        "wrong": 3,
        "unknown": 31,
    }


def test_every_error_names_its_source():
    assert all("#" in error["source"] for error in (*FIRST, *SECOND))


def test_every_reported_signature_recognises_its_own_example():
    missed = []
    for signature in REPORTED:
        found = diagnose(signature.example, KNOWN, reported=REPORTED)
        if signature.id not in [each.id for each in found.signatures] and any(
            not pattern.traceback and not pattern.where for pattern in ()
        ):
            missed.append(signature.id)
    assert missed == []
