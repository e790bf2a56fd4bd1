"""The signatures that come with kmatrix, against samples of real loads."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from runner.model.evidence import Failure
from runner.model.signature import Symptoms
from runner.signatures import load_signatures, recognise
from runner.signatures.tracebacks import raised_in
from tests.samples.sample import BEHIND, read_samples

SIGNATURES = load_signatures()
BY_ID = {signature.id: signature for signature in SIGNATURES}
SAMPLES = read_samples()
RECORDED = [sample for sample in SAMPLES if not sample.quoted]
FAILED = [sample for sample in RECORDED if sample.symptoms.failure is not None]
NAMES = [f"{sample.signature} {sample.source}" for sample in SAMPLES]
# An older survey of such failures, in regular expressions of its own: another pair of eyes.
SURVEY = Path(__file__).with_name("survey.txt")
# Where the survey calls something by another name, and why that is no contradiction.
OTHERWISE = {
    "state-among-the-inputs": "F24",  # the same words of a nested model
    "batch-normalization-feature": "F19",  # that key holds no default, so it cannot be dropped
    "checkpoint-into-keras3": "F01",  # it knows checkpoints by a folder called ckpt alone
    "class-arguments-changed": "F33",  # it does not ask whether the class is Keras' own
    "optimizer-decay-ignored": "F11",  # it does not look behind the exception of the cell
    "optimizer-unknown": "F04",  # it does not tell an optimizer from a layer
    "git-lfs-pointer": "F18",  # it does not look at the file
    "refused-by-its-saver": "F21",  # it does not know who saved the file
    "operation-in-h5": "F04",  # it does not know all operations
}


@cache
def shown(sample):
    return recognise(sample.symptoms, SIGNATURES)


def test_there_are_more_than_seventy_signatures_of_different_ids_and_titles():
    assert len(SIGNATURES) >= 70
    for values in (
        [each.id for each in SIGNATURES],
        [each.title for each in SIGNATURES],
        [each.example for each in SIGNATURES],
    ):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_every_class_of_failures_and_of_silent_failures_has_a_signature():
    codes = {signature.code[:3] for signature in SIGNATURES}
    wanted = {f"F{n:02d}" for n in range(1, 73)} | {f"S{n:02d}" for n in range(1, 22)}
    assert wanted - codes == set()


def test_every_signature_has_a_sample_and_every_sample_a_signature():
    with_sample = {sample.signature for sample in SAMPLES}
    assert set(BY_ID) - with_sample == set()
    assert with_sample - set(BY_ID) == set()


def test_a_signature_is_called_quoted_exactly_where_no_sample_of_it_was_recorded():
    recorded = {sample.signature for sample in RECORDED}
    assert {each.id for each in SIGNATURES if each.quoted} == set(BY_ID) - recorded


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_sample_is_recognised_first_of_all_as_what_it_is(sample):
    found = shown(sample)
    assert sample.signature in (found if sample.signature in BEHIND else found[:1])


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_sample_shows_few_signatures(sample):
    assert len(shown(sample)) <= 4


def test_no_signature_matches_everything():
    fits = {each.id: set() for each in SIGNATURES}
    for sample in SAMPLES:
        for found in shown(sample):
            fits[found].add(sample.signature)
    assert {name: len(others) for name, others in fits.items() if len(others) > 10} == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "something went wrong",
        "Graph execution error",
        "list index out of range",
        "division by zero",
        "CUDA out of memory",
        "No module named 'pandas'",
        "Unable to load the configuration",
        "'NoneType' object has no attribute 'shape'",
        "unsupported operand type(s) for +: 'int' and 'str'",
    ],
)
def test_errors_that_have_nothing_to_do_with_saved_models_show_nothing(text):
    failure = Failure(type="ValueError", message=text, traceback=f"ValueError: {text}")
    assert recognise(Symptoms(failure=failure), SIGNATURES) == ()


def test_samples_whose_messages_were_exchanged_are_not_taken_for_what_they_were():
    fooled = []
    for one, other in zip(FAILED, [*FAILED[1:], FAILED[0]], strict=True):
        if one.signature in shown(other):
            continue  # the other message says so as well
        swapped = replace(one.symptoms, failure=other.symptoms.failure)
        if recognise(swapped, SIGNATURES)[:1] == (one.signature,) and not one.symptoms.head:
            fooled.append((one.source, other.source))
    assert fooled == []


def test_the_survey_calls_every_recorded_message_by_the_same_code():
    differ = {}
    for sample in FAILED:
        surveyed = _surveyed(sample.symptoms.failure)
        ours = BY_ID[sample.signature].code[:3]
        if surveyed and ours not in surveyed.split("/"):
            differ[sample.signature] = surveyed
    assert differ == OTHERWISE


def _surveyed(failure):
    text = failure.innermost or raised_in(failure.traceback)[-1].innermost
    for line in SURVEY.read_text().splitlines():
        code, pattern = line.split("\t")
        if re.search(pattern, text):
            return code
    return None


def test_remedies_and_links_say_something():
    for signature in SIGNATURES:
        assert signature.remedies, signature.id
        assert signature.links, signature.id
        assert 12 <= len(signature.cause.split()) <= 90, signature.id
        assert all(len(remedy.text) <= 160 for remedy in signature.remedies), signature.id


def test_most_samples_were_recorded_and_not_quoted():
    assert len(RECORDED) >= 100
    assert len({sample.signature for sample in RECORDED}) >= 100
