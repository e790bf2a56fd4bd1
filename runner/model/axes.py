"""The runtime axes of an environment: settings without packages of their own.

A new axis is declared here, has a field in ``Environment``, and takes effect in ``worker/api.py``.
Everything else follows: the key in ``matrix.yaml``, the points on the axes, ids, evidence keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.matrix import Backend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisFacts:
    """What decides whether an environment can have the other value of an axis."""

    backends: tuple[Backend, ...]
    tensorflow: str | None  # its version, if it is known
    keras3: bool
    legacy: bool  # Keras 2 in place of Keras 3 is among the environments


@dataclass(frozen=True, kw_only=True, slots=True)
class RuntimeAxis:
    """A setting that is on or off, and in which environments of one installation can differ."""

    key: str  # in an entry of matrix.yaml: true, false, or a list of both
    field: str  # of Environment
    default: bool
    mark: str  # in the id of an environment that has the other value
    variables: Mapping[bool, Mapping[str, str]]  # what the worker reads; part of evidence keys
    why_not: Callable[[AxisFacts], tuple[str, str] | None]  # message and hint for an entry

    def exists(self, backend: Backend, *, legacy: bool, keras3: bool) -> bool:
        """Whether an environment like this can have the other value."""
        facts = AxisFacts(backends=(backend,), tensorflow="2", keras3=keras3, legacy=legacy)
        return self.why_not(facts) is None


def _why_no_graph_mode(facts: AxisFacts) -> tuple[str, str] | None:
    if Backend.TENSORFLOW not in facts.backends or facts.tensorflow is None:
        return "only TensorFlow can turn eager execution off", ""
    if facts.tensorflow.startswith("1."):
        return "TensorFlow 1 does not use eager execution by default", "leave eager out"
    if facts.keras3 and not facts.legacy:
        return "Keras 3 does not work with eager execution off", "add legacy-keras"
    return None


RUNTIME_AXES = (
    RuntimeAxis(
        key="eager",
        field="eager",
        default=True,
        mark="graph",
        variables={True: {"KMATRIX_EAGER": "1"}, False: {"KMATRIX_EAGER": "0"}},
        why_not=_why_no_graph_mode,
    ),
)
