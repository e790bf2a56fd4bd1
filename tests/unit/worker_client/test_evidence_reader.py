import base64

import numpy as np
import pytest

from runner import worker
from runner.model.evidence import Ending, MalformedEvidenceError, Stage
from runner.worker_client.evidence_reader import (
    array_from_json,
    evidence_from_json,
    failure_from_json,
    parse_evidence,
)
from runner.worker_client.starting import first_message, ready_from_json, start_failed
from runner.worker_client.worker_protocol import PROTOCOL

FAILURE = {"type": "ValueError", "message": "no", "traceback": "T", "innermost": "no"}


def array(values, dtype="<f4"):
    values = np.array(values, dtype=dtype)
    data = base64.b64encode(values.tobytes()).decode()
    return {"dtype": values.dtype.str, "shape": list(values.shape), "data": data}


WHOLE = {
    "kind": "load",
    "ending": "done",
    "stage": "compare",
    "stages": [["read", 0.1]],
    "seconds": 1,
    "failure": FAILURE,
    "signal": None,
    "warnings": ["one"],
    "outputs": [array([[1.0, 2.0]])],
    "again": None,
    "called": [array([1], "<i8")],
    "inputs": [array([True], "|b1")],
    "expected": [array([])],
    "variables": [{"name": "w", "shape": [2], "dtype": "float32", "sha256": "d", "flipped": "f"}],
    "layers": [{"name": "l", "class": "Dense", "trainable": True, "weights": 2}],
    "config": "{}",
    "layer_outputs": [{"name": "l", "class": "Dense", "values": array([1.0])}],
    "train_state": {"compiled": True, "optimizer": "Adam", "iterations": 1, "slots": ["d"]},
    "log": "said",
    "isolated": False,
    "save_again": FAILURE,
    "something": "of a later worker",
}


def test_everything_that_a_worker_writes_is_read():
    found = evidence_from_json(WHOLE)
    assert (found.kind, found.ending, found.stage) == ("load", Ending.DONE, Stage.COMPARE)
    assert found.failure.type == found.save_again.type == "ValueError"
    assert np.array_equal(found.observation.outputs[0], [[1.0, 2.0]])
    assert found.observation.again is None
    assert found.observation.called[0].dtype == np.int64
    assert found.observation.variables[0].flipped == "f"
    assert found.observation.layers[0].layer_class == "Dense"
    assert found.observation.train_state.slots == ("d",)
    assert found.expected[0].size == 0
    assert (found.isolated, found.log, found.warnings) == (False, "said", ("one",))


def test_what_is_left_out_has_a_default():
    found = evidence_from_json({"kind": "save"})
    assert (found.stage, found.observation, found.warnings) == (Stage.IMPORT, None, ())
    assert found.isolated


def test_an_exhausted_memory_is_an_ending():
    assert evidence_from_json({**WHOLE, "memory": True}).ending is Ending.MEMORY


CHANGES: dict[str, list[object]] = {
    "kind": ["move", None, 5],
    "ending": ["odd", 1, None],
    "stage": ["odd", 1],
    "seconds": ["1", True, []],
    "failure": ["text", {"type": "E"}, {**FAILURE, "type": 5}, [1]],
    "signal": ["11", 1.5, True],
    "warnings": ["one", [1], {"a": 1}],
    "outputs": ["x", [1], [{}], [{**array([1.0]), "shape": [2]}], {"a": 1}],
    "inputs": [[1]],
    "expected": [[None]],
    "variables": [[{}], [1], [{"name": 1, "shape": [2], "dtype": "f", "sha256": "d"}]],
    "layers": [[{"name": "l"}], [{"name": "l", "class": "D", "trainable": 1, "weights": 2}]],
    "config": [{}],
    "layer_outputs": [[{"name": "l", "class": "D"}]],
    "train_state": [{}, "x", {"compiled": "yes"}, {"compiled": True, "slots": "ab"}],
    "log": [5],
    "isolated": ["yes"],
    "not_available": [5],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in CHANGES.items() for value in values]
)
def test_a_value_of_another_type_is_malformed(name, value):
    with pytest.raises(MalformedEvidenceError):
        evidence_from_json({**WHOLE, name: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [3]},
        {"shape": [-1, -1]},
        {"shape": [1.0]},
        {"shape": 1},
        {"shape": [10**30]},
        {"dtype": "O"},
        {"dtype": "f4,f4"},
        {"dtype": "nothing"},
        {"dtype": 5},
        {"data": 5},
        {"data": "not base64!"},
        {"data": "ü"},
    ],
)
def test_an_array_whose_parts_do_not_fit_is_malformed(changes):
    with pytest.raises(MalformedEvidenceError):
        array_from_json({**array([1.0, 2.0]), **changes})


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 100_000])
def test_a_text_that_is_no_object_is_malformed(text):
    with pytest.raises(MalformedEvidenceError):
        parse_evidence(text)


def test_a_failure_without_its_parts_is_malformed():
    assert failure_from_json(FAILURE).innermost == "no"
    with pytest.raises(MalformedEvidenceError):
        failure_from_json({"type": "E"})


# The first message of a worker


def messages(*lines):
    found = iter(lines)
    return lambda _limit: next(found, b"")


def test_the_first_message_is_found_behind_other_lines():
    message, stray = first_message(messages(b"hello\n", b"5\n", b'{"event": "ready"}\n', b"later"))
    assert message == {"event": "ready"}
    assert stray == b"hello\n5\n"


def test_without_a_message_everything_is_stray():
    assert first_message(messages(b"hello\n", b'{"event": "ended"}\n')) == (
        {},
        b'hello\n{"event": "ended"}\n',
    )


def test_endless_noise_is_not_read_for_ever():
    message, stray = first_message(lambda _limit: b"noise" * 1000)
    assert message == {}
    assert len(stray) < 2 << 20


def test_a_ready_message_tells_versions_in_order():
    ready = ready_from_json(
        {"protocol": 1, "seconds": 1, "versions": {"b": "2", "a": "1"}, "packages": {}}
    )
    assert ready.versions == (("a", "1"), ("b", "2"))
    assert ready_from_json({"protocol": 1, "seconds": 1, "versions": [], "packages": {}}) is None
    assert ready_from_json({}) is None


def test_host_and_worker_speak_the_same_protocol():
    assert worker.PROTOCOL == PROTOCOL
    ready = {"seconds": 1, "versions": {}, "packages": {}}
    assert ready_from_json({**ready, "protocol": PROTOCOL}) is not None
    assert ready_from_json({**ready, "protocol": PROTOCOL + 1}) is None
    assert ready_from_json(ready) is None


def test_text_is_read_and_what_is_not_text_is_refused():
    whole = evidence_from_json({**WHOLE, "outputs": [array(["the film", "größe"], "<U8")]})
    assert whole.observation.outputs[0].tolist() == ["the film", "größe"]
    odd = array(["a"], "<U1") | {"data": base64.b64encode(b"\xff\xff\xff\x7f").decode()}
    with pytest.raises(MalformedEvidenceError):
        evidence_from_json({**WHOLE, "outputs": [odd]})


def test_a_load_without_weights_says_so():
    found = evidence_from_json({**WHOLE, "loaded": True, "built": False, "no_inputs": "no weights"})
    assert (found.loaded, found.built, found.no_inputs) == (True, False, "no weights")
    assert evidence_from_json(WHOLE).built is None


@pytest.mark.parametrize(
    ("message", "limit", "reason"),
    [
        ({"failure": FAILURE}, None, "its Keras does not import: ValueError: no"),
        ({"failure": FAILURE}, 3.0, "its Keras does not import: ValueError: no"),
        ({}, 3.0, "its Keras was not imported within 3 s"),
        (
            {"event": "ready", "protocol": 7, "versions": {}},
            None,
            (
                "its worker speaks version 7 of the protocol, kmatrix version 1: "
                "remove the folder worker in the build folder"
            ),
        ),
        ({"failure": "odd"}, None, "its interpreter died while importing Keras"),
        ({}, None, "its interpreter died while importing Keras"),
    ],
)
def test_why_a_worker_did_not_start(message, limit, reason):
    failed = start_failed(message, limit, "log")
    assert str(failed) == reason
    assert failed.log == "log"
