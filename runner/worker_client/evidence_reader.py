"""A worker's JSON to frozen evidence. Whatever is not what a worker writes is refused here.

Evidence may come from a file that a stranger's code has written, so nothing of it is believed:
neither its types nor its shapes.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from runner.model.evidence import (
    Ending,
    Evidence,
    Failure,
    LayerOutput,
    LayerSummary,
    MalformedEvidenceError,
    Observation,
    SecondTrip,
    Stage,
    TrainState,
    Usage,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.evidence import Array

Found = TypeVar("Found")
WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
KINDS = "biufcU"  # of NumPy's types: numbers, True and False, text


def parse_evidence(text: bytes) -> dict[str, Any]:
    """Return the JSON object of an evidence file. Raises MalformedEvidenceError."""
    try:
        return _typed(json.loads(text), dict)
    except WRONG as error:
        raise MalformedEvidenceError(f"not a JSON object ({error})") from error


def evidence_from_json(data: dict[str, Any]) -> Evidence:
    """Return what the store holds, as a noun. ``data`` is the worker's JSON, the ending merged in.

    Raises MalformedEvidenceError.
    """
    return _checked(_evidence, data)


def failure_from_json(data: dict[str, Any]) -> Failure:
    """Return an exception of the worker's. Raises MalformedEvidenceError."""
    return _checked(_failure, data)


def array_from_json(item: dict[str, Any]) -> Array:
    """One array. Raises MalformedEvidenceError, also where length and shape do not fit."""
    return _checked(_array, item)


def _checked(read: Callable[[dict[str, Any]], Found], data: dict[str, Any]) -> Found:
    try:
        return read(data)
    except MalformedEvidenceError:
        raise
    except WRONG as error:
        raise MalformedEvidenceError(f"{type(error).__name__}: {error}") from error


def _evidence(data: dict[str, Any]) -> Evidence:
    ending = Ending(data.get("ending", "done"))
    if data.get("memory"):
        ending = Ending.MEMORY
    _arrays(data, "inputs")  # the host hands them on to loaders as they are
    kind = data["kind"]
    if kind not in {"save", "load"}:
        raise ValueError(f"kind {kind!r}")
    return Evidence(
        kind=kind,
        ending=ending,
        stage=Stage(data.get("stage", "import")),
        seconds=_number(data.get("seconds", 0.0)),
        failure=_optional(_failure, data.get("failure")),
        signal=_optional(_int, data.get("signal")),
        not_available=_optional(_text, data.get("not_available")),
        warnings=tuple(_text(item) for item in _list(data, "warnings")),
        observation=_observation(data) if "outputs" in data or "variables" in data else None,
        expected=_arrays(data, "expected"),
        log=_text(data.get("log", "")),
        isolated=_typed(data.get("isolated", True), bool),
        save_again=_optional(_failure, data.get("save_again")),
        second_trip=_optional(_second_trip, data.get("second_trip")),
        loaded=_typed(data.get("loaded", False), bool),
        built=_optional(_flag, data.get("built")),
        no_inputs=_optional(_text, data.get("no_inputs")),
    )


def _flag(value: object) -> bool:
    return _typed(value, bool)


def _failure(data: dict[str, Any]) -> Failure:
    return Failure(
        type=_text(data["type"]),
        message=_text(data["message"]),
        traceback=_text(data["traceback"]),
        innermost=_text(data.get("innermost", "")),
    )


def _observation(data: dict[str, Any]) -> Observation:
    return Observation(
        outputs=_arrays(data, "outputs") or (),
        again=_arrays(data, "again"),
        called=_arrays(data, "called"),
        variables=tuple(_variable(item) for item in _list(data, "variables")),
        layers=tuple(_layer(item) for item in _list(data, "layers")),
        config=_optional(_text, data.get("config")),
        layer_outputs=tuple(_layer_output(item) for item in _list(data, "layer_outputs")),
        train_state=_optional(_train_state, data.get("train_state")),
        usage=_optional(_usage, data.get("usage")),
    )


def _usage(data: dict[str, Any]) -> Usage:
    training = _typed(data.get("training") or {}, dict)
    metrics = data.get("metrics")
    return Usage(
        nested=tuple(sorted((name, _text(value)) for name, value in data["nested"].items())),
        trainable=_optional(_int, data.get("trainable")),
        training_random=_optional(_flag, training.get("random")),
        training=_arrays(training, "outputs") or None,
        metrics=tuple((name, _number(metrics[name])) for name in metrics) if metrics else None,
    )


def _second_trip(data: dict[str, Any]) -> SecondTrip:
    return SecondTrip(
        failure=_optional(_failure, data.get("failure")),
        weights=_typed(data.get("weights", True), bool),
        config=_typed(data.get("config", True), bool),
    )


def _variable(item: dict[str, Any]) -> Variable:
    return Variable(
        name=_text(item["name"]),
        shape=tuple(_int(length) for length in _list(item, "shape")),
        dtype=_text(item["dtype"]),
        sha256=_text(item["sha256"]),
        flipped=_optional(_text, item.get("flipped")),
    )


def _layer(item: dict[str, Any]) -> LayerSummary:
    return LayerSummary(
        name=_text(item["name"]),
        layer_class=_text(item["class"]),
        trainable=_typed(item["trainable"], bool),
        weights=_int(item["weights"]),
    )


def _layer_output(item: dict[str, Any]) -> LayerOutput:
    return LayerOutput(
        name=_text(item["name"]),
        layer_class=_text(item["class"]),
        values=_array(item["values"]),
    )


def _train_state(data: dict[str, Any]) -> TrainState:
    return TrainState(
        compiled=_typed(data["compiled"], bool),
        optimizer=_optional(_text, data.get("optimizer")),
        loss=_optional(_text, data.get("loss")),
        iterations=_optional(_int, data.get("iterations")),
        slots=tuple(_text(item) for item in _list(data, "slots")),
    )


def _arrays(data: dict[str, Any], name: str) -> tuple[Array, ...] | None:
    if data.get(name) is None:
        return None
    return tuple(_array(item) for item in _list(data, name))


def _array(item: dict[str, Any]) -> Array:
    import numpy as np  # noqa: PLC0415 - slow to import, and an unchanged run needs no arrays

    raw = base64.b64decode(_text(item["data"]))
    shape = tuple(_int(length) for length in _typed(item["shape"], list))
    dtype = np.dtype(_text(item["dtype"]))
    if dtype.kind not in KINDS or min(shape, default=0) < 0:
        raise ValueError(f"an array of shape {shape} and type {dtype}")
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"an array of shape {shape} and type {dtype} has {len(raw)} bytes")
    if dtype.kind == "U" and np.frombuffer(raw, dtype="<u4").max(initial=0) > sys.maxunicode:
        raise ValueError("a text with numbers that are not characters")  # NumPy would fail later
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


# Plain values


def _typed(value: object, kind: type[Found]) -> Found:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.80} in place of a {kind.__name__}")
    return value


def _text(value: object) -> str:
    return _typed(value, str)


def _int(value: object) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{value} in place of a number")
    return _typed(value, int)


def _number(value: object) -> float:
    return value if isinstance(value, float) else float(_int(value))


def _list(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return [] if value is None else _typed(value, list)


def _optional(read: Callable[[Any], Found], value: object) -> Found | None:
    return None if value is None else read(value)
