"""A worker's JSON to frozen evidence."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from runner.model.evidence import (
    Ending,
    Evidence,
    Failure,
    LayerOutput,
    LayerSummary,
    Observation,
    Stage,
    TrainState,
    Variable,
)

if TYPE_CHECKING:
    from runner.model.evidence import Array


def evidence_from_json(data: dict[str, Any]) -> Evidence:
    """What the store holds, as a noun. ``data`` is the worker's JSON, the ending merged in."""
    failure = data.get("failure")
    ending = Ending(data.get("ending", "done"))
    if data.get("memory"):
        ending = Ending.MEMORY
    return Evidence(
        kind=data["kind"],
        ending=ending,
        stage=Stage(data.get("stage", "import")),
        seconds=data.get("seconds", 0.0),
        failure=failure_from_json(failure) if failure else None,
        signal=data.get("signal"),
        not_available=data.get("not_available"),
        warnings=tuple(data.get("warnings", ())),
        observation=_observation(data) if "outputs" in data or "variables" in data else None,
        expected=_arrays(data.get("expected")),
        log=data.get("log", ""),
        isolated=data.get("isolated", True),
        save_again=failure_from_json(data["save_again"]) if data.get("save_again") else None,
    )


def failure_from_json(data: dict[str, str]) -> Failure:
    """An exception of the worker's."""
    return Failure(
        type=data["type"],
        message=data["message"],
        traceback=data["traceback"],
        innermost=data.get("innermost", ""),
    )


def _observation(data: dict[str, Any]) -> Observation:
    return Observation(
        outputs=_arrays(data.get("outputs")) or (),
        again=_arrays(data.get("again")),
        called=_arrays(data.get("called")),
        variables=tuple(
            Variable(
                name=item["name"],
                shape=tuple(item["shape"]),
                dtype=item["dtype"],
                sha256=item["sha256"],
                flipped=item.get("flipped"),
            )
            for item in data.get("variables", ())
        ),
        layers=tuple(
            LayerSummary(
                name=item["name"],
                layer_class=item["class"],
                trainable=item["trainable"],
                weights=item["weights"],
            )
            for item in data.get("layers", ())
        ),
        config=data.get("config"),
        layer_outputs=tuple(
            LayerOutput(
                name=item["name"],
                layer_class=item["class"],
                values=array_from_json(item["values"]),
            )
            for item in data.get("layer_outputs") or ()
        ),
        train_state=_train_state(data.get("train_state")),
    )


def _train_state(data: dict[str, Any] | None) -> TrainState | None:
    if data is None:
        return None
    return TrainState(
        compiled=data["compiled"],
        optimizer=data.get("optimizer"),
        loss=data.get("loss"),
        iterations=data.get("iterations"),
        slots=tuple(data.get("slots", ())),
    )


def _arrays(items: list[dict[str, Any]] | None) -> tuple[Array, ...] | None:
    if items is None:
        return None
    return tuple(array_from_json(item) for item in items)


def array_from_json(item: dict[str, Any]) -> Array:
    """One array. Raises ValueError where length and shape do not fit, as in a damaged file."""
    raw = base64.b64decode(item["data"])
    shape = tuple(int(n) for n in item["shape"])
    dtype = np.dtype(item["dtype"])
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"an array of shape {shape} and type {dtype} has {len(raw)} bytes")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)
