"""Whether two environments predict the same, from the arrays that they kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.matrix import Tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How two sets of predictions compare."""

    equal: bool
    difference: float
    reason: str


def _noise(moved: Any, values: Any) -> Any:  # noqa: ANN401 - arrays
    """What the last bits of the inputs move in the original itself, times 8, 1e-3 at most."""
    import numpy as np  # noqa: PLC0415 - numpy is slow to import

    most = 1e-3 * np.abs(values).max(initial=0.0)
    return np.minimum(8.0 * np.nan_to_num(moved.astype("float64"), nan=0.0, posinf=0.0), most)


def compare_predictions(first: Path, second: Path, tolerance: Tolerance) -> Agreement:
    """Compare the outputs that two processes kept, the new file's first."""
    import numpy as np  # noqa: PLC0415 - numpy is slow to import

    with np.load(first, allow_pickle=False) as one, np.load(second, allow_pickle=False) as two:
        names = [name for name in two.files if name.startswith("y")]
        if len(one.files) != len(names):
            reason = f"{len(one.files)} outputs, the original has {len(names)}"
            return Agreement(equal=False, difference=float("inf"), reason=reason)
        largest, equal = 0.0, True
        for number in range(len(one.files)):
            ours, theirs = one[f"y{number}"], two[f"y{number}"]
            if ours.shape != theirs.shape:
                reason = f"output {number} has shape {ours.shape}, the original's {theirs.shape}"
                return Agreement(equal=False, difference=float("inf"), reason=reason)
            if ours.dtype.kind not in "fiub" or theirs.dtype.kind not in "fiub":
                equal = equal and bool((ours == theirs).all())
                continue
            ours, theirs = ours.astype("float64"), theirs.astype("float64")
            both = np.isnan(ours) & np.isnan(theirs)
            distance = np.where(both | (ours == theirs), 0.0, np.abs(ours - theirs))
            distance = np.nan_to_num(distance, nan=np.inf)
            largest = max(largest, float(distance.max(initial=0.0)))
            theirs = np.nan_to_num(theirs)
            bound = tolerance.atol + tolerance.rtol * np.abs(theirs)
            if f"n{number}" in two.files:
                bound = bound + _noise(two[f"n{number}"], theirs)
            equal = equal and bool((distance <= bound).all())
    return Agreement(equal=equal, difference=largest, reason=f"predictions differ by {largest:.3g}")
