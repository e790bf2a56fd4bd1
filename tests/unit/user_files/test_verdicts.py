from dataclasses import replace

import pytest

from runner.evaluate.file_answer import answer, names
from runner.evaluate.file_findings import (
    FileEvidence,
    Reference,
    attempt_of,
    cell_of,
    choose_reference,
)
from runner.model.evidence import Ending, Observation, Variable
from runner.model.finding import Verdict
from runner.model.matrix import Format, Tolerance
from runner.model.user_file import FileCell
from tests.unit.user_files.things import (
    TF115,
    TF210,
    TF221,
    THEANO,
    died,
    failed,
    inspection,
    predicted,
)

FILE = inspection(keras="2.9.0", tensorflow="2.9")
BATCH_SHAPE = failed("Unrecognized keyword arguments: ['batch_shape']\n", "TypeError")
REFERENCE = Reference(name="tf2.10", outputs=predicted(1.0, 2.0).outputs)


def attempt(tried, route="as-is", candidate=TF221, reference=REFERENCE, file=FILE):
    return attempt_of(
        route,
        tried,
        format_=Format.H5,
        inspection=file,
        candidate=candidate,
        reference=reference,
        tolerance=Tolerance(),
    )


def test_the_same_predictions_as_the_reference_are_a_load():
    found = attempt(predicted(1.0, 2.0))
    assert (found.verdict, found.agrees_with) == (Verdict.IDENTICAL, "tf2.10")


def test_other_predictions_are_drift_and_the_difference_is_told():
    found = attempt(predicted(1.0, 2.5))
    assert found.verdict is Verdict.DRIFTED
    assert "tf2.10" in found.reason
    assert "0.5" in found.reason


def test_another_number_of_outputs_is_drift():
    assert attempt(predicted(1.0, 2.0, 3.0)).verdict is Verdict.DRIFTED


def test_a_model_that_is_random_by_itself_is_no_drift():
    assert attempt(predicted(1.0, 9.0, again=[3.0, 4.0])).verdict is Verdict.DEGRADED


def test_a_refusal_is_recognised_and_told_in_one_line():
    found = attempt(BATCH_SHAPE, candidate=TF210, file=inspection(keras="3.9.2"))
    assert found.verdict is Verdict.REFUSED
    assert "\n" not in found.reason
    assert found.signatures[:1] == ("batch-shape",)


@pytest.mark.parametrize(
    ("tried", "verdict"),
    [
        (died(), Verdict.CRASHED),
        (died(Ending.HUNG, None), Verdict.HUNG),
        (died(Ending.MEMORY, None), Verdict.CRASHED),
    ],
)
def test_a_process_that_ends_badly_is_an_verdict(tried, verdict):
    assert attempt(tried).verdict is verdict


def test_a_load_without_inputs_is_unchecked_and_says_why():
    bare = predicted()
    found = attempt(
        FileEvidence(evidence=replace(bare.evidence, no_inputs="its inputs are text")),
        reference=None,
    )
    assert found.verdict is Verdict.DEGRADED
    assert "its inputs are text" in found.reason


def test_the_reference_is_the_nearest_that_loads_as_is():
    order = (TF115, TF210, TF221)
    tried = {
        "tf1.15": {"as-is": failed("no"), "edited-copy": predicted(5.0)},
        "tf2.10": {"as-is": predicted(1.0)},
        "tf2.21": {"as-is": predicted(2.0)},
    }
    assert choose_reference(order, tried).name == "tf2.10"
    del tried["tf2.10"], tried["tf2.21"]
    assert choose_reference(order, tried).name == "tf1.15"
    assert choose_reference(order, {}) is None


def test_an_environment_where_a_route_helps_is_remedied():
    attempts = [attempt(failed("no")), attempt(predicted(1.0, 2.0), route="compile-false")]
    found = cell_of("tf2.21", attempts, sandbox=False)
    assert (found.verdict, found.route) == (Verdict.REMEDIED, "compile-false")


def test_what_drifts_stays_drifted_though_a_route_helps():
    attempts = [
        attempt(predicted(1.0, 3.0)),
        attempt(predicted(1.0, 2.0), route="as-is+old-hard-sigmoid"),
    ]
    found = cell_of("tf2.21", attempts, sandbox=False)
    assert (found.verdict, found.route) == (Verdict.DRIFTED, "as-is+old-hard-sigmoid")
    assert found.reason == attempts[0].reason
    assert "something else, unless you load it by as-is+old-hard-sigmoid" in answer(FILE, [found])


def load(name, verdict, route=None, attempts=()):
    return FileCell(
        environment=name, verdict=verdict, route=route, reason="because", attempts=attempts
    )


def test_the_answer_says_first_what_works():
    found = answer(
        FILE,
        [
            load("a", Verdict.IDENTICAL, "as-is"),
            load("b", Verdict.REMEDIED, "compile-false"),
            load("c", Verdict.DRIFTED),
            load("d", Verdict.REFUSED),
        ],
    )
    assert found == (
        "loads as is in a; in b load it with compile=False; in c it loads and predicts something "
        "else; fails in d"
    )


def test_the_answer_names_the_known_cause_when_nothing_works():
    refused = attempt(BATCH_SHAPE, candidate=TF210, file=inspection(keras="3.9.2"))
    found = answer(FILE, [load("a", Verdict.REFUSED, attempts=(refused,))])
    assert found.startswith("loads in none of 1 environments: ")
    assert "(batch-shape)" in found


def test_what_could_not_be_tried_is_said():
    assert answer(FILE, [load("a", Verdict.UNAVAILABLE)]) == "not tried in a: because"


def test_long_lists_of_environments_are_cut():
    assert names([load(n, Verdict.IDENTICAL) for n in "ab"]) == "a and b"
    assert names([load(n, Verdict.IDENTICAL) for n in "abcde"]) == "a, b, c and 2 more"


def test_what_a_loader_lacks_is_recognised_as_an_exception_would_be():
    words = "this Keras has no model_from_yaml"
    evidence = replace(failed("").evidence, failure=None, not_available=words)
    found = attempt(FileEvidence(evidence=evidence), reference=None)
    assert (found.verdict, found.signatures) == (Verdict.UNSUPPORTED, ("yaml-removed",))


def test_drift_is_recognised_by_what_the_reference_holds():
    """No saver is here: the environment that loads it as its saver did stands for it."""
    config = '{"class_name": "Model", "config": {"layers": [{"class_name": "Conv1D"}]}}'
    kernel = Variable(name="kernel", shape=(3, 2, 4), dtype="float32", sha256="a" * 64)
    seen = Observation(outputs=predicted(1.0, 2.0).outputs, variables=(kernel,), config=config)
    reference = choose_reference(
        (THEANO,), {"keras2.3.1-theano": {"as-is": with_observation(seen)}}
    )
    drifted = with_observation(replace(seen, outputs=predicted(1.0, 2.5).outputs))
    file = inspection(keras="2.1.3", backend="theano")
    found = attempt(drifted, candidate=TF210, reference=reference, file=file)
    assert (found.verdict, found.signatures) == (Verdict.DRIFTED, ("theano-kernels",))
    expected = Reference(name="expected", outputs=seen.outputs)
    assert attempt(drifted, candidate=TF210, reference=expected, file=file).signatures == ()


def test_a_hang_says_where_it_stood_and_is_recognised_by_it():
    log = (
        "Fatal Python error: Aborted\n\nCurrent thread 0x00007f (most recent call first):\n"
        '  File "/x/theano/sandbox/rng_mrg.py", line 270 in mrg_next_value\n'
        '  File "/x/keras/layers/embeddings.py", line 112 in build\n'
    )
    hung = died(Ending.HUNG, None)
    tried = FileEvidence(evidence=replace(hung.evidence, log=log))
    found = attempt(tried, candidate=THEANO)
    assert found.reason == ("over its time limit at stage read, in mrg_next_value (rng_mrg.py:270)")
    assert found.signatures == ("theano-draws-one-by-one",)
    assert attempt(hung, candidate=THEANO).signatures == ()


def with_observation(observation):
    return FileEvidence(evidence=replace(predicted(0.0).evidence, observation=observation))
