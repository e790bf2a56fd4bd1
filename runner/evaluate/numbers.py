"""Numbers against numbers: outputs by tolerance, weights by digest. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.model.finding import Comparison, WeightsComparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from runner.model.evidence import Array, Variable
    from runner.model.matrix import Tolerance

    Floats = NDArray[np.float64]


def compare_outputs(
    saved: Sequence[Array], loaded: Sequence[Array], tolerance: Tolerance
) -> Comparison:
    """Apply ``|loaded - saved| <= atol + rtol * |saved|`` for every element of every output.

    Two NaNs at one place are equal, and so are two infinities of one sign. Another number of
    outputs or another shape is never equal.
    """
    import numpy as np  # noqa: PLC0415 - slow to import, and an unchanged run needs no arrays

    elements = sum(int(value.size) for value in saved)
    shape = _shape_reason(saved, loaded)
    if shape is not None:
        return Comparison(
            equal=False,
            rtol=tolerance.rtol,
            atol=tolerance.atol,
            elements=elements,
            mismatched=elements,
            max_abs=float("inf"),
            reason=shape,
        )
    mismatched, max_abs, worst, excess = 0, 0.0, None, 0.0
    for number, (one, other) in enumerate(zip(saved, loaded, strict=True)):
        difference, over = _differences(one, other, tolerance)
        mismatched += int(np.count_nonzero(over > 1.0))
        if one.size:
            max_abs = max(max_abs, float(difference.max()))
            place = np.unravel_index(int(over.argmax()), over.shape)
            if worst is None or over[place] > excess:
                excess = float(over[place])
                worst = (number, *(int(axis) for axis in place))
    return Comparison(
        equal=mismatched == 0,
        rtol=tolerance.rtol,
        atol=tolerance.atol,
        elements=elements,
        mismatched=mismatched,
        max_abs=max_abs,
        worst_saved=_at(saved, worst),
        worst_loaded=_at(loaded, worst),
        worst_index=worst,
        reason=_text_reason(saved, worst) if mismatched else None,
    )


def _text_reason(saved: Sequence[Array], worst: tuple[int, ...] | None) -> str | None:
    """Texts have no size of a difference."""
    if worst is None or saved[worst[0]].dtype.kind != "U":
        return None
    return f"output {worst[0]} is text, and another one"


def _differences(saved: Array, loaded: Array, tolerance: Tolerance) -> tuple[Floats, Floats]:
    """Return the difference of each element, and how many times what is allowed it is.

    Texts are equal or not at all.
    """
    import numpy as np  # noqa: PLC0415 - slow to import, and an unchanged run needs no arrays

    if "U" in {saved.dtype.kind, loaded.dtype.kind}:
        other = np.where(saved.astype(str) == loaded.astype(str), 0.0, np.inf)
        return other, other
    left, right = saved.astype("float64"), loaded.astype("float64")
    with np.errstate(invalid="ignore", over="ignore"):
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        difference = np.where(same, 0.0, np.abs(right - left))
        difference = np.where(np.isnan(difference), np.inf, difference)
        allowed = tolerance.atol + tolerance.rtol * np.abs(left)
        over = np.where(same, 0.0, difference / np.where(np.isfinite(allowed), allowed, 1.0))
    return difference, over


def _shape_reason(saved: Sequence[Array], loaded: Sequence[Array]) -> str | None:
    if not saved:
        return "nothing was predicted by the saver"
    if len(saved) != len(loaded):
        return f"the saver has {len(saved)} outputs, the loader {len(loaded)}"
    for number, (one, other) in enumerate(zip(saved, loaded, strict=True)):
        if one.shape != other.shape:
            return f"output {number} has shape {one.shape} saved and {other.shape} loaded"
    return None


def _at(arrays: Sequence[Array], index: tuple[int, ...] | None) -> float | None:
    if index is None or arrays[index[0]].dtype.kind == "U":
        return None
    return float(arrays[index[0]][index[1:]])


def compare_weights(saved: Sequence[Variable], loaded: Sequence[Variable]) -> WeightsComparison:
    """Match floating arrays by shape and digest, whatever their order and names.

    Seeds and counters are no weights: Keras 3 has them where Keras 2 has none.
    """
    ours = [variable for variable in saved if _is_float(variable)]
    theirs = [variable for variable in loaded if _is_float(variable)]
    left = Counter(variable.sha256 for variable in ours)
    right = Counter(variable.sha256 for variable in theirs)
    equal = sum((left & right).values())
    missing = left - right
    flips = Counter(variable.flipped for variable in theirs if variable.flipped is not None)
    flipped = sum((missing & flips).values())
    return WeightsComparison(saved=len(ours), loaded=len(theirs), equal=equal, flipped=flipped)


def _is_float(variable: Variable) -> bool:
    return "float" in variable.dtype
