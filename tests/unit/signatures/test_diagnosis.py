"""Tracebacks that real environments printed, as they would stand in somebody's log."""

import pytest

from runner.model.signature import EnvironmentVersions
from runner.signatures import load_signatures
from runner.signatures.diagnosis import diagnose, files_in, versions_in
from tests.samples.sample import BEHIND, read_samples

SIGNATURES = load_signatures()
PRINTED = [
    sample
    for sample in read_samples()
    if sample.text and not sample.quoted and sample.signature not in BEHIND
]
NOISE = """\
2026-11-24 06:12:12.345678: I tensorflow/core/platform/cpu_feature_guard.cc:193] This TensorFlow \
binary is optimized with oneAPI Deep Neural Network Library (oneDNN)
To enable them in other operations, rebuild TensorFlow with the appropriate compiler flags.
Epoch 1/2
12/12 [==============================] - 1s 8ms/step - loss: 0.6931 - accuracy: 0.5000
"""


# Another signature has the same text, and comes first where versions do not rule it out.
SECOND = {"layer-without-variables": "legacy-weights-named-weights-h5"}


def ask(sample, text):
    return diagnose(
        text, SIGNATURES, head=sample.symptoms.head, signal=sample.symptoms.signal
    ).signatures


def right(sample, text):
    """Whether a text is diagnosed, first of all, as what the sample is."""
    found = [each.id for each in ask(sample, text)]
    if SECOND.get(sample.signature) in found[:1]:
        found = found[1:]
    return found[:1] == [sample.signature]


def noisy(text):
    """A log as a container prints it."""
    lines = [*NOISE.splitlines(), *text.splitlines(), "container exited with code 1"]
    return "".join(f"loader-1  | {line}\n" for line in lines)


def test_there_are_at_least_forty_real_tracebacks_of_a_matrix():
    by_cells = {sample.text for sample in PRINTED if sample.source.startswith("cell ")}
    assert len(by_cells) >= 40
    assert all("Traceback" in sample.text for sample in PRINTED)


@pytest.mark.parametrize("sample", PRINTED, ids=lambda sample: sample.source)
def test_a_real_traceback_is_diagnosed_as_what_it_is(sample):
    assert right(sample, sample.text)


@pytest.mark.parametrize("sample", PRINTED, ids=lambda sample: sample.source)
def test_a_real_traceback_is_found_in_a_noisy_log_with_a_prefix_on_every_line(sample):
    assert right(sample, noisy(sample.text))


def test_tracebacks_that_changed_places_are_not_diagnosed_as_the_samples_they_came_to():
    """Each sample with the next one's text: the check above fails for every pair."""
    others = [*PRINTED[1:], PRINTED[0]]
    pairs = [pair for pair in zip(PRINTED, others) if pair[0].signature != pair[1].signature]
    fooled = [
        (one.source, other.source)
        for one, other in pairs
        if not one.symptoms.head  # the file's first bytes tell as well
        and [each.id for each in ask(one, other.text)][:1] == [one.signature]
    ]
    assert len(pairs) >= 40
    assert fooled == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TensorFlow version: 2.10.0", EnvironmentVersions(tensorflow="2.10.0")),
        (
            "tensorflow==2.15.1\nkeras==2.15.0\n",
            EnvironmentVersions(tensorflow="2.15.1", keras="2.15.0"),
        ),
        ("tf 2.4 with keras 2.4.3", EnvironmentVersions(tensorflow="2.4", keras="2.4.3")),
        ("tf.__version__ = '1.15.5'", EnvironmentVersions(tensorflow="1.15.5")),
        ('File "/usr/lib/python3.9/site-packages/keras/a.py"', EnvironmentVersions(python="3.9")),
        (r'File "C:\Python311\lib\site-packages\keras\a.py"', EnvironmentVersions(python="3.11")),
        ("keras==2.3.1 here, keras==3.0.0 there", EnvironmentVersions()),
        ("nothing of that kind, 3.14 is pi", EnvironmentVersions()),
    ],
)
def test_versions_that_a_log_names_are_taken_from_it(text, expected):
    assert versions_in(text) == expected


def test_versions_in_the_log_speak_against_a_failure_they_rule_out():
    text = "keras==3.15.1\nTypeError: Unrecognized keyword arguments: ['batch_shape']\n"
    assert diagnose(text, SIGNATURES).signatures == ()
    older = text.replace("3.15.1", "2.10.0")
    assert [each.id for each in diagnose(older, SIGNATURES).signatures] == ["batch-shape"]


def test_an_unknown_failure_has_a_fingerprint_and_no_chance_likeness():
    text = "ValueError: Unknown layout: {!r}. Please ensure you are using a custom_object_scope."
    found = diagnose(text.format("x"), SIGNATURES)
    assert not found.known
    again = diagnose(text.format("other"), SIGNATURES)
    assert found.fingerprint == again.fingerprint
    assert found.nearest == ()  # 30 % alike is chance


def test_an_unknown_failure_like_nothing_else_has_no_nearest():
    found = diagnose("ZeroDivisionError: division by zero", SIGNATURES)
    assert (found.known, found.nearest) == (False, ())


def test_a_bare_message_without_a_traceback_is_enough():
    found = diagnose("Unknown layer: Functional", SIGNATURES)
    assert [each.id for each in found.signatures] == ["functional-class"]


def test_a_warning_alone_is_a_diagnosis_too():
    text = "WARNING:absl:Skipping variable loading for optimizer 'adam', because it has 1 variables"
    assert [each.id for each in diagnose(text, SIGNATURES).signatures] == ["optimizer-state-lost"]


def test_the_first_bytes_of_the_file_say_more_than_the_exception():
    text = "OSError: Unable to open file (file signature not found)"
    found = diagnose(text, SIGNATURES, head="version https://git-lfs.github.com/spec/v1")
    assert [each.id for each in found.signatures] == ["git-lfs-pointer", "not-hdf5"]


def test_model_files_that_a_log_names_are_found():
    text = "load_model('a/model.h5')\nfilepath=b.keras. Please\nopen('notes.txt')"
    assert files_in(text) == ("a/model.h5", "b.keras")
