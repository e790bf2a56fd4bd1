"""What became of a save, and whether its predictions can be the truth. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.evaluate.numbers import compare_outputs
from runner.evaluate.tool_limitations import own_limit
from runner.evaluate.verdict_rules import headline
from runner.model.evidence import Ending
from runner.model.finding import ArtifactStatus

if TYPE_CHECKING:
    from runner.model.evidence import Evidence
    from runner.model.finding import Comparison
    from runner.model.matrix import Tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class SaveFinding:
    """The status of an artifact and one line for it; ``oracle`` is against plain NumPy."""

    status: ArtifactStatus
    reason: str
    oracle: Comparison | None = None


def evaluate_save(
    save: Evidence, *, writes_control: bool, is_control: bool, tolerance: Tolerance
) -> SaveFinding:
    """Tell a missing writer from a model that cannot be saved.

    writes_control: this environment wrote the control model in this format.
    """
    if save.ending is not Ending.DONE:
        return SaveFinding(
            status=ArtifactStatus.FAILED, reason=f"the saver {save.ending} at stage {save.stage}"
        )
    if save.not_available is not None:
        return SaveFinding(status=ArtifactStatus.UNSUPPORTED, reason=save.not_available)
    limit = own_limit(save.failure)
    if limit is not None:
        return SaveFinding(status=ArtifactStatus.UNSUPPORTED, reason=limit)
    if save.failure is not None:
        if is_control or not writes_control:
            return SaveFinding(
                status=ArtifactStatus.UNSUPPORTED,
                reason=f"does not write this format: {headline(save.failure)}",
            )
        return SaveFinding(status=ArtifactStatus.FAILED, reason=headline(save.failure))
    oracle = None
    if save.expected is not None and save.observation is not None:
        oracle = compare_outputs(save.expected, save.observation.outputs, tolerance)
        if not oracle.equal:
            return SaveFinding(
                status=ArtifactStatus.FAILED,
                reason="the saver's own predictions differ from plain NumPy's by up to "
                f"{oracle.max_abs:.3g}",
                oracle=oracle,
            )
    return SaveFinding(status=ArtifactStatus.SAVED, reason="saved", oracle=oracle)
