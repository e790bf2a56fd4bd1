"""Whether two environments predict the same, from the arrays that they kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.matrix import Tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How two sets of predictions compare."""

    equal: bool
    difference: float
    reason: str


def compare_predictions(first: Path, second: Path, tolerance: Tolerance) -> Agreement:
    """Compare the outputs that two processes kept."""
    import numpy as np  # noqa: PLC0415 - numpy is slow to import

    with np.load(first, allow_pickle=False) as one, np.load(second, allow_pickle=False) as two:
        if len(one.files) != len(two.files):
            reason = f"{len(one.files)} outputs, the original has {len(two.files)}"
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
            bound = tolerance.atol + tolerance.rtol * np.abs(np.nan_to_num(theirs))
            equal = equal and bool((distance <= bound).all())
    return Agreement(equal=equal, difference=largest, reason=f"predictions differ by {largest:.3g}")
