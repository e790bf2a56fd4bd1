"""Errors that other people posted: named right, in tracebacks of three styles."""

import pytest

from runner.modelfile.addons import owners_of, owners_of_op
from runner.signatures import load_reported, load_signatures
from runner.signatures.diagnosis import diagnose
from runner.signatures.next_commands import doctor_command, next_commands
from tests.samples.sample import read_samples
from tests.samples.strangers import STYLES, cpython, read_errors

KNOWN, REPORTED = load_signatures(), load_reported()
FIRST = read_errors("first")
SECOND = read_errors("second")
THIRD = read_errors("third")
# Drawn at random; see docs/diagnose.md.
DRAWN = {name: read_errors(name) for name in ("fourth", "fifth", "sixth", "seventh", "eighth")}
EVERY = (*FIRST, *SECOND, *THIRD, *(error for errors in DRAWN.values() for error in errors))
CASES = [(error, style) for error in EVERY for style in STYLES]


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


FIRST_SIGHT = {  # right, wrong, unknown: as they came out, before anything was changed
    "second": (SECOND, 27, 3, 31),
    "third": (THIRD, 16, 3, 3),
    "fourth": (DRAWN["fourth"], 27, 4, 9),
    "fifth": (DRAWN["fifth"], 22, 8, 10),
    "sixth": (DRAWN["sixth"], 18, 3, 16),
    "seventh": (DRAWN["seventh"], 23, 7, 10),
    "eighth": (DRAWN["eighth"], 19, 13, 4),
}


@pytest.mark.parametrize("name", FIRST_SIGHT)
def test_the_first_sight_is_kept_as_it_was(name):
    errors, *expected = FIRST_SIGHT[name]
    counted = [error["first_sight"] for error in errors]
    assert [counted.count(kind) for kind in ("right", "wrong", "unknown")] == expected
    assert len(counted) == sum(expected)


def test_every_error_names_its_source():
    assert all("#" in error["source"] for error in EVERY if error not in THIRD)


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_called_right_is_answered_and_what_is_unknown_is_not(name):
    for error in DRAWN[name]:
        assert (error["after"] == "unknown") == (named(error) is None), error["id"]


def test_no_error_is_in_two_samples():
    sources = [(error["source"], error["error"]) for error in EVERY]
    assert len(set(sources)) == len(sources)


TEXT_ALONE = [
    signature
    for signature in REPORTED
    if all(look.message and not (look.traceback or look.exception) for look in signature.match)
]


@pytest.mark.parametrize("signature", TEXT_ALONE, ids=lambda signature: signature.id)
def test_an_example_is_recognised_as_its_own_signature_or_by_one_of_a_matrix(signature):
    found = diagnose(signature.example, KNOWN, reported=REPORTED).signatures
    assert found
    assert found[0].id == signature.id or found[0] in KNOWN


def test_the_answer_for_samples_of_a_matrix_does_not_change_by_reported_signatures():
    samples = [each for each in read_samples() if each.text and not each.quoted]
    assert len(samples) > 200
    for sample in samples:
        facts = {"head": sample.symptoms.head, "signal": sample.symptoms.signal}
        with_reports = diagnose(sample.text, KNOWN, reported=REPORTED, **facts)
        alone = diagnose(sample.text, KNOWN, **facts)
        assert not alone.known or with_reports.signatures == alone.signatures


def test_reported_signatures_take_no_part_in_a_matrix():
    assert {each.id for each in REPORTED}.isdisjoint(each.id for each in KNOWN)


def test_add_on_libraries_are_told_by_class_operation_and_registered_name():
    assert [each.package for each in owners_of("bayesflow>CouplingFlow")] == ["bayesflow"]
    assert [each.package for each in owners_of("TCN")] == ["keras-tcn"]
    assert [each.package for each in owners_of("Dense")] == []
    assert [each.package for each in owners_of_op("SimpleMLCreateModelResource")] == [
        "tensorflow-decision-forests"
    ]


WRAPPED = {
    "reticulate": "Error in py_call_impl(callable, dots$args, dots$keywords) : \n"
    "  ValueError: Unknown layer: TCN\n\nDetailed traceback:\n"
    '  File "C:\\\\x\\\\keras\\\\engine\\\\saving.py", line 3, in load_model\n',
    "json lines": '{"level": "error", "message": "failed", "exc_info": "Traceback (most recent '
    'call last):\\n  File \\"a.py\\", line 1, in f\\nValueError: Unknown layer: TCN"}\n',
    "timestamps": "2024-01-02 03:04:05,678 - app - ERROR - ValueError: Unknown layer: TCN\n",
    "cut at its beginning": '  File "a.py", line 1, in f\nValueError: Unknown layer: TCN\n',
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_log_is_read_in_whatever_wraps_it(name):
    found = diagnose(WRAPPED[name], KNOWN, reported=REPORTED)
    assert [each.id for each in found.signatures] == ["unknown-layer"]
    assert [owner.package for _, owners in found.addons for owner in owners] == ["keras-tcn"]


def test_unrelated_tracebacks_are_each_answered_and_the_last_known_one_comes_first():
    one, other = cpython(FIRST[0]), cpython(FIRST[10])
    last = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nRuntimeError: odd\n'
    found = diagnose(one + other + last, KNOWN, reported=REPORTED)
    assert [each.id for each in found.signatures] == [FIRST[10]["signature"]]
    assert {each.signatures[0].id if each.known else None for each in found.others} == {
        FIRST[0]["signature"],
        None,
    }


UNKNOWN = """\
Traceback (most recent call last):
  File "/opt/conda/envs/x/lib/python3.9/site-packages/keras/saving/hdf5_format.py", line 3, in f
  File "/opt/conda/envs/x/lib/python3.9/site-packages/keras/layers/x.py", line 3, in from_config
RuntimeError: nobody knows "models/a b.h5"
"""


def test_an_unknown_error_gets_its_stage_owner_versions_and_next_command():
    found = diagnose(UNKNOWN, KNOWN, reported=REPORTED)
    assert not found.known
    assert (found.origin.stage, found.origin.owner) == ("configuration", "keras")
    assert found.origin.compatible.keras.contains("2.10.0")
    assert not found.origin.compatible.keras.contains("3.0.5")
    assert next_commands(found) == (
        "kmatrix inspect 'models/a b.h5'",
        "kmatrix load 'models/a b.h5'",
    )
    assert doctor_command(found) == "kmatrix doctor --python /opt/conda/envs/x/bin/python"


def test_frames_of_versions_where_a_failure_cannot_occur_rule_it_out():
    found = diagnose(cpython(by_id(SECOND, "p16")), KNOWN, reported=REPORTED)
    assert [each.id for each in found.ruled_out] == ["input-list-of-one"]


def by_id(errors, name):
    (found,) = [error for error in errors if error["id"] == name]
    return found
